import type { SandboxProfile } from "./sandbox.port.js";

/** One program to run: arguments, folder, environment, limits. */
export interface CommandRequest {
  /** Program and arguments; no shell in between. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the child; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Bytes of output kept, from the end. */
  readonly keepBytes: number;
  /** Runs it in the sandbox with this view of the machine; null: as a process of the host, for programs and folders that the host trusts. */
  readonly profile: SandboxProfile | null;
  /** Written to the program's standard input. Default: empty. */
  readonly stdin?: Uint8Array;
  /** Keeps standard output apart, as bytes from the beginning; a program that writes more than `maxBytes` is ended: `overflowed`. Default: part of `output`. */
  readonly stdout?: { readonly maxBytes: number };
}

/** Result of a program. A non-zero exit or a time-out is a result, not an error. */
export interface CommandResult {
  readonly exit: { readonly code: number | null; readonly signal: string | null };
  readonly timedOut: boolean;
  /** stdout and stderr in the order they came, the last `keepBytes` of them. Without stdout when the request keeps it apart. */
  readonly output: string;
  /** Standard output, when the request keeps it apart; else empty. */
  readonly stdout: Uint8Array;
  /** The program wrote more than the request's `stdout.maxBytes`. */
  readonly overflowed: boolean;
}

/** Runs one program with all that it starts; on time-out or abort every process of it is gone before it resolves. */
export interface CommandRunner {
  run(request: CommandRequest, signal: AbortSignal): Promise<CommandResult>;
}
