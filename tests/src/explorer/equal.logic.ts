/** Deep equality of two documents, independent of the order of their fields. Shared parts are not compared. */
export function isEqual(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const others = new Map(Object.entries(right));
  const entries = Object.entries(left);
  return entries.length === others.size && entries.every(([name, value]) => others.has(name) && isEqual(value, others.get(name)));
}
