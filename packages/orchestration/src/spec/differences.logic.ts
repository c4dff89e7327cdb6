/** Partial expectation: only named members must be there and equal. A list names all of its elements, in order. */
export type Expected<T> = T extends readonly (infer E)[]
  ? readonly Expected<E>[]
  : T extends object
    ? { readonly [K in keyof T]?: Expected<T[K]> }
    : T;

/** One line per difference: its path, and both values as JSON. Empty without any. */
export function differences(expected: unknown, actual: unknown, path = ""): readonly string[] {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length)
      return [`${path}: expected ${expected.length} elements, there are ${actual.length}: ${shown(actual)}`];
    return expected.flatMap((element, index) => differences(element, actual[index], `${path}[${index}]`));
  }
  if (isRecord(expected) && isRecord(actual))
    return Object.entries(expected).flatMap(([key, value]) => differences(value, actual[key], path === "" ? key : `${path}.${key}`));
  return Object.is(expected, actual) ? [] : [`${path}: expected ${shown(expected)}, is ${shown(actual)}`];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? "undefined";
}
