import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The copy of the repository that is mutated: this file is copied along, so its own place says where. */
const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The tests a mutant of the decider meets. Only fast examples: the large properties (evidence, fold) and the driver's tests
 * would cost seconds for each mutant and name no rule when they fail.
 */
export default defineConfig({
  root,
  // `node_modules` of the copy are links into the original; without these aliases a test would import the unmutated sources.
  resolve: {
    alias: [
      { find: /^@millrace\/([a-z-]+)$/, replacement: `${root}packages/$1/src/index.ts` },
      { find: "@millrace/orchestration/spec", replacement: `${root}packages/orchestration/src/spec/index.ts` },
    ],
  },
  test: {
    include: ["packages/orchestration/src/**/*.test.ts", "tests/src/engine/*.test.ts"],
    exclude: ["**/node_modules/**", "tests/src/engine/{evidence.prop,fold.prop,driver,turn-by-hand}.test.ts"],
    environment: "node",
    // A mutant costs little more than half of what it does with a process for every file.
    isolate: false,
    testTimeout: 25_000,
  },
});
