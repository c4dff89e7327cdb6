/** What vitest's JSON report says of the tests of a run. */
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
