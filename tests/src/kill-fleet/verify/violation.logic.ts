/**
 * `lost`: an effect or an acknowledged command is missing. `twice`: an effect happened more than once. `stuck`: a run will not come to rest.
 * `wrong`: anything else.
 */
export interface Violation {
  readonly is: "lost" | "twice" | "stuck" | "wrong";
  /** Stable name of the violated rule. */
  readonly rule: string;
  readonly what: string;
}

/** Elements that occur more than once, each listed once. */
export function repeated(list: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return [...new Set(list.filter((one) => seen.size === seen.add(one).size))];
}
