/** Whether two JSON-like values hold the same, whatever the order of their keys. An absent key and an undefined one are the same. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right]: readonly Readonly<Record<string, unknown>>[] = [{ ...a }, { ...b }];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isSame(left?.[key], right?.[key]));
}
