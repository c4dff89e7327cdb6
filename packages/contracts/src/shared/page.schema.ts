import { z } from "zod";

/** Fields of a request for one page of a list. */
export const pageFields = {
  /** Items at most. Default 50. */
  limit: z.number().int().min(1).max(200).default(50),
  /** `nextAfter` of the page before. Default: the first page. */
  after: z.string().min(1).max(500).optional(),
};

/** One page of a list, in the stated order of the list. */
export function pageSchema<Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; nextAfter: z.ZodNullable<z.ZodString> }, z.core.$strict> {
  return z.strictObject({
    items: z.array(item),
    /** Cursor of the next page; null: this is the last one. */
    nextAfter: z.string().max(500).nullable(),
  });
}
