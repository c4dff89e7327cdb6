/**
 * The model doors of jobs. Each is open while its job runs and a host lives; what was spent through it is kept in `door.json`.
 *
 * 1. One process at a time has a door: the next one takes it up when that process is gone, with what was spent.
 * 2. What a door has measured is what the job used; the agent's own report is a claim.
 */
import { dirname } from "node:path";
import { isMillraceError, MillraceError, type ModelDoor, type ModelDoorRecord, type ModelProxy, type ModelSpend } from "@millrace/kernel";
import { bootId } from "../processes/process-table.js";
import { ownIdentity } from "../processes/own-identity.js";
import { claimFolder } from "./folder-claim.js";
import type { JobFolder } from "./job-folder.js";
import type { DoorFile, JobFile, ProcessFile, SupervisorInput } from "./job-files.schema.js";
import { processState } from "./job-processes.js";

interface HeldDoor {
  readonly door: ModelDoor;
  /** Writes what is to be kept, one after the other. */
  readonly write: (file: DoorFile) => Promise<void>;
}

/** The doors that this process holds, by the key of their job. Calls about one key come one after the other. */
export class JobDoors {
  readonly #proxy: ModelProxy;
  readonly #held = new Map<string, HeldDoor>();

  constructor(proxy: ModelProxy) {
    this.#proxy = proxy;
  }

  /**
   * Opens the door of a job that is about to start. Returns what its supervisor needs; null for a job without a door.
   *
   * @throws MillraceError `model_missing`, `config_invalid`, `folder_unwritable`.
   */
  async open(folder: JobFolder, job: JobFile): Promise<SupervisorInput["door"]> {
    const setup = job.launch.model;
    if (job.door === null || setup === null) return null;
    await this.close(folder, job);
    const { door, write } = await this.#take(folder, job);
    const { token, formats } = door;
    if (token !== null && formats.includes(setup.format)) {
      await write({ owner: await self(), isClosed: false, ...door.record() });
      return { folder: dirname(door.socket), token };
    }
    await this.close(folder, job);
    throw new MillraceError("config_invalid", `the agent '${job.launch.name}' speaks ${setup.format}, which '${job.door.model}' does not`, {
      fix: `choose an agent for ${formats.join(", ")}, or a model that is reached by ${setup.format}`,
      details: { agent: job.launch.name, model: job.door.model },
    });
  }

  /** Takes up the door of a running job that a process which has ended held. */
  async resume(folder: JobFolder, job: JobFile): Promise<void> {
    if (job.door === null || this.#held.has(job.key) || !(await isLeft(await folder.door.readIfUsable()))) return;
    await using claim = await claimFolder(folder.path);
    const file = await folder.door.readIfUsable();
    if (claim === null || file === null || !(await isLeft(file))) return;
    const { tokenDigest, spend } = file;
    try {
      const { door, write } = await this.#take(folder, job, { tokenDigest, spend });
      await write({ owner: await self(), isClosed: false, ...door.record() });
    } catch (error) {
      // Its agent works on without a model, and the next look tries again: a job is not lost for it.
      if (!isMillraceError(error)) throw error;
    }
  }

  /** Closes the door of a job and returns what was spent through it; null when it had none. */
  async close(folder: JobFolder, job: JobFile): Promise<ModelSpend | null> {
    await this.resume(folder, job);
    await this.release(job.key);
    return (await folder.door.readIfUsable())?.spend ?? null;
  }

  /** Closes the door of a job that has ended, if this process holds it: another one may record the end. */
  async release(key: string): Promise<void> {
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    await leave(held, held.door.close(), true);
  }

  /** Leaves every door to the next process. */
  async detach(): Promise<void> {
    const all = [...this.#held.values()];
    this.#held.clear();
    // A door whose job folder is gone has nothing left to keep.
    await Promise.allSettled(all.map((held) => leave(held, held.door.detach(), false)));
  }

  /** The door, and the way to keep its state. */
  async #take(folder: JobFolder, job: JobFile, resumes?: ModelDoorRecord): Promise<HeldDoor> {
    if (job.door === null) throw new MillraceError("internal", `the job '${job.key}' has no door`);
    const { key, workspaceId, runId, step } = job;
    const grant = { key, workspaceId, runId, step, ...job.door, ...(resumes === undefined ? {} : { resumes }) };
    const owner = await self();
    let last: Promise<void> = Promise.resolve();
    const write = (file: DoorFile): Promise<void> => {
      const written = last.then(() => folder.door.write(file));
      last = written.catch(() => undefined);
      return written;
    };
    const door = await this.#proxy.open(grant, (record) => write({ owner, isClosed: false, ...record }));
    const held = { door, write };
    this.#held.set(key, held);
    return held;
  }
}

/** Writes the last state of a door, which no process holds any more. */
async function leave({ door, write }: HeldDoor, spent: Promise<ModelSpend>, isClosed: boolean): Promise<void> {
  const { tokenDigest } = door.record();
  await write({ owner: null, isClosed, tokenDigest, spend: await spent });
}

/** Whether there is an open door that no living process holds. */
async function isLeft(file: DoorFile | null): Promise<boolean> {
  return file !== null && !file.isClosed && (file.owner === null || (await processState(file.owner)) !== "alive");
}

async function self(): Promise<ProcessFile> {
  return { ...(await ownIdentity()), bootId: await bootId() };
}
