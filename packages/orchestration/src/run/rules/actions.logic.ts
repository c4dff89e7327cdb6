/** Guards of what people do with runs. The commands and the view of what can be done ask the same ones. */
import type { Block, Effect, HumanWait, Run } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";

/** @throws MillraceError `run_not_live`. */
export function requireLive(run: Run): void {
  if (run.phase.is === "live" || run.phase.is === "stopping") return;
  throw new MillraceError("run_not_live", `run '${run.id}' is already ${run.phase.is}`, {
    fix: `nothing is left to stop; see it with: millrace show ${run.id}`,
  });
}

/**
 * The effect that a paused run is held in front of.
 * @throws MillraceError `conflict`.
 */
export function requirePaused(run: Run, held: Effect | null): Effect {
  if (held !== null) return held;
  throw new MillraceError("conflict", `run '${run.id}' is not paused`, { fix: `see what it does with: millrace show ${run.id}` });
}

/**
 * The wait of that id, which is open. Null asks for any.
 * @throws MillraceError `wait_closed`.
 */
export function requireOpenWait(run: Run, open: HumanWait | null, wait: string | null): HumanWait {
  if (open !== null && (wait === null || open.id === wait)) return open;
  throw new MillraceError(
    "wait_closed",
    wait === null ? `run '${run.id}' waits for nobody` : `'${wait}' was answered already or is no longer asked`,
    { fix: `an answer is used once; see what is open with: millrace show ${run.id}` },
  );
}

/**
 * A run that another has taken the place of is not taken up: the later one is.
 * @throws MillraceError `conflict`.
 */
export function requireLastRun(run: Pick<Run, "id">, task: Pick<Block, "runId" | "title">): void {
  if (task.runId === null || task.runId === run.id) return;
  throw new MillraceError("conflict", `'${task.title}' has had a later run than '${run.id}': '${task.runId}'`, {
    fix: `take up that one: millrace show ${task.runId}`,
    details: { lastRunId: task.runId },
  });
}

/**
 * The task waits for its merge.
 * @throws MillraceError `conflict`.
 */
export function requireMergeable(task: Block): NonNullable<Block["pullRequest"]> {
  if (task.merged !== null) throw mergedAlready(task.title, task.merged);
  if (task.status === "pr_ready" && task.pullRequest !== null) return task.pullRequest;
  throw new MillraceError("conflict", `'${task.title}' is ${task.status}: there is no finished change to merge`, {
    fix:
      task.status === "done"
        ? "nothing is left to merge; see it with: millrace tasks"
        : `run its pipeline to its end first: millrace run ${task.id}`,
  });
}

/** Refusal of further work on what has landed. */
export function mergedAlready(title: string, { commit }: NonNullable<Block["merged"]>): MillraceError {
  return new MillraceError("conflict", `'${title}' is merged already (${commit.slice(0, 10)})`, { fix: "add a new task for further work" });
}
