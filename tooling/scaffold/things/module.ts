import { notPlural } from "../names.logic.ts";
import type { Thing } from "../thing.ts";

const CONTRACTS = "packages/contracts/src";
const MODULE = "packages/orchestration/src/modules/{{name}}";

/** A module: a part of the platform around the engine, with its service, its sweeps and its events. */
export const module: Thing = {
  what: "module",
  named: "a plural in kebab-case that no module has: schedules",
  misnamed: (name) => notPlural(name) ?? (/\d/.test(name) ? "it has a digit, and names of operations have none" : null),
  files: {
    "entity.schema": `${CONTRACTS}/{{name}}/entity.schema.ts`,
    "requests.schema": `${CONTRACTS}/{{name}}/requests.schema.ts`,
    "events.schema": `${CONTRACTS}/{{name}}/events.schema.ts`,
    operations: `${CONTRACTS}/{{name}}/operations.ts`,
    handlers: `${MODULE}/operations.ts`,
    index: `${MODULE}/index.ts`,
    logic: `${MODULE}/{{name}}.logic.ts`,
    "logic.test": `${MODULE}/{{name}}.logic.test.ts`,
    service: `${MODULE}/{{name}}-service.ts`,
    test: "tests/src/modules/{{name}}.test.ts",
  },
  lines: [
    {
      file: `${CONTRACTS}/index.ts`,
      list: "the schemas",
      after: /\n(?![\s\S])/,
      text: [
        'export { {{oneCamel}}Schema, type {{One}} } from "./{{name}}/entity.schema.js";',
        'export { add{{One}}Schema, type Add{{One}} } from "./{{name}}/requests.schema.js";',
        'export { eventsOf{{Name}} } from "./{{name}}/events.schema.js";',
        "",
      ].join("\n"),
    },
    {
      file: `${CONTRACTS}/events.schema.ts`,
      list: "the imports",
      after: /^import \{ eventsOf\w+ \} from ".+";$/,
      text: '\nimport { eventsOf{{Name}} } from "./{{name}}/events.schema.js";',
    },
    {
      file: `${CONTRACTS}/events.schema.ts`,
      list: "the events",
      // The last of a board: accounts and the host have lists of their own behind it.
      after: /^ {2}\.\.\.eventsOfNotifications,$/,
      text: "\n  ...eventsOf{{Name}},",
    },
    {
      file: `${CONTRACTS}/operations.ts`,
      list: "the imports",
      after: /^import \{ operationsOf\w+ \} from ".+";$/,
      text: '\nimport { operationsOf{{Name}} } from "./{{name}}/operations.js";',
    },
    {
      file: `${CONTRACTS}/operations.ts`,
      list: "the operations",
      after: /^ {2}\.\.\.operationsOf\w+,$/,
      text: "\n  ...operationsOf{{Name}},",
    },
    {
      file: "packages/orchestration/src/compose.ts",
      list: "the imports",
      after: /^import \{ \w+Module \} from ".+";$/,
      text: '\nimport { {{camel}}Module } from "./modules/{{name}}/index.js";',
    },
    {
      file: "packages/orchestration/src/compose.ts",
      list: "the modules",
      after: /^function addModules\([\s\S]*? return \{$/,
      text: "\n    {{camel}}: modules.add({{camel}}Module(ports, { due: () => Promise.resolve([]) })),",
    },
    {
      file: "packages/orchestration/src/index.ts",
      list: "the services",
      after: /^export type \{ .*Service\b.* \} from "\.\/modules\/.+";$/,
      text: '\nexport type { {{Name}}Calls, {{Name}}Service } from "./modules/{{name}}/{{name}}-service.js";',
    },
    {
      file: "packages/orchestration/src/operations.ts",
      list: "the imports of handlers",
      after: /^import \{ \w+Handlers \} from ".+";$/,
      text: '\nimport { {{camel}}Handlers } from "./modules/{{name}}/operations.js";',
    },
    {
      file: "packages/orchestration/src/operations.ts",
      list: "the imports of services",
      after: /^import type \{ \w+Service \} from ".+";$/,
      text: '\nimport type { {{Name}}Service } from "./modules/{{name}}/{{name}}-service.js";',
    },
    {
      file: "packages/orchestration/src/operations.ts",
      list: "the services behind the operations",
      after: /^ {2}readonly \w+: \w+Service;$/,
      text: "\n  readonly {{camel}}: {{Name}}Service;",
    },
    {
      file: "packages/orchestration/src/operations.ts",
      list: "the handlers",
      after: /^ {4}\.\.\.\w+Handlers\(services.*\),$/,
      text: "\n    ...{{camel}}Handlers(services.{{camel}}),",
    },
    {
      file: "docs/events.md",
      list: "the events of a board",
      after: /^\| `notification-[\w-]+` \| .+ \| `.+` \| \d+ \|$/,
      text: [
        "",
        "| `{{one}}-added` | A person added a {{oneWords}} | `modules/{{name}}/{{name}}-service.ts` › `add` | 1 |",
        "| `{{one}}-came-due` | Its time has come | `modules/{{name}}/{{name}}-service.ts` › `announceDue` | 1 |",
      ].join("\n"),
    },
  ],
  suites: [
    { file: "tests/src/engine/modules.test.ts", title: "describe the event {{one}}-" },
    { file: "packages/contracts/src/operations.test.ts", title: "{{name}}.add" },
    { file: "tests/src/tenants/two-tenants.test.ts", title: "{{name}}.add" },
    { file: "packages/contracts/src/stored-shapes.test.ts", title: "of a board is read back as it was: {{one}}-" },
    { file: "tooling/docs/events.test.ts", title: "every event of a board" },
  ],
  page: "docs/add-a-module.md",
};
