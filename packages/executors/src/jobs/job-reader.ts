import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { JobProgress } from "@millrace/kernel";
import { z } from "zod";
import { readBounded } from "../files/regular-file.js";
import type { SandboxName } from "../sandbox/open-sandbox.js";
import { jobFolder, jobHash } from "./job-folder.js";

const lineSchema = z.object({ at: z.number(), direction: z.enum(["to-agent", "from-agent", "stderr", "note"]), entry: z.unknown() });

/** One line of a transcript. `at` is in epoch ms; `entry` is a message of the protocol, or text for `stderr` and `note`. */
export type TranscriptLine = z.infer<typeof lineSchema>;

/** Reads the files of jobs without changing them, so any process may use it while another one drives. */
export interface JobReader {
  /** The latest plan of the agent; null when there is none. */
  progress(key: string): Promise<JobProgress | null>;
  /** The sandboxes that jobs of a run ran in; empty when this machine has none of its jobs. */
  sandboxesOf(runId: string): Promise<readonly SandboxName[]>;
  /** The last 4 MiB of the transcript, oldest line first; null when this machine has none. */
  transcript(key: string): Promise<readonly TranscriptLine[] | null>;
}

/** Bytes read from the end of a transcript. */
const TAIL_BYTES = 4 * 1024 * 1024;

/** Creates a reader of the folders that `createLocalExecutor` keeps in `jobsDir`. */
export function createJobReader(jobsDir: string): JobReader {
  const folderOf = (key: string) => jobFolder(join(jobsDir, jobHash(key)));
  return {
    // A file that is being written or removed counts as no plan.
    progress: (key) =>
      folderOf(key)
        .progress.read()
        .catch(() => null),
    async sandboxesOf(runId) {
      const names = await readdir(jobsDir).catch(() => []);
      const jobs = await Promise.all(names.map((name) => jobFolder(join(jobsDir, name)).job.readIfUsable()));
      return [...new Set(jobs.flatMap((job) => (job?.runId === runId ? [job.sandbox.name] : [])))];
    },
    async transcript(key) {
      const text = await readBounded(folderOf(key).transcript, { maxBytes: TAIL_BYTES, longer: "tail" });
      return text === null ? null : text.split("\n").flatMap(readLine);
    },
  };
}

function readLine(text: string): TranscriptLine[] {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data] : [];
  } catch {
    // The first line of a tail is cut, and the last one may be incomplete.
    return [];
  }
}
