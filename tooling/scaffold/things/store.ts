import type { Thing } from "../thing.ts";

const FOLDER = "packages/store-sql/src/{{name}}";

/** A store: the SQL store over one more database of the SQLite family. */
export const store: Thing = {
  what: "store",
  named: "the name of the database in kebab-case: turso",
  files: {
    client: `${FOLDER}/client.ts`,
    dialect: `${FOLDER}/dialect.ts`,
    connection: `${FOLDER}/connection.ts`,
    open: `${FOLDER}/open.ts`,
    "conformance.int.test": "tests/src/store/{{name}}.int.test.ts",
  },
  lines: [
    {
      file: "packages/store-sql/src/index.ts",
      list: "the stores",
      after: /\n(?![\s\S])/,
      text: [
        'export { open{{Name}}Store, type {{Name}}StoreOptions } from "./{{name}}/open.js";',
        'export type { {{Name}}Client, {{Name}}Value } from "./{{name}}/client.js";',
        "",
      ].join("\n"),
    },
  ],
  suites: [],
  page: "docs/add-a-store.md",
};
