import { indented } from "./format.logic.js";
import { isMillraceError, MillraceError } from "@millrace/kernel";

/** Any error as a MillraceError. An error without a code is a defect, `internal`. */
export function asMillraceError(error: unknown): MillraceError {
  if (isMillraceError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new MillraceError("internal", message === "" ? "an error without a message" : message, {
    fix: "this is a defect; run it again with MILLRACE_DEBUG=1 and report what it prints",
    cause: error,
  });
}

/** Lines of a detail that are shown, from its end: the last ones say what went wrong. */
const DETAIL_LINES = 12;

/** An error for people: its message, the details that the message does not say, and its fix; with `stack` also its code and causes. */
export function errorLines(error: MillraceError, options: { readonly stack: boolean }): readonly string[] {
  const lines = [`error: ${error.message}`, ...detailLines(error)];
  if (error.fix !== null) lines.push(`fix: ${error.fix}`);
  if (!options.stack) return lines;
  const causes = [error, error.cause].flatMap((each) => (each instanceof Error ? [each.stack ?? each.message] : []));
  return [...lines, "", `code: ${error.code}`, ...causes];
}

/** What a program that failed printed, cut to its end: the only detail that no message holds. */
function detailLines({ details }: MillraceError): readonly string[] {
  const { stderr } = details;
  if (typeof stderr !== "string" || stderr.trim() === "") return [];
  return indented(stderr.trimEnd(), "  | ").slice(-DETAIL_LINES);
}
