/** Was started with a secret as descriptor 43. Prints it, and what a program in a sandbox of its own has there. */
import { readFileSync } from "node:fs";
import { createBubblewrap } from "./bubblewrap/bubblewrap.js";
import { DEFAULT_SANDBOX_LIMITS } from "./limits.js";

const [work = ""] = process.argv.slice(2);
const started = await createBubblewrap().start({
  argv: ["/bin/bash", "-c", "for fd in /proc/self/fd/*; do readlink $fd; timeout 1 head -c 100 <&43 2>/dev/null; done"],
  cwd: work,
  env: { PATH: "/usr/bin:/bin" },
  identity: `inherits-${process.pid}`,
  profile: { work: { path: work, access: "write" }, visible: [], doors: [], limits: DEFAULT_SANDBOX_LIMITS },
});
const inside = await new Response(started.stdout).text();
process.stdout.write(JSON.stringify({ outside: readFileSync(43, "utf8"), inside }));
