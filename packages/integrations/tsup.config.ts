import { defineConfig } from "tsup";
import { library } from "../../tooling/tsup/library.ts";

export default defineConfig(
  library({ doors: { index: "src/index.ts", github: "src/github/index.ts", identity: "src/identity/index.ts" } }),
);
