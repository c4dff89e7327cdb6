/**
 * `pnpm scaffold:check`: adds one of everything to a copy of this repository, and holds what was added to the rules of the repository:
 * types, lint, format and layers have nothing to say, and its tests and the suites that cover it now pass. What it takes to add each is
 * printed as a table: the files that are new, and the lines that existing files got.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { conclude, root, run } from "../repo-checks/lib.ts";
import { copyRepository } from "./copy.ts";
import { namesOf } from "./names.logic.ts";
import { fill, isOnlyLonger, linesOf, type Plan } from "./plan.logic.ts";
import { testsOf, type RanTest, type TestReport } from "./report.logic.ts";
import { addThing } from "./scaffold.ts";
import type { Thing } from "./thing.ts";
import { things } from "./things/index.ts";

/** One name of each. They differ in every part, so that a test of one is not counted for another. */
const NAMES: Readonly<Record<string, string>> = {
  "step-kind": "security-scan",
  gate: "licence-policy",
  forge: "gitlab",
  module: "reminders",
  aggregate: "schedules",
  store: "turso",
  channel: "matrix",
};

interface Added extends Plan {
  readonly thing: Thing;
  readonly name: string;
}

const problems: string[] = [];
using copy = copyRepository(root);
const added = things.map((thing) => add(thing, NAMES[thing.what] ?? "sample"));
const written = [...new Set(added.flatMap(({ writes }) => [...writes.keys()]))];
hold("format", "oxfmt", ["--check", ...written]);
hold("types", "node", ["node_modules/typescript-native/bin/tsc", "-b", "--pretty", "false"]);
hold("lint", "oxlint", ["--type-aware", "--deny-warnings", ...written]);
hold("layers", "node", ["tooling/repo-checks/layers.ts"]);
const tests = [
  ...testRun(added.flatMap(({ created }) => created.filter((file) => file.endsWith(".test.ts")))),
  ...testRun(
    added.flatMap(({ thing }) => thing.suites.map(({ file }) => file)),
    added.flatMap(suiteTitles),
  ),
];
problems.push(...tests.filter(({ passed }) => !passed).map(({ file, name, message }) => `${file}: ${name}: ${message}`));
console.log(table());
conclude("scaffold", added.length, "things", problems);

/** Adds one, and holds the files that existed to the lines that the plan names. */
function add(thing: Thing, name: string): Added {
  const lists = [...new Set(thing.lines.map(({ file }) => file))];
  const before = new Map(lists.map((file) => [file, textOf(file)]));
  const plan = addThing(copy.root, thing.what, name);
  for (const [file, text] of before) {
    const additions = plan.lines.flatMap((line) => (line.file === file ? [line.text] : []));
    if (!isOnlyLonger(text, textOf(file), additions))
      problems.push(`${thing.what}: ${file} changed in more than the lines that were added`);
  }
  return { ...plan, thing, name };
}

/** Runs a program in the copy; a refusal is a problem. */
function hold(what: string, command: string, args: readonly string[]): void {
  const { code, output } = run(command, args, { cwd: copy.root });
  if (code !== 0) problems.push(`${what}:\n${output.slice(-4000)}`);
}

/** Tests of these files of the copy whose name has one of these parts. Default: all of them. */
function testRun(files: readonly string[], titles: readonly string[] = []): readonly RanTest[] {
  const report = path.join(copy.root, ".artifacts/scaffold.json");
  const only = titles.length === 0 ? [] : ["-t", titles.join("|")];
  const { output } = run("vitest", ["run", ...new Set(files), ...only, "--reporter=json", `--outputFile=${report}`], { cwd: copy.root });
  if (!existsSync(report)) throw new Error(`vitest wrote no report:\n${output}`);
  return testsOf(JSON.parse(readFileSync(report, "utf8")) as TestReport, copy.root);
}

function suiteTitles({ thing, name }: Added): readonly string[] {
  return thing.suites.map(({ title }) => fill(title, namesOf(name)));
}

/** `what | new files | lists | tests`. */
function table(): string {
  const rows = added.map(({ thing, name, created, lines }) => {
    const own = tests.filter(({ file }) => created.includes(file));
    const titles = suiteTitles({ thing, name, created, lines, writes: new Map() });
    const suites = tests.filter((test) =>
      thing.suites.some(({ file }, index) => test.file === file && test.name.includes(titles[index] ?? "")),
    );
    const ran = [...own, ...suites];
    const idle = thing.suites.filter(({ file }) => !suites.some((test) => test.file === file));
    problems.push(...idle.map(({ file }) => `${thing.what}: no test of it ran in ${file}`));
    if (ran.length === 0) problems.push(`${thing.what}: none of its tests ran`);
    const folders = Object.entries(Object.groupBy(created, (file) => path.dirname(file))).map(
      ([folder, files]) => `${folder} (${files?.length ?? 0})`,
    );
    const lists = Object.entries(Object.groupBy(lines, ({ file }) => file)).map(
      ([file, ofFile = []]) =>
        `${file}: ${ofFile
          .flatMap(({ text }) => linesOf(text))
          .map((line) => `\`${line}\``)
          .join(" · ")}`,
    );
    const passed = `${ran.filter((test) => test.passed).length} of ${ran.length}`;
    return `| ${[`${thing.what} ${name}`, folders.join("<br>"), lists.join("<br>"), passed].join(" | ")} |`;
  });
  return ["| what | new files | lines in existing files | tests passed |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function textOf(file: string): string {
  return readFileSync(path.join(copy.root, file), "utf8");
}
