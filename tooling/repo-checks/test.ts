/** Builds, runs every test, and prints the counts of vitest's own report as the last line. Fails when a test failed or none passed. */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { root, run } from "./lib.ts";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
}

const build = run("turbo", ["run", "build", "--output-logs=errors-only"], { show: true });
if (build.code !== 0) {
  console.error("the build failed: no test was run");
  process.exit(1);
}

const reportFile = path.join(root, ".artifacts/vitest.json");
mkdirSync(path.dirname(reportFile), { recursive: true });
rmSync(reportFile, { force: true });
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
const vitest = run("vitest", ["run", ...reporters, ...process.argv.slice(2)], { show: true });
if (!existsSync(reportFile)) {
  console.error("vitest wrote no report");
  process.exit(1);
}

const report = JSON.parse(readFileSync(reportFile, "utf8")) as Report;
const skipped = report.numPendingTests + report.numTodoTests;
const ok = vitest.code === 0 && report.success && report.numFailedTests === 0 && report.numPassedTests > 0;
if (!ok && report.numFailedTests === 0) console.error(`vitest ended with code ${vitest.code} outside of any single test: see above`);
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exit(ok ? 0 : 1);
