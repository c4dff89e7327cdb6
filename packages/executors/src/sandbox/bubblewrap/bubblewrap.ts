/**
 * Sandboxes by bubblewrap: namespaces and limits of the Linux kernel, without a daemon and without root.
 *
 * Owns: the processes of its sandboxes, from the first one that it spawns to the last one inside, and their control groups. Does not own:
 * folders, and what is in them.
 * 1. Nothing of the program runs before the starter, alive, has answered the gate; from then on the end of the starter ends everything.
 * 2. Inside there is nothing but what the profile and the system's programs are: no environment, descriptor, network or home of the host.
 * 3. The program is never the host's root, not even where the host is.
 * 4. `end` needs an identity and nothing else: the processes of a sandbox descend from one that is marked with it, and a process inside can
 *    neither see nor change that mark.
 */
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { devNull, homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex, type Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import {
  isMillraceError,
  MillraceError,
  throwUnwritable,
  type Sandbox,
  type SandboxCommand,
  type SandboxedProcess,
  type SandboxExamination,
  type SandboxExit,
  type SandboxProfile,
} from "@millrace/kernel";
import { endAll } from "../../processes/end-processes.js";
import { processesWithVariable, processRow, processTable, type ProcessRow } from "../../processes/process-table.js";
import { DEFAULT_SANDBOX_LIMITS } from "../limits.js";
import { exitOf, SANDBOX_MARKER, spawned, streamsOf } from "../started-child.js";
import { openControlGroups, type ControlGroups } from "./control-groups.js";
import { diagnose } from "./diagnosis.logic.js";
import { GATE_ANSWER, GATE_DESCRIPTOR, GATE_SAYS, gateCommand } from "./gate.logic.js";
import { inheritedDescriptors } from "./inherited-descriptors.js";
import { machineFacts, systemLayout } from "./machine-facts.js";
import { GENERATED_FILES, isInside, mounts, profileArguments } from "./profile-arguments.logic.js";
import { stageArguments, stageCommand } from "./stage-arguments.logic.js";
import { readExitCode } from "./status.js";

/** Settings of bubblewrap. */
export interface BubblewrapOptions {
  /** Folders in which the programs of the host are looked for, separated by colons. Default: those of the system. */
  readonly path?: string;
}

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const START_TIMEOUT_MS = 30_000;
const EXAMINE_GRACE_MS = 500;
const ROUND_MS = 5;
/** May be read by others. */
const OTHERS_READ = 0o004;

/** Descriptors of the child above those of the gate. */
const STATUS = GATE_DESCRIPTOR + 1;
const PROFILE = STATUS + 1;
const STAGE = PROFILE + 1;
const FILES = GENERATED_FILES.map((_, index) => STAGE + 1 + index);

/** Creates the adapter. Never use it from a worker thread: the end of the thread that started a sandbox is the end of the sandbox. */
export function createBubblewrap(options: BubblewrapOptions = {}): Sandbox {
  const machine = new Bubblewrap(options.path ?? SYSTEM_PATH);
  return {
    name: "bubblewrap",
    examine: () => machine.examine(),
    start: (command) => machine.start(command),
    end: (identity, graceMs) => machine.end(identity, graceMs),
  };
}

class Bubblewrap {
  readonly #path: string;
  readonly #isRoot = process.getuid?.() === 0;
  #groups: ControlGroups | null | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async examine(): Promise<SandboxExamination> {
    const limits = this.#controlGroups() === null ? "ulimit" : "cgroup";
    const folder = await mkdtemp(join(tmpdir(), "millrace-sandbox-")).catch((error: unknown) => throwUnwritable(tmpdir(), error));
    const identity = `examine-${folder}`;
    try {
      const profile: SandboxProfile = { work: { path: folder, access: "write" }, visible: [], doors: [], limits: DEFAULT_SANDBOX_LIMITS };
      const started = await this.start({ argv: ["/bin/sh", "-c", LOOK], cwd: folder, env: { PATH: SYSTEM_PATH }, identity, profile });
      const { code } = await started.exited;
      if (code === 0) return { works: true, problem: null, fix: null, limits };
      return { works: false, problem: "a sandbox shows more than it should", fix: "update bubblewrap", limits };
    } catch (error) {
      if (!isMillraceError(error, "sandbox_unavailable")) throw error;
      return { works: false, problem: error.message, fix: error.fix, limits: "none" };
    } finally {
      await this.end(identity, EXAMINE_GRACE_MS);
      await rm(folder, { recursive: true, force: true });
    }
  }

  async start(command: SandboxCommand): Promise<SandboxedProcess> {
    await this.#refuseUnfit(command.profile);
    const { argv, descriptors } = this.#commandLine(command);
    const nullDevice = openSync(devNull, "r+");
    const child = spawn(argv[0], argv.slice(1), {
      cwd: "/",
      // It is what the first process inside shows of itself.
      env: { PATH: this.#path, [SANDBOX_MARKER]: command.identity },
      stdio: stdioOf(descriptors, nullDevice),
      detached: true,
    });
    closeSync(nullDevice);
    const exited = exitOf(child);
    await spawned(child).catch((error: Error) => {
      throw this.#unavailable(error.message);
    });
    const streams = streamsOf(child);
    for (const [descriptor, data] of descriptors) if (data !== null) pipeOf(child, descriptor).end(data);
    const exitCode = readExitCode(pipeOf(child, STATUS));
    const gate = pipeOf(child, GATE_DESCRIPTOR);
    const said = await firstWord(gate, exited);
    if (said !== GATE_SAYS.ready) {
      gate.destroy();
      const ended = await this.#abandon(child, command.identity, exited);
      if (said === GATE_SAYS.noProgram) throw noProgram(command.argv[0]);
      throw this.#unavailable(`${await readAll(streams.stderr)}${ended.code === null ? " (it did not begin in time)" : ""}`);
    }
    const first = await firstProcess(child);
    gate.end(GATE_ANSWER);
    const whole = wholeExit(exited, exitCode, first);
    void whole.then(() => this.#controlGroups()?.remove(command.identity));
    return { ...streams, exited: whole };
  }

  async end(identity: string, graceMs: number): Promise<readonly string[]> {
    const inside = new Map<number, ProcessRow>();
    const own = new Map<number, ProcessRow>();
    const scan = async (): Promise<readonly ProcessRow[]> => {
      const { marked, descendants } = await family(identity);
      for (const row of marked) own.set(row.pid, row);
      for (const row of descendants) inside.set(row.pid, row);
      // Also those of an earlier scan: what descends from a marked process may outlive it for a moment.
      return (await Promise.all([...own.values(), ...inside.values()].map(living))).filter((row) => row !== null);
    };
    // Bubblewrap is not asked: its end would be that of everything inside, at once.
    await endAll(scan, graceMs, ({ pid }) => inside.has(pid));
    await this.#controlGroups()?.remove(identity);
    return [...inside.values()].filter(({ name }) => name !== "bwrap").map(({ name, pid }) => `${name} (${pid})`);
  }

  #controlGroups(): ControlGroups | null {
    this.#groups ??= process.platform === "linux" ? openControlGroups() : null;
    return this.#groups;
  }

  /** The command line, and the descriptors of the child: those with text are read by it. */
  #commandLine(command: SandboxCommand): {
    readonly argv: readonly [string, ...string[]];
    readonly descriptors: ReadonlyMap<number, string | null>;
  } {
    const { identity, profile } = command;
    const system = systemLayout();
    const groups = this.#controlGroups();
    const entries = groups?.make(identity, profile.limits) ?? [];
    const descriptors = new Map<number, string | null>([
      [GATE_DESCRIPTOR, null],
      [STATUS, null],
      [PROFILE, passed(profileArguments(command, system, { status: STATUS, files: FILES }))],
      ...GENERATED_FILES.map(({ text: content }, index): [number, string] => [STAGE + 1 + index, content]),
    ]);
    if (this.#isRoot) descriptors.set(STAGE, passed(stageArguments(profile, system)));
    const stage = this.#isRoot ? ["bwrap", "--args", `${STAGE}`, "--", ...stageCommand(profile)] : [];
    const gate = gateCommand(command.argv, profile.limits, { memory: groups === null });
    return {
      argv: ["/bin/sh", "-c", ENTER, "enter", ...entries, "--", ...stage, "bwrap", "--args", `${PROFILE}`, "--", ...gate],
      descriptors,
    };
  }

  /**
   * Refuses a profile that shows a home or what is not there, and on a host of root what the user of sandboxes cannot read.
   *
   * @throws MillraceError `validation`.
   */
  async #refuseUnfit(profile: SandboxProfile): Promise<void> {
    for (const { path, source } of mounts(profile)) {
      const stats = await stat(source).catch(() => null);
      if (stats === null)
        throw new MillraceError("validation", `'${source}' is not there, so a sandbox cannot show it`, { fix: "name what exists" });
      if (isInside(source, homedir()))
        throw new MillraceError("validation", `a sandbox never shows '${path}', which has the user's home in it`, {
          fix: "name the folders that are needed one by one; work outside of the home itself",
        });
      if (this.#isRoot && profile.visible.includes(source) && (stats.mode & OTHERS_READ) === 0)
        throw new MillraceError(
          "validation",
          `'${path}' cannot be read in a sandbox: it is for root alone, and a sandbox is another user`,
          {
            fix: `chmod -R o+rX '${path}' (the folders above it may stay closed), or run Millrace as a user that is not root`,
          },
        );
    }
  }

  /** Ends a start that came to nothing. */
  async #abandon(child: ChildProcess, identity: string, exited: Promise<SandboxExit>): Promise<SandboxExit> {
    // Without its gate what is there ends by itself, unless it is stuck in the set-up.
    await this.end(identity, ROUND_MS);
    child.stdin?.destroy();
    return exited;
  }

  #unavailable(printed: string): MillraceError {
    const programs = this.#isRoot ? ["bwrap", "setpriv", "prlimit", "mount", "find"] : ["bwrap", "prlimit"];
    const { problem, fix } = diagnose(machineFacts(programs, this.#path, printed));
    return new MillraceError("sandbox_unavailable", problem, { fix });
  }
}

/** Enters control groups and goes on: `sh -c <script> enter <cgroup.procs>... -- <program>...` */
const ENTER = `while [ "$1" != -- ]; do echo $$ >"$1" || exit 125; shift; done; shift; exec "$@"`;

/** What must hold inside: no system setting and no program can be written, no secret of the system is seen, there is no way out. */
const LOOK = `test ! -w /proc/sys/kernel/core_pattern && test ! -w /usr && test ! -e /etc/shadow && test "$(grep -c : /proc/net/dev)" = 1`;

/** As bubblewrap reads them. */
function passed(words: readonly string[]): string {
  return words.map((word) => `${word}\0`).join("");
}

/** A pipe for each descriptor of the child, and the null device in place of each that it would inherit. */
function stdioOf(descriptors: ReadonlyMap<number, unknown>, nullDevice: number): StdioOptions {
  const inherited = new Set(inheritedDescriptors());
  const last = Math.max(...descriptors.keys(), ...inherited);
  return Array.from({ length: last + 1 }, (_, descriptor) => {
    if (descriptor < GATE_DESCRIPTOR || descriptors.has(descriptor)) return "pipe";
    // "ignore" would leave it as it is.
    return inherited.has(descriptor) ? nullDevice : "ignore";
  });
}

function pipeOf(child: ChildProcess, descriptor: number): Duplex {
  const stream = child.stdio[descriptor];
  if (!(stream instanceof Duplex)) throw new MillraceError("internal", `descriptor ${descriptor} of a sandbox is no pipe`);
  if (stream.listenerCount("error") === 0) stream.on("error", () => {});
  return stream;
}

/** What the gate says; null when the set-up failed or takes too long. */
function firstWord(gate: Readable, exited: Promise<unknown>): Promise<string | null> {
  return new Promise((resolve) => {
    const done = (word: string | null): void => {
      clearTimeout(timer);
      resolve(word);
    };
    const timer = setTimeout(() => done(null), START_TIMEOUT_MS);
    gate.once("data", (chunk: Buffer) => done(chunk.toString("latin1")));
    gate.once("close", () => done(null));
    const ended = (): void => done(null);
    void exited.then(ended);
  });
}

/** The first process of the outer namespace, the one child of bubblewrap: it ends after all others. */
async function firstProcess({ pid }: ChildProcess): Promise<ProcessRow | null> {
  return (await processTable()).find(({ parent }) => parent === pid) ?? null;
}

/** The exit of the program, once no process is left inside. */
async function wholeExit(exited: Promise<SandboxExit>, exitCode: Promise<number | null>, first: ProcessRow | null): Promise<SandboxExit> {
  const { signal } = await exited;
  while (first !== null && (await living(first)) !== null) await delay(ROUND_MS);
  const code = await exitCode;
  return code === null ? { code, signal: signal ?? "SIGKILL" } : { code, signal: null };
}

/** The marked processes of a sandbox, which are bubblewrap's own, and all that descends from them. */
async function family(identity: string): Promise<{ readonly marked: readonly ProcessRow[]; readonly descendants: readonly ProcessRow[] }> {
  const marked = await processesWithVariable(SANDBOX_MARKER, identity);
  if (marked.length === 0) return { marked, descendants: [] };
  const children = Map.groupBy(await processTable(), ({ parent }) => parent);
  const known = new Set(marked.map(({ pid }) => pid));
  const descendants: ProcessRow[] = [];
  const open = [...known];
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const child of children.get(parent) ?? []) {
      if (known.has(child.pid)) continue;
      known.add(child.pid);
      open.push(child.pid);
      descendants.push(child);
    }
  }
  return { marked, descendants };
}

async function living(row: ProcessRow): Promise<ProcessRow | null> {
  return (await processRow(row.pid))?.startedAt === row.startedAt ? row : null;
}

function noProgram(program: string): MillraceError {
  return new MillraceError("agent_missing", `there is no program '${program}' in the sandbox`, {
    fix: "install it where the system keeps its programs, or give its full path: the user's home is not seen inside",
  });
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream).text();
}
