import type { ChildProcess } from "node:child_process";
import type { Host } from "@millrace/runtime-host";

/** Where one test happens: a folder with a repository, and a board that is opened on it. */
export interface RuntimeScene extends RuntimePlace {
  readonly folder: string;
}

export interface RuntimePlace {
  /** Opens the board in this process. */
  readonly open: () => Promise<Host>;
  /** A process that drives the same board until its standard input ends, and says so when it does. */
  readonly second: () => Promise<ChildProcess>;
}

export interface RuntimeHarness {
  /** A board of its own for each test, in that folder. */
  place(folder: string): Promise<RuntimePlace>;
  /** Names of tests that do not apply, each with its reason. */
  readonly skips?: Readonly<Record<string, string>>;
}

export interface RuntimeCase {
  readonly name: string;
  readonly run: (scene: RuntimeScene) => Promise<void>;
}
