/** A folder for sandboxes of tests, and whether this machine can run them. */
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SandboxCommand, SandboxProfile } from "@millrace/kernel";
import { createBubblewrap } from "./bubblewrap/bubblewrap.js";

const examined = await createBubblewrap().examine();

/** Null where sandboxes work, else why not and what repairs it: part of the name of a skipped test. */
export const noSandbox: string | null = examined.works ? null : `${examined.problem ?? ""}; ${examined.fix ?? ""}`;

/** What holds the limits here. */
export const limitsHere = examined.limits;

const MIB = 1024 * 1024;
const SMALL: SandboxProfile["limits"] = { memoryBytes: 256 * MIB, processes: 64, privateBytes: 16 * MIB, fileBytes: 8 * MIB };

/** What a sandbox of one test works on. */
export interface Place extends AsyncDisposable {
  /** Work folder. */
  readonly work: string;
  /** Folder beside it, which no sandbox shows. */
  readonly beside: string;
  /** A shell script as a command of a sandbox. */
  command(script: string, more?: Partial<SandboxProfile>): SandboxCommand;
}

let count = 0;

export async function createPlace(): Promise<Place> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "millrace-place-")));
  const [work, beside] = [join(root, "work"), join(root, "beside")];
  for (const folder of [work, beside]) await mkdir(folder);
  return {
    work,
    beside,
    command: (script, more = {}) => ({
      argv: ["/bin/sh", "-c", script],
      cwd: work,
      env: { PATH: "/usr/bin:/bin" },
      identity: `test-${process.pid}-${(count += 1)}`,
      profile: { work: { path: work, access: "write" }, visible: [], doors: [], limits: SMALL, ...more },
    }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}
