import type { ChildProcess } from "node:child_process";
import type { Host } from "@millrace/runtime-host";

/** Setup of one case: a folder, and the board in it. */
export interface RuntimeScene extends RuntimePlace {
  readonly folder: string;
}

export interface RuntimePlace {
  /** Opens the board in this process. */
  readonly open: () => Promise<Host>;
  /** Starts a process that drives the same board until its standard input ends. Resolves when it drives. */
  readonly second: () => Promise<ChildProcess>;
}

export interface RuntimeHarness {
  /** Makes a new board for each case, in `folder`. */
  place(folder: string): Promise<RuntimePlace>;
  /** Cases that do not apply: name to reason. Default: none. */
  readonly skips?: Readonly<Record<string, string>>;
}

export interface RuntimeCase {
  readonly name: string;
  readonly run: (scene: RuntimeScene) => Promise<void>;
}
