/** What goes wrong with a request. */
export type GitHubFault =
  /** Nothing happened, the answer is an error of GitHub. */
  | { readonly does: "fail"; readonly status: 500 | 502 | 503 }
  /** The connection breaks before GitHub saw the request. */
  | { readonly does: "drop" }
  /** It happened; the answer never arrives. */
  | { readonly does: "drop-reply" }
  /** A secondary limit: 403 or 429, with or without a time. */
  | { readonly does: "slow-down"; readonly status: 403 | 429; readonly retryAfterS: number | null }
  /** The credential is not accepted any more. */
  | { readonly does: "refuse-login" }
  /** Runs just before GitHub looks at the request: somebody else was faster. */
  | { readonly does: "first"; readonly act: () => Promise<unknown> };

interface Planned {
  readonly operation: string | null;
  readonly fault: GitHubFault;
  times: number;
}

/** Faults in the order they were planned. */
export class Faults {
  readonly #planned: Planned[] = [];
  #faced = 0;

  /** How many faults happened. */
  get faced(): number {
    return this.#faced;
  }

  /** `operation` as in GitHub's description (`PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge`); null: any. */
  plan(operation: string | null, fault: GitHubFault, times: number): void {
    this.#planned.push({ operation, fault, times });
  }

  /** Nothing of what was planned happens any more. */
  clear(): void {
    this.#planned.length = 0;
  }

  take(operation: string): GitHubFault | null {
    const found = this.#planned.find((one) => one.times > 0 && (one.operation === null || one.operation === operation));
    if (found === undefined) return null;
    found.times -= 1;
    this.#faced += 1;
    return found.fault;
  }
}
