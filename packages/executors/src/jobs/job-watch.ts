import { watch, existsSync, type FSWatcher } from "node:fs";
import { join } from "node:path";

/** Learns that agents ended, without polling. A supervisor that is killed is not seen by it: polling finds that. */
export interface JobWatch extends Disposable {
  /** Watches a job's folder until its `exit.json` is there. */
  follow(key: string, folder: string): void;
  /** The job is known to have ended. */
  settled(key: string): void;
  /** Resolves when the job has ended, or after `timeoutMs`, or on abort. */
  wait(key: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

export function createJobWatch(onSettled: (key: string) => void): JobWatch {
  const watchers = new Map<string, FSWatcher>();
  const waiting = new Map<string, Set<() => void>>();
  const drop = (key: string): boolean => {
    watchers.get(key)?.close();
    return watchers.delete(key);
  };
  const settled = (key: string): void => {
    // Its supervisor's exit and its file are two signs of one end.
    if (!drop(key)) return;
    for (const wake of waiting.get(key) ?? []) wake();
    onSettled(key);
  };
  return {
    settled,
    follow(key, folder) {
      if (watchers.has(key)) return;
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (name === "exit.json") settled(key);
      });
      watcher.on("error", () => drop(key));
      watchers.set(key, watcher);
      if (existsSync(join(folder, "exit.json"))) settled(key);
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
        if (signal.aborted || !watchers.has(key)) wake();
      });
    },
    [Symbol.dispose]() {
      for (const key of watchers.keys()) drop(key);
    },
  };
}
