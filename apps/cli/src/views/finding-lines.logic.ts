import type { Finding } from "../doctor/finding.js";
import { oneLine } from "../output/format.logic.js";
import type { Colours } from "../output/output.js";

/** Width of the longest name. */
const WIDTH = 15;

/** A finding, and its fix on a line of its own. */
export function findingLines({ name, status, message, fix }: Finding, colours: Colours): readonly string[] {
  const paint = { ok: colours.green, warn: colours.yellow, fail: colours.red }[status];
  return [
    `${paint(status.padEnd(4))}  ${name.padEnd(WIDTH)}  ${oneLine(message, 400)}`,
    ...(fix === null ? [] : [`${" ".repeat(WIDTH + 8)}fix: ${oneLine(fix, 400)}`]),
  ];
}
