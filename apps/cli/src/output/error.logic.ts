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

/** An error for people: its message and its fix, with `stack` also its code and causes. */
export function errorLines(error: MillraceError, options: { readonly stack: boolean }): readonly string[] {
  const lines = [`error: ${error.message}`];
  if (error.fix !== null) lines.push(`fix: ${error.fix}`);
  if (!options.stack) return lines;
  const causes = [error, error.cause].flatMap((each) => (each instanceof Error ? [each.stack ?? each.message] : []));
  return [...lines, "", `code: ${error.code}`, ...causes];
}
