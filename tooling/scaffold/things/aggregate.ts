import { notPlural } from "../names.logic.ts";
import type { Thing } from "../thing.ts";

const KERNEL = "packages/kernel/src";
const SQL = "packages/store-sql/src/aggregates";
const MEMORY = "packages/testing/src/memory-store";
const CONFORMANCE = "packages/testing/src/conformance/store";

/** An aggregate: rows that change together, in every store. */
export const aggregate: Thing = {
  what: "aggregate",
  named: "a plural in kebab-case that no aggregate has: schedules",
  misnamed: notPlural,
  files: {
    port: `${KERNEL}/store/{{name}}.port.ts`,
    table: `${SQL}/{{name}}/table.ts`,
    migration: `${SQL}/{{name}}/migration.ts`,
    changes: `${SQL}/{{name}}/changes.ts`,
    reads: `${SQL}/{{name}}/reads.ts`,
    memory: `${MEMORY}/aggregates/{{name}}.ts`,
    conformance: `${CONFORMANCE}/{{name}}.conformance.ts`,
  },
  lines: [
    {
      file: `${KERNEL}/index.ts`,
      list: "the ports",
      after: /^export type \{ .+ \} from "\.\/store\/.+\.port\.js";$/,
      text: '\nexport type { {{One}}, {{One}}Changes, {{One}}Reads } from "./store/{{name}}.port.js";',
    },
    {
      file: `${KERNEL}/store/index.ts`,
      list: "the imports",
      after: /^import type \{ \w+Changes.* \} from "\.\/.+\.port\.js";$/,
      text: '\nimport type { {{One}}Changes, {{One}}Reads } from "./{{name}}.port.js";',
    },
    {
      file: `${KERNEL}/store/index.ts`,
      list: "the changes",
      after: /^ {4}\w+Changes,$/,
      text: "\n    {{One}}Changes,",
    },
    {
      file: `${KERNEL}/store/index.ts`,
      list: "the reads",
      after: /^ {2}readonly \w+: \w+Reads;$/,
      text: "\n  readonly {{camel}}: {{One}}Reads;",
    },
    {
      file: `${SQL}/tables.ts`,
      list: "the imports",
      after: /^import type \{ \w+Tables \} from "\.\/.+";$/,
      text: '\nimport type { {{One}}Tables } from "./{{name}}/table.js";',
    },
    {
      file: `${SQL}/tables.ts`,
      list: "the tables",
      after: /^ {4}\w+Tables,$/,
      text: "\n    {{One}}Tables,",
    },
    {
      file: `${SQL}/index.ts`,
      list: "the imports",
      after: /^import \{ \w+ \} from "\.\/.+\/(?:changes|migration|reads)\.js";$/,
      text: [
        "",
        'import { {{oneCamel}}Changes } from "./{{name}}/changes.js";',
        'import { {{oneCamel}}Migrations } from "./{{name}}/migration.js";',
        'import { {{oneCamel}}Reads } from "./{{name}}/reads.js";',
      ].join("\n"),
    },
    {
      file: `${SQL}/index.ts`,
      list: "the migrations",
      after: /^ {2}\.\.\.\w+Migrations,$/,
      text: "\n  ...{{oneCamel}}Migrations,",
    },
    {
      file: `${SQL}/index.ts`,
      list: "the changes",
      after: /^ {4}\.\.\.\w+Changes\(builder\),$/,
      text: "\n    ...{{oneCamel}}Changes(builder),",
    },
    {
      file: `${SQL}/index.ts`,
      list: "the reads",
      after: /^ {4}\w+: \w+Reads\(connection\),$/,
      text: "\n    {{camel}}: {{oneCamel}}Reads(connection),",
    },
    {
      file: `${MEMORY}/aggregates/index.ts`,
      list: "the imports",
      after: /^import \{ \w+Changes.* \} from "\.\/.+";$/,
      text: '\nimport { {{oneCamel}}Changes, {{oneCamel}}Reads } from "./{{name}}.js";',
    },
    {
      file: `${MEMORY}/aggregates/index.ts`,
      list: "the changes",
      after: /^ {2}\.\.\.\w+Changes,$/,
      text: "\n  ...{{oneCamel}}Changes,",
    },
    {
      file: `${MEMORY}/aggregates/index.ts`,
      list: "the reads",
      after: /^ {4}\w+: \w+Reads\(tables\),$/,
      text: "\n    {{camel}}: {{oneCamel}}Reads(tables),",
    },
    {
      file: `${MEMORY}/tables.ts`,
      list: "the types of kernel",
      after: /^ {2}\w+,(?=\n\} from "@millrace\/kernel";$)/,
      text: "\n  {{One}},",
    },
    {
      file: `${MEMORY}/tables.ts`,
      list: "the tables",
      after: /^ {2}readonly \w+: Map<.+>;$/,
      text: "\n  readonly {{camel}}: Map<string, {{One}}>;",
    },
    {
      file: `${MEMORY}/tables.ts`,
      list: "the empty tables",
      after: /^ {4}\w+: new Map\(\),$/,
      text: "\n    {{camel}}: new Map(),",
    },
    {
      file: `${CONFORMANCE}/describe-store-conformance.ts`,
      list: "the imports",
      after: /^import \{ \w+Cases \} from ".+";$/,
      text: '\nimport { {{oneCamel}}Cases } from "./{{name}}.conformance.js";',
    },
    {
      file: `${CONFORMANCE}/describe-store-conformance.ts`,
      list: "the groups of cases",
      after: /^const groups: .*\{$/,
      text: '\n  "{{name}}": {{oneCamel}}Cases,',
    },
  ],
  suites: [
    { file: "packages/testing/src/memory-store/memory-store.int.test.ts", title: "{{name}}: " },
    { file: "tests/src/store/sqlite.int.test.ts", title: "{{name}}: " },
    { file: "tests/src/store/postgres.int.test.ts", title: "{{name}}: " },
  ],
  page: "docs/add-an-aggregate.md",
};
