import type { MillraceError } from "@millrace/kernel";
import colours from "picocolors";
import type { Io, Writer } from "../io.js";
import { errorLines } from "./error.logic.js";

export type Colours = ReturnType<typeof colours.createColors>;

/** Output of a command: results go to stdout, progress and errors to stderr. With `--json`, stdout gets nothing but JSON; with `--quiet`, nothing but ids. */
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
  const put = (to: Writer, text: string): unknown => to.write(`${text}\n`);
  const output: Output = {
    json,
    interactive: onTerminal && io.in.isTTY === true && plain,
    terminal: onTerminal && plain,
    colours: colours.createColors(wantsColours(io.env, onTerminal) && !json),
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
      if (json) put(io.out, JSON.stringify(value));
    },
    note(text) {
      if (!plain) return;
      erase();
      put(io.err, text);
    },
    error(error) {
      if (json) put(io.err, JSON.stringify(error.toEnvelope()));
      else for (const text of errorLines(error, { stack: debugging(io.env) })) put(io.err, text);
    },
    redraw(lines) {
      if (!onTerminal || !plain) return;
      erase();
      io.out.write(lines.map((text) => `${text}\n`).join(""));
      drawn = lines.length;
    },
  };
  return output;
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
