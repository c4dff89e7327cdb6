import type { Finding } from "../doctor/finding.js";
import { indented, oneLine } from "../output/format.logic.js";
import type { Colours } from "../output/output.js";

/** Width of the longest name. */
const WIDTH = 15;

/** Lines of a program's output that are shown, from its end. */
const OUTPUT_LINES = 8;

/** A finding, the end of what a program printed, and its fix on a line of its own. */
export function findingLines({ name, status, message, fix, output }: Finding, colours: Colours): readonly string[] {
  const paint = { ok: colours.green, warn: colours.yellow, fail: colours.red }[status];
  return [
    `${paint(status.padEnd(4))}  ${name.padEnd(WIDTH)}  ${oneLine(message, 400)}`,
    ...indented(output ?? "", `${" ".repeat(WIDTH + 8)}| `).slice(-OUTPUT_LINES),
    ...(fix === null ? [] : [`${" ".repeat(WIDTH + 8)}fix: ${oneLine(fix, 400)}`]),
  ];
}
