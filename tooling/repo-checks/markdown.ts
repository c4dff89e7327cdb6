/** Readers of Markdown: blocks of TypeScript and rows of tables. */

export interface Block {
  /** The document with everything blank but this block and what it is given, so that line numbers stay those of the document. */
  readonly source: string;
  /** Line of the fence, from 1. */
  readonly line: number;
  /** True if its fence says `ts run`. */
  readonly isRun: boolean;
}

const FENCE = /^```(?:ts|typescript)\b(?<rest>.*)$/;
/** Declarations a block relies on and a reader need not see: a comment in front of it that begins with `<!-- given`. */
const GIVEN = /^<!-- given$/;

/** Every fenced block of TypeScript. */
export function typescriptBlocks(text: string): Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  let given: readonly number[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (GIVEN.test(line)) {
      given = range(index + 1, endOf(lines, index, "-->"));
      index = given.at(-1) ?? index;
    } else if (line.startsWith("```")) {
      const end = endOf(lines, index, "```");
      const rest = FENCE.exec(line)?.groups?.["rest"];
      if (rest !== undefined) {
        const kept = new Set([...given, ...range(index + 1, end)]);
        const source = lines.map((one, at) => (kept.has(at) ? one : "")).join("\n");
        blocks.push({ source, line: index + 1, isRun: rest.trim() === "run" });
      }
      given = [];
      index = end;
    }
  }
  return blocks;
}

/** Cells of each row of every table, headers included; lines of dashes are left out. `\|` is a bar inside a cell. */
export function tableRows(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^[|\s:-]+$/.test(line))
    .map((line) =>
      line
        .trim()
        .replace(/^\||(?<!\\)\|$/g, "")
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll("\\|", "|")),
    );
}

/** Line on which what begins at `start` ends; the last one when it never does. */
function endOf(lines: readonly string[], start: number, mark: string): number {
  const end = lines.indexOf(mark, start + 1);
  return end === -1 ? lines.length : end;
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
