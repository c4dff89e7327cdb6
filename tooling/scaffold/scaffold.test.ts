/** What the script would add to this repository as it is: planned in memory, nothing is written. `scaffold:check` adds it, and runs it. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { codeOf, textOf } from "../docs/documents.ts";
import { root } from "../repo-checks/lib.ts";
import { namesOf } from "./names.logic.ts";
import { fill, isOnlyLonger, linesOf, planOf, type Plan, type Sources } from "./plan.logic.ts";
import { tableOf, testsOf } from "./report.logic.ts";
import { sourcesOf, thingNamed } from "./scaffold.ts";
import { ScaffoldError, type Thing } from "./thing.ts";
import { things } from "./things/index.ts";

/** The repository after these plans. */
function after(thing: Thing, ...plans: readonly Plan[]): Sources {
  const before = sourcesOf(root, thing);
  return { ...before, file: (path) => plans.findLast(({ writes }) => writes.has(path))?.writes.get(path) ?? before.file(path) };
}

function refusal(act: () => unknown): ScaffoldError {
  try {
    act();
  } catch (error) {
    if (error instanceof ScaffoldError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe.each(things)("a new $what", (thing) => {
  const { what, files, lines, page } = thing;
  const [first, second] = ["first-samples", "second-samples"];
  const one = planOf(thing, first, after(thing));
  const two = planOf(thing, second, after(thing, one));

  it("has all of its files in places that carry its name, filled in", () => {
    expect(one.created).toHaveLength(Object.keys(files).length);
    expect(one.created.filter((path) => !path.includes(first))).toEqual([]);
    expect([...one.writes].filter(([path, text]) => one.created.includes(path) && /\{\{\w+\}\}/.test(text))).toEqual([]);
  });

  it("adds lines to lists of other files, and changes nothing else there, for the second as for the first", () => {
    for (const [plan, before] of [
      [one, after(thing)],
      [two, after(thing, one)],
    ] as const) {
      const changed = [...plan.writes].filter(([path]) => !plan.created.includes(path));
      expect(changed.map(([path]) => path).toSorted()).toEqual([...new Set(lines.map(({ file }) => file))].toSorted());
      for (const [path, text] of changed) {
        const additions = plan.lines.flatMap(({ file, text: added }) => (file === path ? [added] : []));
        expect(isOnlyLonger(before.file(path) ?? "", text, additions), path).toBe(true);
      }
    }
  });

  it("adds one line to a list for each new thing that it names there", () => {
    const rows = one.lines.map(({ file, list, text }) => ({ list: `${list} in ${file}`, lines: linesOf(text) }));
    expect(new Set(rows.map(({ list }) => list)).size).toBe(rows.length);
    expect(
      rows.flatMap(({ list, lines: added }) => added.filter((line) => !mentions(line, first)).map((line) => `${list}: ${line}`)),
    ).toEqual([]);
  });

  it("is refused when it is there already", () => {
    expect(refusal(() => planOf(thing, first, after(thing, one)))).toMatchObject({
      code: "exists",
      message: expect.stringContaining(first),
    });
  });

  it("has a page that names its files, its lists and the script", () => {
    const code = codeOf(textOf(page)).map((text) => text.replaceAll("<name>", "{{name}}"));
    const expected = [...Object.values(files), ...lines.map(({ file }) => file)];
    expect(expected.filter((path) => !code.includes(path))).toEqual([]);
    expect(textOf(page)).toMatch(new RegExp(`^pnpm scaffold ${what} [a-z-]+$`, "m"));
  });
});

/** Whether a line has the name in some spelling. */
function mentions(line: string, name: string): boolean {
  return Object.values(namesOf(name)).some((spelling) => line.includes(spelling));
}

describe("a name", () => {
  const thing = thingNamed("step-kind");

  it.each(["a", "Scan", "security_scan", "-scan", "scan-", "security--scan", "2-scans", "../scan", "", "a".repeat(41)])(
    "'%s' is refused",
    (name) => {
      expect(refusal(() => planOf(thing, name, after(thing)))).toMatchObject({
        code: "name_invalid",
        fix: expect.stringContaining("security-scan"),
      });
    },
  );

  it("of a step kind or a gate is none that an agent kind has", () => {
    for (const what of ["step-kind", "gate"])
      expect(refusal(() => planOf(thingNamed(what), "coder", after(thingNamed(what)))).code).toBe("exists");
  });

  it("of an aggregate or a module is a plural", () => {
    for (const what of ["aggregate", "module"])
      expect(refusal(() => planOf(thingNamed(what), "schedule", after(thingNamed(what)))).message).toContain("plural");
  });

  it("is spelled as each place wants it", () => {
    expect(namesOf("merge-policies")).toEqual({
      name: "merge-policies",
      camel: "mergePolicies",
      Name: "MergePolicies",
      NAME: "MERGE_POLICIES",
      snake: "merge_policies",
      words: "merge policies",
      code: "MER",
      one: "merge-policy",
      oneCamel: "mergePolicy",
      One: "MergePolicy",
      oneSnake: "merge_policy",
      oneWords: "merge policy",
    });
    expect(namesOf("access").one).toBe("access");
  });
});

describe("a plan", () => {
  const sample: Thing = {
    what: "sample",
    named: "any name",
    files: { sample: "samples/{{name}}.ts" },
    lines: [{ file: "index.ts", list: "the list", after: /^ {2}\w+,$/, text: "\n  {{camel}}," }],
    suites: [],
    page: "docs/none.md",
  };
  const sources = (index: string): Sources => ({
    file: (path) => (path === "index.ts" ? index : null),
    template: () => "const {{camel}} = 1;\n",
  });

  it("fills in a template, and puts a line behind the last one of its list", () => {
    const { writes } = planOf(sample, "new-one", sources("[\n  one,\n  two,\n];\n"));
    expect([...writes]).toEqual([
      ["samples/new-one.ts", "const newOne = 1;\n"],
      ["index.ts", "[\n  one,\n  two,\n  newOne,\n];\n"],
    ]);
  });

  it("is refused when a list is not where it is expected", () => {
    expect(refusal(() => planOf(sample, "new-one", sources("[];\n")))).toMatchObject({
      code: "index_changed",
      message: expect.stringContaining("index.ts"),
    });
  });

  it("knows every spelling that a template may ask for, and refuses another", () => {
    expect(() => fill("{{title}}", namesOf("one-two"))).toThrow(/\{\{title\}\}; there are name, camel/);
  });

  it("tells an addition, however it is formatted, from any other change", () => {
    const before = 'const all = [one, two];\nimport { a } from "a";\n';
    expect(isOnlyLonger(before, 'const all = [\n  one,\n  two,\n  three,\n];\nimport { a } from "a";\n', [", three"])).toBe(true);
    expect(isOnlyLonger(before, 'const all = [one, three];\nimport { a } from "a";\n', [", three"])).toBe(false);
    expect(isOnlyLonger(before, before, [", three"])).toBe(true);
  });
});

describe("the table of what was tried out", () => {
  const file = (name: string) => `/copy/${name}.test.ts`;

  it("counts tests that ran, and files that could not", () => {
    const tests = testsOf(
      {
        testResults: [
          {
            name: file("a"),
            assertionResults: [
              { fullName: "one", status: "passed", failureMessages: [] },
              { fullName: "two", status: "failed", failureMessages: ["no"] },
              { fullName: "three", status: "pending" },
            ],
          },
          { name: file("b"), message: "it does not load", assertionResults: [] },
        ],
      },
      "/copy",
    );
    expect(tests).toEqual([
      { file: "a.test.ts", name: "one", passed: true, message: "" },
      { file: "a.test.ts", name: "two", passed: false, message: "no" },
      { file: "b.test.ts", name: "", passed: false, message: "it does not load" },
    ]);
  });

  it("has one row for each thing, with its folders and lines", () => {
    const plan = { created: ["x/a.ts", "x/b.ts"], lines: [{ file: "index.ts", list: "all", text: "\n  a | b," }] };
    const row = tableOf([{ what: "gate", name: "new", plan, tests: [] }]).split("\n")[2];
    expect(row).toBe("| gate `new` | 2 in `x` | `index.ts`: ``a \\| b,`` | 0 of 0 |");
  });
});

describe("pnpm scaffold", () => {
  const scaffold = (...args: readonly string[]) =>
    spawnSync(process.execPath, ["tooling/scaffold/run.ts", ...args], { cwd: root, encoding: "utf8" });

  it("says what can be added", () => {
    const { status, stderr } = scaffold();
    expect(status).toBe(2);
    for (const { what } of things) expect(stderr).toContain(`  ${what} `);
  });

  it.each([
    [["wizard", "merlin"], "what_unknown: there is nothing to add that is called 'wizard'"],
    [["gate", "Licences"], "name_invalid: 'Licences' is no name of a new gate"],
    [["gate", "ci"], "exists: gate 'ci' exists already"],
  ])("%j: refuses with a code and a fix, and writes nothing", (args, message) => {
    const { status, stderr } = scaffold(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(2);
  });
});
