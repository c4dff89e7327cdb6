/** One page of a list as an operation answers it. A full page may be the last one: the next is empty then. */
export function pageOf<Item>(
  items: readonly Item[],
  limit: number,
  idOf: (item: Item) => string,
): { readonly items: Item[]; readonly nextAfter: string | null } {
  const last = items.at(-1);
  return { items: [...items], nextAfter: last === undefined || items.length < limit ? null : idOf(last) };
}
