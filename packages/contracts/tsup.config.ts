import { defineConfig } from "tsup";
import { library } from "../../tooling/tsup/library.ts";

export default defineConfig(library({ doors: { index: "src/index.ts", why: "src/views/why.ts" }, platform: "neutral" }));
