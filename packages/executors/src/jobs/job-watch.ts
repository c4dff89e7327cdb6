import { watch, existsSync, type FSWatcher } from "node:fs";
import { join } from "node:path";

/** Names a job that has ended, and its run. */
export interface EndedJob {
  readonly key: string;
  readonly workspaceId: string;
  readonly runId: string;
}

/**
 * Notices the end of jobs by file system events and the exit of their supervisors, without polling. It may miss an end (a supervisor
 * that another host started was killed): a poll of the job finds that.
 */
export interface JobWatch extends Disposable {
  /** Watches the folder of a job until its `exit.json` exists. */
  follow(job: EndedJob, folder: string): void;
  /** Reports the end of a followed job; a second report has no effect. */
  ended(key: string): void;
  /** Resolves when the job ends, after `timeoutMs`, or when the signal aborts; at once for a job that is not followed. */
  wait(key: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

/** `onEnded` is called once for each job that ends while it is followed. */
export function createJobWatch(onEnded: (job: EndedJob) => void): JobWatch {
  const followed = new Map<string, { readonly job: EndedJob; readonly watcher: FSWatcher }>();
  const waiting = new Map<string, Set<() => void>>();
  const drop = (key: string): EndedJob | null => {
    const entry = followed.get(key);
    if (entry === undefined) return null;
    entry.watcher.close();
    followed.delete(key);
    return entry.job;
  };
  const ended = (key: string): void => {
    // The exit of the supervisor and its file report the same end.
    const job = drop(key);
    if (job === null) return;
    for (const wake of waiting.get(key) ?? []) wake();
    onEnded(job);
  };
  return {
    ended,
    follow({ key, workspaceId, runId }, folder) {
      if (followed.has(key)) return;
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name === "exit.json") ended(key);
      });
      watcher.on("error", () => drop(key));
      followed.set(key, { job: { key, workspaceId, runId }, watcher });
      if (existsSync(join(folder, "exit.json"))) ended(key);
    },
    wait(key, timeoutMs, signal) {
      return new Promise((resolve) => {
        const wakes = waiting.get(key) ?? new Set();
        const wake = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", wake);
          wakes.delete(wake);
          if (wakes.size === 0) waiting.delete(key);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        signal.addEventListener("abort", wake, { once: true });
        waiting.set(key, wakes.add(wake));
        if (signal.aborted || !followed.has(key)) wake();
      });
    },
    [Symbol.dispose]() {
      for (const key of followed.keys()) drop(key);
    },
  };
}
