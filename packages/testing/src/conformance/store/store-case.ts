import type { Clock, PullRequestLedger, Store, WakeUps } from "@millrace/kernel";

/** One backend, freshly opened and empty. */
export interface StoreUnderTest {
  readonly store: Store;
  readonly wakeups: WakeUps;
  readonly pullRequests: PullRequestLedger;
  /** Another connection to the same data, as another process has it; `close` closes it too. Absent: there is only one. */
  readonly connect?: () => Promise<Store>;
  close(): Promise<void>;
}

/** How a backend is opened for the suite. */
export interface StoreHarness {
  /** A new, empty one for every test. */
  open(clock: Clock): Promise<StoreUnderTest>;
  /** Reason by name of a test this backend does not pass. A name that is no test fails the suite. */
  readonly skips?: Readonly<Record<string, string>>;
}

/** What a test gets: the backend, and the time it sees. */
export interface StoreScene extends StoreUnderTest {
  /** The same store where there is only one. */
  readonly connect: () => Promise<Store>;
  readonly clock: Clock & { set(now: number): void };
}

export interface StoreCase {
  readonly name: string;
  run(scene: StoreScene): Promise<void>;
}
