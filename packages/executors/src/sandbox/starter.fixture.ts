/**
 * A starter for tests to kill: `node starter.fixture.ts <work> <identity>` starts, in a sandbox, a program of that name and a child of it
 * that left its group, and waits for their end, which never comes.
 */
import { createBubblewrap } from "./bubblewrap/bubblewrap.js";
import { DEFAULT_SANDBOX_LIMITS } from "./limits.js";

const [work = "", identity = ""] = process.argv.slice(2);
process.stdout.write("begins\n");
const started = await createBubblewrap().start({
  argv: ["/bin/sh", "-c", `cp /usr/bin/sleep ${identity}; echo began >began; setsid ./${identity} 1000 & ./${identity} 1000`],
  cwd: work,
  env: { PATH: "/usr/bin:/bin" },
  identity,
  profile: { work: { path: work, access: "write" }, visible: [], doors: [], limits: DEFAULT_SANDBOX_LIMITS },
});
process.stdout.write("started\n");
await started.exited;
