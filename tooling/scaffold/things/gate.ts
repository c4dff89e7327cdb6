import type { Thing } from "../thing.ts";

const FOLDER = "packages/orchestration/src/steps/gate/gates";

/** A gate: what of a pull request is looked at, and which helper repairs it. */
export const gate: Thing = {
  what: "gate",
  named: "a name in kebab-case that no gate and no agent kind has: licences",
  files: { gate: `${FOLDER}/{{name}}.ts`, test: `${FOLDER}/{{name}}.test.ts` },
  lines: [
    {
      file: "packages/orchestration/src/steps/registry.ts",
      list: "the imports",
      after: /^import \{ \w+Gate \} from ".+";$/,
      text: '\nimport { {{camel}}Gate } from "./gate/gates/{{name}}.js";',
    },
    {
      file: "packages/orchestration/src/steps/registry.ts",
      list: "the gates",
      after: /^export const builtInGates: readonly Gate\[\] = \[[\s\S]*?(?=,?\s*\];)/,
      text: ", {{camel}}Gate",
    },
    {
      file: "packages/orchestration/src/steps/gate/samples.ts",
      list: "the pipelines that are explored",
      after: /^ {2}pipelines: \[$/,
      text: '\n    { name: "{{words}} gate", steps: [{ kind: "coder" }, { kind: "{{name}}" }], faults: QUIET },',
    },
    {
      file: "packages/orchestration/src/steps/gate/samples.ts",
      list: "the budgets of helpers",
      after: /^ {2}budgets: \[$/,
      text: '\n    { name: "budget of helpers", counter: ["budget"], max: 2, where: { gate: "{{name}}" } },',
    },
  ],
  suites: [{ file: "tests/src/explorer/explorer.test.ts", title: "{{words}} gate" }],
  page: "docs/add-a-gate.md",
  free: [{ file: "packages/agents/src/kinds/built-in.ts", text: 'id: "{{name}}"' }],
};
