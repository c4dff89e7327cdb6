/** One page of a list in a stated, stable order. */
export interface Page {
  /** Rows at most, 1 to 200. */
  readonly limit: number;
  /** Id of the last row of the page before. Default: start at the beginning. */
  readonly after?: string | undefined;
}
