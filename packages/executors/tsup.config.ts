import { defineConfig } from "tsup";
import { library } from "../../tooling/tsup/library.ts";

export default defineConfig(
  library({
    doors: { index: "src/index.ts" },
    programs: {
      forwarder: "src/forwarder/main.ts",
      supervisor: "src/supervisor/main.ts",
      "sample-agent": "src/sample-agent/main.ts",
    },
  }),
);
