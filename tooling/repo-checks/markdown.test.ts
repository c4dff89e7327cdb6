import { expect, it } from "vitest";
import { tableRows, typescriptBlocks } from "./markdown.ts";

const README = `# Title

\`\`\`ts
first();
\`\`\`

\`\`\`sh
ls
\`\`\`

<!-- given
declare const second: () => void;
-->

Words.

\`\`\`typescript run
second();
\`\`\`

\`\`\`tsx
third();
\`\`\`
`;

it("every block of TypeScript is found, on the lines of its document, with what it is given", () => {
  const blocks = typescriptBlocks(README);
  expect(blocks.map(({ line, isRun }) => [line, isRun])).toEqual([
    [3, false],
    [17, true],
  ]);
  expect(blocks.map(({ source }) => source.split("\n").flatMap((text, index) => (text === "" ? [] : [`${index + 1} ${text}`])))).toEqual([
    ["4 first();"],
    ["12 declare const second: () => void;", "18 second();"],
  ]);
});

it("a block that never ends is one to the end of its document", () => {
  expect(typescriptBlocks("```ts\nopen();").map(({ source }) => source)).toEqual(["\nopen();"]);
});

it("cells of tables are read without their bars, and a bar with a backslash stays", () => {
  expect(tableRows("| a | b |\n| --- | :-: |\n| 1 \\| 2 | `x` |\nno row")).toEqual([
    ["a", "b"],
    ["1 | 2", "`x`"],
  ]);
});
