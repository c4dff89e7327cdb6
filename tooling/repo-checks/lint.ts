/** oxlint over the repository, then over a file that breaks every rule of the pure packages: rules that match nothing must not pass. */
import { conclude, run } from "./lib.ts";

const FIXTURE = "tooling/repo-checks/fixtures/impure.ts";
const REFUSALS: readonly [needle: string, times: number][] = [
  ["no-restricted-imports", 1],
  ["no-restricted-globals", 6],
  ["no-restricted-properties", 2],
  ["no-explicit-any", 1],
  ["switch-exhaustiveness-check", 1],
  ["no-floating-promises", 1],
];

const lint = run("oxlint", ["--type-aware", "--deny-warnings", "--ignore-pattern", "tooling/repo-checks/fixtures/**"]);
process.stdout.write(lint.output);
const looked = Number(/on (\d+) files/.exec(lint.output)?.[1] ?? 0);
const problems = lint.code === 0 ? [] : ["oxlint found problems (above)"];

const canary = run("oxlint", ["--type-aware", FIXTURE]).output;
for (const [needle, times] of REFUSALS) {
  const found = canary.split(`(${needle})`).length - 1;
  if (found < times) problems.push(`${FIXTURE}: ${needle} refused ${found} times, expected at least ${times}: the rule is blind`);
}
conclude("lint", looked, "files", problems);
