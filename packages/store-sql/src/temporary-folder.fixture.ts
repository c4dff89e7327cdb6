import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** Where a test says what to undo: vitest's `onTestFinished`. */
export type OnFinished = (undo: () => Promise<void>) => void;

/** A folder that is gone when the test is over. */
export async function temporaryFolder(onFinished: OnFinished): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "millrace-sql-"));
  onFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
