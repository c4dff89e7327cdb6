import { readdir, readFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A process as the system lists it. `startedAt` is opaque: with the pid it names one process until the machine is restarted. */
export interface ProcessRow {
  readonly pid: number;
  /** Pid of its parent; 1, or a process that adopts orphans, when the parent has ended. */
  readonly parent: number;
  readonly group: number;
  readonly startedAt: string;
  readonly name: string;
}

const run = promisify(execFile);

/** Living processes of the machine, without zombies: they run nothing, and where PID 1 does not reap they stay for ever. */
export async function processTable(): Promise<readonly ProcessRow[]> {
  return process.platform === "linux" ? linuxTable() : psTable();
}

/** The row of one process; null when it has ended. */
export async function processRow(pid: number): Promise<ProcessRow | null> {
  if (process.platform === "linux") return linuxRow(pid);
  return (await psTable()).find((row) => row.pid === pid) ?? null;
}

/**
 * Processes that were started with `name=value` in their environment, grandchildren that left the process group with `setsid` included.
 * Linux only; empty elsewhere, where only the process group is known.
 */
export async function processesWithVariable(name: string, value: string): Promise<readonly ProcessRow[]> {
  if (process.platform !== "linux") return [];
  const wanted = `${name}=${value}`;
  const rows = await Promise.all(
    (await linuxPids()).map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
      return environment.split("\0").includes(wanted) ? linuxRow(pid) : null;
    }),
  );
  return rows.filter((row) => row !== null);
}

/** Identifies one boot of the machine; null on systems other than Linux. */
export async function bootId(): Promise<string | null> {
  if (process.platform !== "linux") return null;
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "")).trim() || null;
}

async function linuxPids(): Promise<readonly number[]> {
  return (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry)).map(Number);
}

async function linuxTable(): Promise<readonly ProcessRow[]> {
  return (await Promise.all((await linuxPids()).map(linuxRow))).filter((row) => row !== null);
}

async function linuxRow(pid: number): Promise<ProcessRow | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (stat === null) return null;
  // The name is in parentheses and may contain spaces and parentheses.
  const open = stat.indexOf("(");
  const close = stat.lastIndexOf(")");
  const fields = stat.slice(close + 2).split(" ");
  const state = fields[0];
  const startedAt = fields[19];
  if (state === undefined || state === "Z" || state === "X" || startedAt === undefined) return null;
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    startedAt,
    name: (await programOf(pid)) ?? stat.slice(open + 1, close),
  };
}

/** Name of the program. The kernel's name of a process may be that of its main thread instead. */
async function programOf(pid: number): Promise<string | null> {
  const [program] = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
  return program === undefined || program === "" ? null : program.slice(program.lastIndexOf("/") + 1);
}

async function psTable(): Promise<readonly ProcessRow[]> {
  const { stdout } = await run("ps", ["-axo", "pid=,ppid=,pgid=,stat=,lstart=,comm="], {
    env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C" },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/.exec(line);
    const [, pid, parent, group, state, startedAt, name] = match ?? [];
    if (
      pid === undefined ||
      parent === undefined ||
      group === undefined ||
      startedAt === undefined ||
      name === undefined ||
      state?.startsWith("Z")
    )
      return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), startedAt, name }];
  });
}
