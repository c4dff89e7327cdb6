import type { Thing } from "../thing.ts";

const FOLDER = "packages/orchestration/src/steps/{{name}}";

/** A kind of step: how steps of some agent kinds behave. */
export const stepKind: Thing = {
  what: "step-kind",
  named: "a name in kebab-case that no step kind and no agent kind has: security-scan",
  files: {
    index: `${FOLDER}/index.ts`,
    state: `${FOLDER}/state.ts`,
    "agent-kind": `${FOLDER}/agent-kind.ts`,
    logic: `${FOLDER}/{{name}}.logic.ts`,
    describe: `${FOLDER}/describe.ts`,
    samples: `${FOLDER}/samples.ts`,
    test: `${FOLDER}/{{name}}.test.ts`,
  },
  lines: [
    {
      file: "packages/orchestration/src/steps/registry.ts",
      list: "the imports",
      after: /^import \{ \w+Step \} from ".+";$/,
      text: '\nimport { {{camel}}Step } from "./{{name}}/index.js";',
    },
    {
      file: "packages/orchestration/src/steps/registry.ts",
      list: "the step kinds",
      after: /^ {4}\w+Step,$/,
      text: "\n    {{camel}}Step,",
    },
    {
      file: "packages/orchestration/src/steps/samples.ts",
      list: "the imports",
      after: /^import \{ \w+Samples \} from ".+";$/,
      text: '\nimport { {{camel}}Samples } from "./{{name}}/samples.js";',
    },
    {
      file: "packages/orchestration/src/steps/samples.ts",
      list: "the samples",
      after: /^ {2}\w+Samples,$/,
      text: "\n  {{camel}}Samples,",
    },
    {
      file: "docs/events.md",
      list: "the facts of step kinds",
      after: /^\| `[\w-]+` \| `[\w-]+` \| .+ \|$/,
      text: [
        "",
        "| `{{name}}` | `scanned` | what the agent found |",
        "| `{{name}}` | `sent-back` | one of its own reworks is used |",
        "| `{{name}}` | `round-granted` | people granted one more rework |",
      ].join("\n"),
    },
  ],
  suites: [
    { file: "tests/src/explorer/explorer.test.ts", title: "{{words}}" },
    { file: "tooling/docs/events.test.ts", title: "every fact of every step kind" },
  ],
  page: "docs/add-a-step-kind.md",
  free: [{ file: "packages/agents/src/kinds/built-in.ts", text: 'id: "{{name}}"' }],
};
