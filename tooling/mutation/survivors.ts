/** A mutant that no test can or should notice, and why. `was` and `becomes` as docs/mutation.md prints them (100 characters). */
export interface Explained {
  readonly file: string;
  readonly was: string;
  readonly becomes: string;
  readonly why: string;
}

export const survivors: readonly Explained[] = [];
