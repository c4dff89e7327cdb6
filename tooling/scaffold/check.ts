/**
 * `pnpm scaffold:check`: adds one of everything to a copy of this repository, and holds what was added to the rules of the repository:
 * format, types, lint and layers have nothing to say, and its tests and the suites that cover it now pass. What it takes to add each is
 * printed as a table: the files that are new, and the lines that existing files got.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { conclude, root, run } from "../repo-checks/lib.ts";
import { copyRepository } from "./copy.ts";
import { namesOf } from "./names.logic.ts";
import { fill, isOnlyLonger, type Plan } from "./plan.logic.ts";
import { tableOf, testsOf, type Row, type RanTest, type TestReport } from "./report.logic.ts";
import { addThing } from "./scaffold.ts";
import type { Thing } from "./thing.ts";
import { things } from "./things/index.ts";

/** One name of each. They differ in every part, so that a test of one is not counted for another. */
const NAMES: Readonly<Record<string, string>> = {
  "step-kind": "security-scan",
  gate: "licence-policy",
  forge: "gitlab",
  store: "turso",
  channel: "matrix",
  module: "reminders",
  aggregate: "schedules",
};

interface Added {
  readonly thing: Thing;
  readonly plan: Plan;
  /** Tests that exist already and hold it as well. */
  readonly suites: Thing["suites"];
}

const problems: string[] = [];
const rows = checkedInCopy();
console.log(tableOf(rows));
conclude("scaffold", rows.length, "things", problems);

function checkedInCopy(): readonly Row[] {
  using copy = copyRepository(root);
  const added = things.map((thing) => add(copy.root, thing));
  const written = [...new Set(added.flatMap(({ plan }) => [...plan.writes.keys()]))];
  hold(copy.root, "format", "oxfmt", ["--check", ...written]);
  hold(copy.root, "types", "node", ["node_modules/typescript-native/bin/tsc", "-b", "--pretty", "false"]);
  hold(copy.root, "lint", "oxlint", ["--type-aware", "--deny-warnings", ...written]);
  hold(copy.root, "layers", "node", ["tooling/repo-checks/layers.ts"]);
  const suites = added.flatMap((one) => one.suites);
  const tests = [
    ...runTests(
      copy.root,
      added.flatMap(({ plan }) => plan.created.filter(isTestFile)),
    ),
    ...runTests(
      copy.root,
      suites.map(({ file }) => file),
      suites.map(({ title }) => title),
    ),
  ];
  problems.push(...tests.filter(({ passed }) => !passed).map(({ file, name, message }) => `${file}: ${name}: ${message}`));
  return added.map((one) => rowOf(one, tests));
}

/** Adds one, and holds the files that existed to the lines that the plan names. */
function add(copy: string, thing: Thing): Added {
  const name = NAMES[thing.what] ?? "samples";
  const textOf = (file: string): string => readFileSync(path.join(copy, file), "utf8");
  const before = new Map(thing.lines.map(({ file }) => [file, textOf(file)]));
  const plan = addThing(copy, thing.what, name);
  for (const [file, text] of before) {
    const additions = plan.lines.flatMap((line) => (line.file === file ? [line.text] : []));
    if (!isOnlyLonger(text, textOf(file), additions))
      problems.push(`${thing.what}: ${file} changed in more than the lines that were added`);
  }
  return { thing, plan, suites: thing.suites.map(({ file, title }) => ({ file, title: fill(title, namesOf(name)) })) };
}

/** Runs a program in the copy; a refusal is a problem. */
function hold(copy: string, what: string, command: string, args: readonly string[]): void {
  const { code, output } = run(command, args, { cwd: copy });
  if (code !== 0) problems.push(`${what}:\n${output.slice(-4000)}`);
}

/** Runs the tests of these files whose name has one of these parts. Default: all of them. */
function runTests(copy: string, files: readonly string[], titles: readonly string[] = []): readonly RanTest[] {
  const report = path.join(copy, `.artifacts/scaffold-${titles.length}.json`);
  const only = titles.length === 0 ? [] : ["-t", titles.join("|")];
  const { output } = run("vitest", ["run", ...new Set(files), ...only, "--reporter=json", `--outputFile=${report}`], { cwd: copy });
  if (!existsSync(report)) throw new Error(`vitest wrote no report:\n${output}`);
  return testsOf(JSON.parse(readFileSync(report, "utf8")) as TestReport, copy);
}

/** What it took, and its tests. A suite that ran no test of it is a problem, and so is a thing without any. */
function rowOf({ thing, plan, suites }: Added, tests: readonly RanTest[]): Row {
  const own = tests.filter(({ file }) => plan.created.includes(file));
  const bySuite = suites.map(({ file, title }) => ({ file, ran: tests.filter((test) => test.file === file && test.name.includes(title)) }));
  problems.push(...bySuite.filter(({ ran }) => ran.length === 0).map(({ file }) => `${thing.what}: no test of it ran in ${file}`));
  const ran = [...own, ...bySuite.flatMap((suite) => suite.ran)];
  if (ran.length === 0) problems.push(`${thing.what}: none of its tests ran`);
  return { what: thing.what, name: NAMES[thing.what] ?? "samples", plan, tests: ran };
}

function isTestFile(file: string): boolean {
  return file.endsWith(".test.ts");
}
