/** What a process inside a sandbox sees and may use. Plain data: it is stored with a job and read by its supervisor. */
export interface SandboxProfile {
  /** Absolute folder of the process, seen inside under the same path. `read`: mounted read-only. */
  readonly work: { readonly path: string; readonly access: "read" | "write" };
  /** Further absolute folders or files, seen read-only under the same path: tools, an object store. Folders of the system are always seen. */
  readonly visible: readonly string[];
  /** Unix sockets of the host, each seen inside at `path`. The only ways out: there is no network. */
  readonly doors: readonly SandboxDoor[];
  readonly limits: SandboxLimits;
}

/** A Unix socket of the host and the absolute path under which a sandbox sees it. */
export interface SandboxDoor {
  readonly socket: string;
  readonly path: string;
}

/** Limits of everything inside one sandbox together. */
export interface SandboxLimits {
  /** Main memory in bytes. */
  readonly memoryBytes: number;
  /** Processes and threads. */
  readonly processes: number;
  /** Each of the private folders: the home and the temporary folder, in bytes. */
  readonly privateBytes: number;
  /** The largest file that can be written, in bytes. */
  readonly fileBytes: number;
}

/** A program to start in a sandbox. */
export interface SandboxCommand {
  /** Program and arguments; no shell in between. */
  readonly argv: readonly [string, ...string[]];
  /** Inside `profile.work`. */
  readonly cwd: string;
  /** Names this sandbox to `Sandbox.end`, in any process and after any restart: known to its starter before there is anything to end. Unique. */
  readonly identity: string;
  /** The whole environment of the program; nothing is inherited. `HOME` and `TMPDIR` are set by a sandbox that has private folders. */
  readonly env: Readonly<Record<string, string>>;
  readonly profile: SandboxProfile;
}

/** End of the program that a sandbox was started for. A sandbox may report a signal as the code 128 + its number, as a shell does. */
export interface SandboxExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A started sandbox. Nothing that the program writes is lost before a reader comes. `exited` never rejects. */
export interface SandboxedProcess {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<SandboxExit>;
}

/** Result of `Sandbox.examine`. `problem` and `fix` are null when it works. */
export interface SandboxExamination {
  readonly works: boolean;
  readonly problem: string | null;
  readonly fix: string | null;
  /** What holds the limits of memory and processes: a control group, limits of each process, or nothing. */
  readonly limits: "cgroup" | "ulimit" | "none";
}

/**
 * Contains the processes of an agent or a check. The end of a sandbox is the end of every process in it, also when the process that
 * started it is killed.
 */
export interface Sandbox {
  /** `bubblewrap`, or `none` for no protection at all. Shown with every run. */
  readonly name: string;
  /** Starts one and looks at what it sees. */
  examine(): Promise<SandboxExamination>;
  /**
   * @throws MillraceError `sandbox_unavailable` with the fix, `agent_missing` when there is no such program inside, `unavailable` when a
   * process cannot be started.
   */
  start(command: SandboxCommand): Promise<SandboxedProcess>;
  /**
   * Ends every process inside: asks them, waits `graceMs`, then kills. Resolves when none is left, also for a sandbox that has ended or
   * never was, with the names of the programs that it ended.
   *
   * @throws MillraceError `unavailable` with the processes that are stuck inside the kernel.
   */
  end(identity: string, graceMs: number): Promise<readonly string[]>;
}
