/**
 * A copy that shares nothing with its original, of values made of plain objects, lists and primitives: all that ports carry. Several
 * times faster than `structuredClone`, which was a fifth of what a simulation costs. Anything else (a date, a map) is refused loudly.
 */
export function copyOf<T>(value: T): T {
  return copied(value) as T;
}

function copied(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError("only plain objects and lists can be stored");
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    // JSON may have a key of this name; assigning to it would set the prototype instead.
    if (key === "__proto__")
      Object.defineProperty(copy, key, { value: copied(inner), enumerable: true, configurable: true, writable: true });
    else copy[key] = copied(inner);
  }
  return copy;
}
