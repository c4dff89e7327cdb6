import type { Thing } from "../thing.ts";

const FOLDER = "packages/integrations/src/{{name}}";

/** A notification channel: a way notifications leave the platform. */
export const channel: Thing = {
  what: "channel",
  named: "the name of the service in kebab-case: matrix",
  files: {
    channel: `${FOLDER}/channel.ts`,
    "channel.int.test": `${FOLDER}/channel.int.test.ts`,
    "message.logic": `${FOLDER}/message.logic.ts`,
    "message.logic.test": `${FOLDER}/message.logic.test.ts`,
  },
  lines: [
    {
      file: "packages/integrations/src/index.ts",
      list: "the adapters",
      after: /\n(?![\s\S])/,
      text: 'export { create{{Name}}Channel, type {{Name}}ChannelOptions } from "./{{name}}/channel.js";\n',
    },
  ],
  suites: [],
  page: "docs/add-a-channel.md",
};
