/**
 * What the forge says about the change of a task. A person may merge a pull request at any moment, and the reply of our own merge may be
 * lost: so every way into and out of a run asks (F:A6).
 * 1. A live run learns it by a command: `stopped` at its end, `landed` while it rests. What it may still have in flight ends first.
 * 2. A run that has ended stays as it is (I4); its task is done all the same, and what its last run asked of people is resolved.
 * 3. A forge that does not answer holds nothing up: what it would have said is learnt at the next look.
 */
import type { Block, MergeRecord, Run } from "@millrace/contracts";
import { logFailure, taskBranch } from "@millrace/kernel";
import { ENGINE } from "../../platform/actor.logic.js";
import { changeAtRest, heldEffect, openWait, type ChangeOfTask } from "../model/due.logic.js";
import { resolveNotification } from "../model/notification.logic.js";
import type { Engine } from "./engine.js";
import { readLanding } from "./read-landing.js";
import { RunSession } from "./run-session.js";

/** Looks whether the change of a run at rest has landed; the run goes on behind the merge then. True if it has. */
export async function learnOfRun(engine: Engine, run: Run): Promise<boolean> {
  const change = changeAtRest(run);
  if (change === null || !mayHaveMissedIt(run)) return false;
  const merged = await readUnlessDown(engine, run.blockId, change);
  if (merged === null) return false;
  const usage = await engine.performer.endCall(run);
  if (usage === null) return false;
  await new RunSession(engine, { workspaceId: run.workspaceId, runId: run.id }).execute(
    { command: "landed", at: merged.at, actor: ENGINE, merged },
    [],
    usage,
  );
  return true;
}

/** True while the run waits for people, or is paused in front of an effect that would not ask the forge by itself. */
function mayHaveMissedIt(run: Run): boolean {
  const held = heldEffect(run)?.request.do;
  return openWait(run) !== null || (held !== undefined && held !== "probe" && held !== "update-branch" && held !== "merge");
}

/**
 * Looks whether the change of a task has landed that no run works on, and records it. A block with a live run is left to that run.
 * Returns the block as it is then; null when it is missing.
 */
export async function learnOfBlock(
  engine: Engine,
  { workspaceId, blockId }: { readonly workspaceId: string; readonly blockId: string },
): Promise<Block | null> {
  const { store } = engine.ports;
  const { path } = await store.runs.context({ workspaceId, blockId, runId: null });
  const [block] = path;
  if (block === undefined) return null;
  const repository = path.find(({ level }) => level === "service")?.repository ?? null;
  if (block.merged !== null || block.level !== "task" || repository === null) return block;
  const [last] = await store.runs.list(workspaceId, { blockId }, { limit: 1 });
  if (last === undefined || (await store.runs.liveOfBlock(workspaceId, blockId)) !== null) return block;
  const branch = block.pullRequest?.branch ?? taskBranch(block);
  const merged = await readUnlessDown(engine, blockId, { repository, branch, runId: last.id });
  if (merged === null) return block;
  await recordOnBlock(engine, block, merged);
  return { ...block, status: "done", progress: 1, merged };
}

async function readUnlessDown({ ports }: Engine, blockId: string, change: ChangeOfTask): Promise<MergeRecord | null> {
  try {
    return await readLanding(ports, change);
  } catch (error) {
    logFailure(ports.log, "look-failed", error, { blockId });
    return null;
  }
}

/** The task is done, whatever became of its runs, and nothing that its last run asked people for is open any more. */
export async function recordOnBlock({ ports }: Engine, block: Block, merged: MergeRecord): Promise<void> {
  const { workspaceId, id } = block;
  const open = block.runId === null ? [] : await ports.store.notifications.ofRun(workspaceId, block.runId);
  await ports.store.commit([
    { change: "patch-block", workspaceId, id, patch: { status: "done", progress: 1, merged } },
    ...open.map((notification) => resolveNotification(notification, "acted", { at: merged.at, actor: ENGINE })),
  ]);
}
