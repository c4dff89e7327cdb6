/** What was tried out, and what came of it: vitest's JSON report, and the table of what it takes to add each thing. */
import { linesOf, type Plan } from "./plan.logic.ts";

/** The members of vitest's JSON report that are read. */
export interface TestReport {
  readonly testResults: readonly {
    /** The file, absolute. */
    readonly name: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

export interface RanTest {
  /** From the root. */
  readonly file: string;
  readonly name: string;
  readonly passed: boolean;
  /** Empty when it passed. */
  readonly message: string;
}

/** Every test that was run, and every file that could not be. Tests that a filter left out are not among them. */
export function testsOf({ testResults }: TestReport, root: string): readonly RanTest[] {
  return testResults.flatMap(({ name, message = "", assertionResults }): RanTest[] => {
    const file = name.slice(root.length + 1);
    if (assertionResults.length === 0) return [{ file, name: "", passed: false, message }];
    return assertionResults
      .filter(({ status }) => status === "passed" || status === "failed")
      .map((test) => ({
        file,
        name: test.fullName,
        passed: test.status === "passed",
        message: (test.failureMessages ?? []).join("\n").slice(0, 1000),
      }));
  });
}

/** One thing that was added. */
export interface Row {
  readonly what: string;
  readonly name: string;
  readonly plan: Pick<Plan, "created" | "lines">;
  readonly tests: readonly RanTest[];
}

/** A table in Markdown: how many files are new and in which folders, which lines existing files got, how many tests passed. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ what, name, plan, tests }) => {
    const folders = countBy(plan.created.map((file) => file.slice(0, file.lastIndexOf("/"))));
    const lists = Object.entries(Object.groupBy(plan.lines, ({ file }) => file)).map(([file, ofFile = []]) => {
      const added = ofFile.flatMap(({ text }) => linesOf(text));
      return `\`${file}\`: ${added.map((line) => `\`\`${line.replaceAll("|", "\\|")}\`\``).join(" · ")}`;
    });
    const passed = `${tests.filter((test) => test.passed).length} of ${tests.length}`;
    return [`${what} \`${name}\``, folders.map(([folder, count]) => `${count} in \`${folder}\``).join("<br>"), lists.join("<br>"), passed];
  });
  const header = ["what", "new files", "lines in existing files", "tests passed"];
  return [header, header.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function countBy(values: readonly string[]): readonly (readonly [value: string, count: number])[] {
  return [...new Set(values)].map((value) => [value, values.filter((one) => one === value).length]);
}
