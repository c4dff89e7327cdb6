import type { Thing } from "../thing.ts";

const FOLDER = "packages/integrations/src/{{name}}";

/** A forge: an adapter of the service where code and pull requests live. */
export const forge: Thing = {
  what: "forge",
  named: "the name of the service in kebab-case: gitlab",
  files: {
    api: `${FOLDER}/api.ts`,
    "translate.logic": `${FOLDER}/translate.logic.ts`,
    "translate.logic.test": `${FOLDER}/translate.logic.test.ts`,
    forge: `${FOLDER}/forge.ts`,
    "conformance.int.test": "tests/src/forge/{{name}}.int.test.ts",
  },
  lines: [
    {
      file: "packages/integrations/src/index.ts",
      list: "the adapters",
      after: /\n(?![\s\S])/,
      text: [
        'export { create{{Name}}Forge, type {{Name}}ForgeOptions } from "./{{name}}/forge.js";',
        'export type { {{Name}}Api, {{Name}}Pull, {{Name}}Status, {{Name}}Write } from "./{{name}}/api.js";',
        "",
      ].join("\n"),
    },
  ],
  suites: [],
  page: "docs/add-a-forge.md",
};
