import { spawn } from "node:child_process";
import { MillraceError, type Sandbox, type SandboxCommand, type SandboxedProcess } from "@millrace/kernel";
import { endAll } from "../processes/end-processes.js";
import { processesWithVariable, processRow, processTable, type ProcessRow } from "../processes/process-table.js";
import { exitOf, SANDBOX_MARKER, spawned, streamsOf } from "./started-child.js";

/** A program that runs as a process of the host. */
export type HostCommand = Omit<SandboxCommand, "profile">;

/** `Sandbox` without protection, which also takes commands without a profile. */
export interface HostProcesses extends Sandbox {
  start(command: HostCommand): Promise<SandboxedProcess>;
}

/**
 * Creates the sandbox that is none: a program runs as a child of this process, in its own process group, and sees and may do what the
 * user of the host may. It ends with its group and with every process that has its marker in the environment, on Linux those that left
 * the group included. A process that clears its environment and leaves the group escapes.
 */
export function createNoSandbox(): HostProcesses {
  const leaders = new Map<string, ProcessRow>();
  return {
    name: "none",
    examine: async () => ({ works: true, problem: null, fix: null, limits: "none" }),
    async start({ argv, cwd, env, identity }) {
      const [program, ...args] = argv;
      const child = spawn(program, args, {
        cwd,
        env: { ...env, [SANDBOX_MARKER]: identity },
        stdio: ["pipe", "pipe", "pipe"],
        detached: true,
      });
      const exited = exitOf(child);
      const streams = child.pid === undefined ? null : streamsOf(child);
      await spawned(child).catch((error: NodeJS.ErrnoException) => {
        throw cannotStart(program, cwd, error);
      });
      const row = child.pid === undefined ? null : await processRow(child.pid);
      if (row !== null) leaders.set(identity, row);
      if (streams === null) throw new MillraceError("internal", `'${program}' was started without a process`);
      return { ...streams, exited };
    },
    async end(identity, graceMs) {
      const ended = await endAll(() => members(identity, leaders.get(identity) ?? null), graceMs);
      leaders.delete(identity);
      return ended.map(({ name, pid }) => `${name} (${pid})`);
    },
  };
}

/** Processes with the marker, and the group of the leader and of every marked process that leads one. */
async function members(identity: string, leader: ProcessRow | null): Promise<readonly ProcessRow[]> {
  const marked = await processesWithVariable(SANDBOX_MARKER, identity);
  const leaders = marked.filter((row) => row.group === row.pid);
  // A pid that belongs to another process by now leads no group of this sandbox.
  if (leader !== null && ((await processRow(leader.pid))?.startedAt ?? leader.startedAt) === leader.startedAt) leaders.push(leader);
  const groups = new Set(leaders.map(({ pid }) => pid));
  const grouped = groups.size === 0 ? [] : (await processTable()).filter((row) => groups.has(row.group));
  const found = new Map([...marked, ...grouped].map((row) => [row.pid, row]));
  found.delete(process.pid);
  return [...found.values()];
}

function cannotStart(program: string, cwd: string, error: NodeJS.ErrnoException): MillraceError {
  if (error.code === "ENOENT" || error.code === "EACCES" || error.code === "ENOTDIR") {
    return new MillraceError("agent_missing", `cannot run '${program}' in '${cwd}' (${error.code})`, {
      fix: "check that the program is on the PATH given to it, may be executed, and that the folder exists",
      cause: error,
    });
  }
  return new MillraceError("unavailable", `cannot start '${program}' (${error.code ?? "unknown"})`, { cause: error });
}
