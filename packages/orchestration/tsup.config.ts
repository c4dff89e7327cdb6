import { defineConfig } from "tsup";
import { library } from "../../tooling/tsup/library.ts";

export default defineConfig(
  library({
    doors: { index: "src/index.ts", samples: "src/steps/samples.ts", spec: "src/spec/index.ts" },
    platform: "neutral",
    browserBuilds: ["nanoid"],
  }),
);
