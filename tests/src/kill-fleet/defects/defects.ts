/**
 * Faults that the engine once had, each as changes of the source that put it back. Workers (and the supervisors that they start) load
 * the changed source: `preload.fixture.ts`.
 */
export interface Change {
  /** File below `packages/`. */
  readonly file: string;
  /** Text that is there once, and what stands in its place. */
  readonly from: string;
  readonly to: string;
}

export const DEFECTS = {
  "usage of failed work is not settled": [
    {
      file: "orchestration/src/run/turn/perform.ts",
      from: "meter.settle(job, usageOf(status.outcome));",
      to: 'if (status.outcome.is === "finished") meter.settle(job, usageOf(status.outcome));',
    },
  ],
  "a cost without token counts is dropped": [
    {
      file: "orchestration/src/run/rules/usage.logic.ts",
      from: "if (usage !== null && isNothing(usage)) return [];",
      to: "if (usage !== null && (isNothing(usage) || usage.tokens === null)) return [];",
    },
  ],
  "a pause ends when the clock says so": [
    {
      file: "kernel/src/has-passed.logic.ts",
      from: "return now + TOLERANCE_MS;",
      to: "return Math.max(now + TOLERANCE_MS, Number.MAX_SAFE_INTEGER);",
    },
  ],
  "locks of a killed git stay": [
    {
      file: "integrations/src/git/stale-locks.ts",
      from: "if (old.length === 0 || (seen && (await isInUse(gitDir)))) return 0;",
      to: "if (old.length < Infinity || (seen && (await isInUse(gitDir)))) return 0;",
    },
  ],
  "the processes of a job whose folder is gone live on": [
    {
      file: "executors/src/jobs/job-processes.ts",
      from: "const recorded = await folder.supervisor.readIfUsable();",
      to: "const recorded = await folder.supervisor.readIfUsable();\n  if (recorded === null) return;",
    },
  ],
  "a job is over before it was started": [
    {
      file: "executors/src/jobs/local-executor.ts",
      from: "if (claim === null || !(await isOver(folder))) return",
      to: "if (!(await isOver(folder))) return",
    },
    {
      file: "executors/src/machines/machine-executor.ts",
      from: 'if (start === "unstarted" || start === "unknown") return',
      to: "if (start === null) return",
    },
    {
      file: "executors/src/machines/machine-executor.ts",
      from: 'if (start === "starting") return;',
      to: "",
    },
  ],
  "the output of a fast command is lost": [
    {
      file: "executors/src/sandbox/started-child.ts",
      from: "stdout: Readable.toWeb(stdout.pipe(new PassThrough())),\n    stderr: Readable.toWeb(stderr.pipe(new PassThrough())),",
      to: "get stdout() { return Readable.toWeb(stdout); },\n    get stderr() { return Readable.toWeb(stderr); },",
    },
    {
      // Its reader comes a moment late, as on a busy computer.
      file: "executors/src/sandbox/none.ts",
      from: "return { ...streams, exited };",
      to: "await new Promise((go) => setTimeout(go, 200));\n      return { ...streams, exited };",
    },
  ],
  "a machine looks for another one's jobs in its own folder": [
    {
      file: "executors/src/machines/machine-executor.ts",
      from: "return machine === (await this.#me());",
      to: 'return machine === (await this.#me()) || machine !== "";',
    },
  ],
  "an opening that failed is not closed": [
    {
      file: "runtime-node/src/database.ts",
      from: "await closeAll(opened).catch(() => undefined);",
      to: "",
    },
  ],
  "a merge is not learnt": [
    {
      file: "orchestration/src/run/turn/perform.ts",
      from: "return stopped(await readLanding(this.#ports, { repository, branch: pullRequest.branch, runId: run.id }));",
      to: "return stopped(null);",
    },
  ],
} as const satisfies Readonly<Record<string, readonly Change[]>>;

export type DefectName = keyof typeof DEFECTS;

export function isDefect(name: string): name is DefectName {
  return Object.hasOwn(DEFECTS, name);
}

/** URL of the module that puts a defect back into the process that loads it first. It has all of it: it is loaded before anything else. */
export function preloadOf(name: DefectName): string {
  const url = new URL("preload.fixture.ts", import.meta.url);
  url.search = new URLSearchParams({ name, changes: JSON.stringify(DEFECTS[name]) }).toString();
  return url.href;
}
