import type { Page } from "@millrace/kernel";

/** One page of a list, as operations answer it. */
export interface PageAnswer<Item> {
  readonly items: Item[];
  /** Null: this is the last one. */
  readonly nextAfter: string | null;
}

/** The page of a short list that was read as a whole, in its order. An `after` that is gone begins again behind nothing: at the end. */
export function pageOf<Item extends { readonly id: string }>(all: readonly Item[], { limit, after }: Page): PageAnswer<Item> {
  const at = after === undefined ? -1 : all.findIndex(({ id }) => id === after);
  const rest = after !== undefined && at < 0 ? [] : all.slice(at + 1);
  const items = rest.slice(0, limit);
  return { items, nextAfter: items.length < rest.length ? (items.at(-1)?.id ?? null) : null };
}
