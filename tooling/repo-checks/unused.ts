/** Unused files, exports and dependencies, by knip. */
import { conclude, run } from "./lib.ts";

const knip = run("knip", [
  "--no-progress",
  "--no-config-hints",
  "--reporter",
  "symbols",
  "--reporter",
  "./tooling/repo-checks/knip-count.ts",
]);
process.stdout.write(knip.output);
const looked = Number(/unused: (\d+) files looked at/.exec(knip.output)?.[1] ?? 0);
conclude("unused", looked, "files", knip.code === 0 ? [] : ["knip found problems (above)"]);
