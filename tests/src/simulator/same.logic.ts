/** Deep equality of JSON-like values, independent of key order. An absent key equals an undefined one. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  return holds(a, b) && Object.keys(b).every((key) => key in a || at(b, key) === undefined);
}

/** Allocates no lists or sets of keys, because every commit compares whole runs. */
function holds(a: object, b: object): boolean {
  for (const key of Object.keys(a)) if (!isSame(at(a, key), at(b, key))) return false;
  return true;
}

function at(value: object, key: string): unknown {
  return Reflect.get(value, key);
}
