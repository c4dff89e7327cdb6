import { open } from "node:fs/promises";
import { join } from "node:path";
import type { JobProgress } from "@millrace/kernel";
import { z } from "zod";
import { jobFolder, jobHash } from "./job-folder.js";

const lineSchema = z.object({ at: z.number(), direction: z.enum(["to-agent", "from-agent", "stderr", "note"]), entry: z.unknown() });

/** One line of a transcript. `at` is in epoch ms; `entry` is a message of the protocol, or text for `stderr` and `note`. */
export type TranscriptLine = z.infer<typeof lineSchema>;

/** Reads the files of jobs without changing them, so any process may use it while another one drives. */
export interface JobReader {
  /** The latest plan of the agent; null when there is none. */
  progress(key: string): Promise<JobProgress | null>;
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
    async transcript(key) {
      const text = await tail(folderOf(key).transcript);
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

async function tail(path: string): Promise<string | null> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}
