/** A fault of one request. */
export type GitHubFault =
  /** The request has no effect and is answered with a server error. */
  | { readonly does: "fail"; readonly status: 500 | 502 | 503 }
  /** The request has no effect and is refused as if its subject did not exist. */
  | { readonly does: "answer"; readonly status: 404 | 409 | 422 }
  /** The connection breaks before the request is processed. */
  | { readonly does: "drop" }
  /** The request takes effect, but its response is lost. */
  | { readonly does: "drop-reply" }
  /** A secondary rate limit; `retryAfterS` null: without a `retry-after` header. */
  | { readonly does: "slow-down"; readonly status: 403 | 429; readonly retryAfterS: number | null }
  /** The request is answered with 401. */
  | { readonly does: "refuse-login" }
  /** `act` runs before the request is processed: a concurrent change that came first. */
  | { readonly does: "first"; readonly act: () => Promise<unknown> };

interface PlannedFault {
  readonly operation: string | null;
  readonly fault: GitHubFault;
  times: number;
}

/** Planned faults, taken in order. */
export class Faults {
  readonly #planned: PlannedFault[] = [];
  #faced = 0;

  /** Number of faults that happened. */
  get faced(): number {
    return this.#faced;
  }

  /** `operation` as in GitHub's OpenAPI description (`PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge`); null: any request. */
  plan(operation: string | null, fault: GitHubFault, times: number): void {
    this.#planned.push({ operation, fault, times });
  }

  /** Drops every planned fault. */
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
