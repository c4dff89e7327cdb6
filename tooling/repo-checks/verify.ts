/** Every gate but the tests, in order, each timed. All are run, so that one failure does not hide the next. */
import { run } from "./lib.ts";

const GATES: readonly [name: string, ...command: [string, ...string[]]][] = [
  ["format", "node", "tooling/repo-checks/format.ts"],
  ["lint", "node", "tooling/repo-checks/lint.ts"],
  ["types", "node", "tooling/repo-checks/types.ts"],
  ["layers", "node", "tooling/repo-checks/layers.ts"],
  ["unused", "node", "tooling/repo-checks/unused.ts"],
  ["manifests", "node", "tooling/repo-checks/manifests.ts"],
  ["proofs", "node", "tooling/repo-checks/proofs.ts"],
  ["changesets", "node", "tooling/repo-checks/changesets.ts"],
  ["build", "turbo", "run", "build", "--output-logs=errors-only"],
  ["packages", "node", "tooling/repo-checks/packages.ts"],
  ["embed", "node", "tooling/repo-checks/embed.ts"],
  ["api", "node", "tooling/repo-checks/api.ts"],
];

const failed: string[] = [];
for (const [name, command, ...args] of GATES) {
  const started = performance.now();
  const { code, output } = run(command, args);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (code !== 0) {
    failed.push(name);
    console.log(output);
  }
}
if (failed.length > 0) {
  console.error(`verify failed: ${failed.join(", ")}`);
  process.exit(1);
}
console.log(`verify: ${GATES.length} gates passed`);
