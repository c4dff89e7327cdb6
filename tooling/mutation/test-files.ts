/** Seconds for each mutant they meet and no rule in their name when they fail; the last reads a document. */
const LEFT_OUT = ["{evidence,fold,review,tester}.prop", "clock-steps", "driver", "landing-queue", "review.crash", "turn-by-hand"];

/** The tests a mutant of the decider meets, in the order of their names: unit tests first, then whole engines. */
export const TEST_FILES = {
  run: ["packages/orchestration/src/**/*.test.ts", "tests/src/engine/*.test.ts"],
  leftOut: LEFT_OUT.map((name) => `tests/src/engine/${name}.test.ts`),
};
