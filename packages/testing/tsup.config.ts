import { defineConfig } from "tsup";
import { library } from "../../tooling/tsup/library.ts";

export default defineConfig(
  library({
    doors: {
      index: "src/index.ts",
      vitest: "src/vitest.ts",
      decider: "src/decider.ts",
      github: "src/github/index.ts",
      postgres: "src/postgres/index.ts",
    },
  }),
);
