/**
 * A machine of a fleet: a folder, a small disk, a host name and a clock of its own. On Linux as root it is a mount and host-name
 * namespace, so that its disk can be full and all of its processes can die at once; elsewhere only a folder.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Machine extends AsyncDisposable {
  readonly name: string;
  /** Folder of its hosts, as its processes see it. */
  readonly folder: string;
  /** The same folder, as the fleet sees it. */
  readonly seenFolder: string;
  /** Command line that runs another one on this machine. */
  readonly enter: readonly string[];
  /** File of the offset of its clock (`clock.fixture.ts`). */
  readonly clockFile: string;
  readonly isIsolated: boolean;
  /** Ids of its processes; empty without namespaces. */
  processes(): Promise<readonly number[]>;
  /** Ends all of its processes at once, as a loss of power. Resolves when none is left. */
  die(): Promise<void>;
  /** Fills its disk; call the returned function to free it. Null without a disk of its own. */
  fillDisk(): Promise<(() => Promise<void>) | null>;
}

/** Why machines have no disk of their own; null when they have one. */
export const whyNotIsolated: string | null =
  process.platform === "linux" && process.getuid?.() === 0 ? null : "needs namespaces: run it as root on Linux";

const DISK_MB = 64;
const START = `mount -t tmpfs -o size=${DISK_MB}m,mode=0700 fleet "$1" && hostname "$2" && echo ready && exec cat`;

/** Writes until nothing more can be written, first in large and then in small steps. */
const FILL = `dd if=/dev/zero of="$1" bs=256k 2>/dev/null; dd if=/dev/zero of="$2" bs=4k 2>/dev/null; true`;

export async function openMachine(name: string, root: string): Promise<Machine> {
  const folder = join(root, name);
  const clockFile = join(root, `${name}.clock`);
  await mkdir(folder, { mode: 0o700 });
  await writeFile(clockFile, "+0");
  const plain = { name, folder, clockFile };
  if (whyNotIsolated !== null)
    return {
      ...plain,
      seenFolder: folder,
      enter: [],
      isIsolated: false,
      processes: async () => [],
      die: async () => undefined,
      fillDisk: async () => null,
      [Symbol.asyncDispose]: async () => undefined,
    };
  const holder = spawn("unshare", ["--mount", "--uts", "--propagation", "private", "sh", "-c", START, "sh", folder, name], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  const { pid } = holder;
  if (pid === undefined) throw new Error(`the machine '${name}' did not start`);
  const namespace = await readlink(`/proc/${pid}/ns/mnt`);
  const seenFolder = `/proc/${pid}/root${folder}`;
  const processes = async (): Promise<readonly number[]> => (await processesIn(namespace)).filter((id) => id !== pid);
  const die = async (): Promise<void> => {
    for (let left = await processes(); left.length > 0; left = await processes()) for (const id of left) killIfAlive(id);
  };
  return {
    ...plain,
    seenFolder,
    enter: ["nsenter", "--target", String(pid), "--mount", "--uts", "--"],
    isIsolated: true,
    processes,
    die,
    async fillDisk() {
      const fillers = ["filler", "filler.rest"].map((name) => join(seenFolder, name));
      await promisify(execFile)("sh", ["-c", FILL, "sh", ...fillers]);
      return async () => {
        for (const filler of fillers) await rm(filler, { force: true });
      };
    },
    async [Symbol.asyncDispose]() {
      await die();
      holder.stdin.end();
      await once(holder, "exit");
    },
  };
}

async function processesIn(namespace: string): Promise<readonly number[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const own = await Promise.all(
    ids.map(async (id) => ((await readlink(`/proc/${id}/ns/mnt`).catch(() => "")) === namespace ? [Number(id)] : [])),
  );
  return own.flat();
}

function killIfAlive(id: number): void {
  try {
    process.kill(id, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}
