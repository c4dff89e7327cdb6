/** Whether two JSON-like values hold the same, whatever the order of their keys. An absent key and an undefined one are the same. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  return holds(a, b) && Object.keys(b).every((key) => key in a || at(b, key) === undefined);
}

/** Asked of every commit, of whole runs: no lists or sets of keys are made for it. */
function holds(a: object, b: object): boolean {
  for (const key of Object.keys(a)) if (!isSame(at(a, key), at(b, key))) return false;
  return true;
}

function at(value: object, key: string): unknown {
  return Reflect.get(value, key);
}
