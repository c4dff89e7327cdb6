/**
 * Runs the conformance suites and prints what each backend passes: suite x backend, counts, and every skip with its reason.
 *
 *   node tooling/conformance/run.ts
 *
 * Exit code 1 when a test failed or a suite was not run.
 */
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { root, run } from "../repo-checks/lib.ts";

interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly Assertion[] }[];
}

interface Assertion {
  /** The suite with its backend, the group where there is one, and nothing of the test itself. */
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
}

interface Result {
  readonly suite: string;
  readonly backend: string;
  readonly title: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

/** Folders of the tests that hold an adapter to its port's contract. */
const FILES = [
  "tests/src/store/",
  "tests/src/forge/",
  "tests/src/runtime/",
  "packages/testing/src/memory-store/",
  "packages/testing/src/forge/",
];
const SUITE = /^(?<suite>.+) conformance: (?<backend>.+)$/;
/** Names of tests that are not for a backend: the name, then the reason. */
const NAMED = /^(?<name>.*?) \((?:not here: )?(?<reason>.*)\)$/;

const reportFile = path.join(root, ".artifacts/conformance.json");
mkdirSync(path.dirname(reportFile), { recursive: true });
const args = [
  "run",
  "--project",
  "testing",
  "--project",
  "tests",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${reportFile}`,
  ...FILES,
];
const { code } = run("vitest", args, { show: process.argv.includes("--verbose") });
const report = JSON.parse(readFileSync(reportFile, "utf8")) as Report;
const results = report.testResults.flatMap(({ assertionResults }) => assertionResults.flatMap(resultOf));

function resultOf({ ancestorTitles, title, status }: Assertion): readonly Result[] {
  const named = ancestorTitles.map((one) => SUITE.exec(one)?.groups).find((groups) => groups !== undefined);
  const { suite, backend } = named ?? {};
  if (suite === undefined || backend === undefined) return [];
  // A forge's skipped behaviour is run all the same, and must fail.
  const isSkip = status === "skipped" || status === "pending" || title.includes("(not here: ");
  return [{ suite, backend, title, outcome: status === "failed" ? "failed" : isSkip ? "skipped" : "passed" }];
}

const suites = [...new Set(results.map(({ suite }) => suite))].toSorted();
const backends = [...new Set(results.map(({ backend }) => backend))];
const count = (suite: string, backend: string, outcome: Result["outcome"]): number =>
  results.filter((one) => one.suite === suite && one.backend === backend && one.outcome === outcome).length;

function cell(suite: string, backend: string): string {
  const [passed, failed, skipped] = (["passed", "failed", "skipped"] as const).map((outcome) => count(suite, backend, outcome));
  if (passed === 0 && failed === 0 && skipped === 0) return "–";
  return `${passed} passed${failed === 0 ? "" : `, ${failed} FAILED`}${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

console.log(`| suite | ${backends.join(" | ")} |`);
console.log(`| --- |${" --- |".repeat(backends.length)}`);
for (const suite of suites) console.log(`| ${suite} | ${backends.map((backend) => cell(suite, backend)).join(" | ")} |`);
const skips = results.filter(({ outcome }) => outcome === "skipped");
for (const { suite, backend, title } of skips) {
  const { name = title, reason = "no reason is given" } = NAMED.exec(title)?.groups ?? {};
  console.log(`skipped: ${suite}, ${backend}: ${name}: ${reason}`);
}

const missing = ["forge", "runtime", "store"].filter((suite) => !suites.includes(suite));
if (missing.length > 0) console.error(`not run: ${missing.join(", ")}`);
if (code !== 0) console.error("vitest failed; see its report with --verbose");
process.exitCode = code === 0 && missing.length === 0 ? 0 : 1;
