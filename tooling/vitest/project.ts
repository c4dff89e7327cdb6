import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";
import type { TestProjectConfiguration } from "vitest/config";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Every folder under `packages/`, `apps/` and `examples/` that has a package.json is one project, named like its folder. So are the tests
 * of the whole stack, the benchmarks and the repository's own checks.
 */
export function projects(): TestProjectConfiguration[] {
  const packages = ["packages", "apps", "examples"].flatMap((group) =>
    readdirSync(path.join(root, group))
      .map((name) => path.join(root, group, name))
      .filter((dir) => existsSync(path.join(dir, "package.json"))),
  );
  const others = ["tests", "bench", "tooling"].map((name) => path.join(root, name)).filter((dir) => existsSync(dir));
  return [...packages.map((dir) => project(dir)), ...others.map((dir) => project(dir, ["**/*.test.ts"]))];
}

function project(dir: string, include = ["src/**/*.test.ts", "*.test.ts"]): TestProjectConfiguration {
  return {
    root: dir,
    // Tests run against the sources of the other packages, so that nothing stale is ever tested.
    resolve: { conditions: ["millrace-source"] },
    ssr: { resolve: { conditions: ["millrace-source", "module", "node", "development|production"] } },
    test: {
      name: path.basename(dir),
      // Covers .test.ts, .int.test.ts, .prop.test.ts and .e2e.test.ts.
      include,
      environment: "node",
      testTimeout: 30_000,
      hookTimeout: 60_000,
    },
  };
}
