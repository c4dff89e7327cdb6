import type { z } from "zod";
import { ModelRefusal } from "./refusal.logic.js";

/** The body without what the schema does not have. @throws ModelRefusal `invalid_body`. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new ModelRefusal("invalid_body");
  return parsed.data;
}
