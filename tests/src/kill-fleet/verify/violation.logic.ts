/** `lost`: something that happened, or was acknowledged, is not there. `twice`: something happened more than once. `wrong`: anything else. */
export interface Violation {
  readonly is: "lost" | "twice" | "wrong";
  /** Stable name of the rule that is broken. */
  readonly rule: string;
  readonly what: string;
}

/** Those of a list that are in it more than once, each named once. */
export function repeated(list: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return [...new Set(list.filter((one) => seen.size === seen.add(one).size))];
}
