import { MillraceError } from "@millrace/kernel";
import type { z } from "zod";

/** Input that does not fit its schema, as a `validation` error that names the first place that is wrong. */
export function refusal(what: string, error: z.ZodError, fix: string): MillraceError {
  const [issue] = error.issues;
  return new MillraceError("validation", `${what}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`, { fix });
}
