import type { MillraceError } from "@millrace/kernel";
import colours from "picocolors";
import type { Io, Writer } from "../io.js";
import { errorLines } from "./error.logic.js";
import { harmless, harmlessJson } from "./format.logic.js";

export type Colours = ReturnType<typeof colours.createColors>;

/**
 * Output of a command: results go to stdout, progress and errors to stderr. With `--json`, stdout gets nothing but JSON; with `--quiet`,
 * nothing but ids. Whatever a text holds, no character of it steers a terminal: this is the one door, and only `raw` goes around it.
 */
export interface Output {
  readonly json: boolean;
  /** stdin and stdout are a terminal, so questions may be asked. */
  readonly interactive: boolean;
  /** stdout is a terminal that may be redrawn. */
  readonly terminal: boolean;
  readonly colours: Colours;
  /** Width of the terminal; 100 elsewhere. */
  readonly columns: number;
  readonly rows: number;
  /** A line of the result; nothing with `--json` or `--quiet`. */
  line(text?: string): void;
  /** The id of what the command made or found; printed with `--quiet` only. */
  id(text: string): void;
  lines(texts: readonly string[]): void;
  /** The result as one JSON line; nothing without `--json`. */
  document(value: object): void;
  /** Text for another program, as it is; nothing at a terminal, with `--json` or with `--quiet`. */
  raw(text: string): void;
  /** A line of progress to stderr; nothing with `--json` or `--quiet`. */
  note(text: string): void;
  error(error: MillraceError): void;
  /** Replaces what the last call drew (terminals only). */
  redraw(lines: readonly string[]): void;
}

export function createOutput(
  io: Pick<Io, "out" | "err" | "env" | "in">,
  options: { readonly json: boolean; readonly quiet?: boolean },
): Output {
  const { json } = options;
  const quiet = options.quiet === true && !json;
  const plain = !json && !quiet;
  const onTerminal = io.out.isTTY === true;
  let drawn = 0;
  /** Erases the drawing, so that other text does not land in the middle of it. */
  const erase = (): void => {
    if (drawn > 0) io.out.write(`\u001B[${drawn}A\u001B[0J`);
    drawn = 0;
  };
  const hasColours = wantsColours(io.env, onTerminal) && !json;
  const safe = hasColours ? harmlessBetweenColours : harmless;
  const put = (to: Writer, text: string): unknown => to.write(`${safe(text)}\n`);
  const output: Output = {
    json,
    interactive: onTerminal && io.in.isTTY === true && plain,
    terminal: onTerminal && plain,
    colours: colours.createColors(hasColours),
    columns: io.out.columns ?? 100,
    rows: io.out.rows ?? 40,
    line(text = "") {
      if (plain) put(io.out, text);
    },
    id(text) {
      if (quiet) put(io.out, text);
    },
    lines: (texts) => texts.forEach((text) => output.line(text)),
    document(value) {
      if (json) io.out.write(`${harmlessJson(value)}\n`);
    },
    raw(text) {
      if (plain && !onTerminal) io.out.write(text);
    },
    note(text) {
      if (!plain) return;
      erase();
      put(io.err, text);
    },
    error(error) {
      if (json) io.err.write(`${harmlessJson(error.toEnvelope())}\n`);
      else for (const text of errorLines(error, { stack: debugging(io.env) })) put(io.err, text);
    },
    redraw(lines) {
      if (!onTerminal || !plain) return;
      erase();
      io.out.write(lines.map((text) => `${safe(text)}\n`).join(""));
      drawn = lines.length;
    },
  };
  return output;
}

/** The colours that this program paints with. Others could hide a text: black on black, or `concealed`. */
// oxlint-disable-next-line no-control-regex
const PAINT = /(\u001B\[(?:0|1|2|22|3[1-6]|39|90)m)/;

function harmlessBetweenColours(text: string): string {
  return text
    .split(PAINT)
    .map((part) => (PAINT.test(part) ? part : harmless(part)))
    .join("");
}

/** `NO_COLOR` (any value but the empty one) wins, then `FORCE_COLOR`, then whether stdout is a terminal. */
function wantsColours(env: Io["env"], onTerminal: boolean): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  if ((env["FORCE_COLOR"] ?? "") !== "") return env["FORCE_COLOR"] !== "0";
  return onTerminal && env["TERM"] !== "dumb";
}

export function debugging(env: Io["env"]): boolean {
  return (env["MILLRACE_DEBUG"] ?? "") !== "" && env["MILLRACE_DEBUG"] !== "0";
}
