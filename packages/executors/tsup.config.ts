import { defineConfig } from "tsup";
import { library, programFolders } from "../../tooling/tsup/library.ts";

export default defineConfig(library({ doors: { index: "src/index.ts" }, programs: programFolders() }));
