import type { JsonValue } from "@millrace/contracts";
import type { z } from "zod";

/** Reads the JSON an agent put into prose: the text from the first `{` to the last `}`, code fences tolerated. Null when that is not JSON. */
export function extractJson(text: string): JsonValue | null {
  const from = text.indexOf("{");
  const to = text.lastIndexOf("}");
  if (from < 0 || to < from) return null;
  try {
    return JSON.parse(text.slice(from, to + 1)) as JsonValue;
  } catch {
    return null;
  }
}

/** A structured answer: the executor's product, else the JSON in the text, validated with the kind's schema. */
export function readAnswer<T>(
  schema: z.ZodType<T>,
  answer: { readonly product: JsonValue | null; readonly text: string },
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: string } {
  const candidate = answer.product ?? extractJson(answer.text);
  if (candidate === null) return { ok: false, issues: "the answer holds no JSON object" };
  const parsed = schema.safeParse(candidate);
  if (parsed.success) return { ok: true, value: parsed.data };
  return {
    ok: false,
    issues: parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join(".") || "answer"}: ${issue.message}`)
      .join("; "),
  };
}
