import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
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
  // `node_modules` of the copy are links into the original; without this alias a test would import the unmutated sources.
  resolve: { alias: doors() },
  test: {
    include: ["packages/orchestration/src/**/*.test.ts", "tests/src/engine/*.test.ts"],
    exclude: ["**/node_modules/**", "tests/src/engine/{evidence.prop,fold.prop,driver,turn-by-hand}.test.ts"],
    environment: "node",
    // A mutant costs little more than half of what it does with a process for every file.
    isolate: false,
    testTimeout: 25_000,
  },
});

/** Every entry point of every package, by its sources in the copy. */
function doors(): { readonly find: RegExp; readonly replacement: string }[] {
  return readdirSync(path.join(root, "packages")).flatMap((name) => {
    const folder = path.join(root, "packages", name);
    const { exports } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as { readonly exports: Record<string, Door> };
    return Object.entries(exports).flatMap(([door, target]) => {
      const source = typeof target === "string" ? undefined : target["millrace-source"];
      return source === undefined
        ? []
        : [{ find: new RegExp(`^@millrace/${name}${door.slice(1)}$`), replacement: path.join(folder, source) }];
    });
  });
}

type Door = string | { readonly "millrace-source"?: string };
