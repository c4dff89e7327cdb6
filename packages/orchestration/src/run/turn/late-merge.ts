/**
 * A merge whose run was stopped while the request was on its way. A request that was sent cannot be called back; it can only be
 * recorded. The driver that sent it knows the outcome first, and records it before it does anything else.
 */
import type { MergeRecord, Run } from "@millrace/contracts";
import { ENGINE } from "../../platform/actor.logic.js";
import type { Command } from "../model/command.js";
import { currentStep, isLive } from "../model/due.logic.js";
import type { Engine } from "./engine.js";
import { currentRun, RunSession, type RunAddress } from "./run-session.js";

/** Record of the merge, if `command` is the result of a merge that `run` requested; else null. */
export function landedBy(run: Run, command: Command): MergeRecord | null {
  if (command.command !== "returned" || command.result.of !== "merge" || command.result.result.is !== "merged") return null;
  const { activity } = currentStep(run);
  if (activity.is !== "effect" || activity.effect.request.do !== "merge") return null;
  const { commit, head, base } = command.result.result;
  return { pullRequest: activity.effect.request.pullRequest, commit, head, base, at: command.at, runId: run.id };
}

/**
 * A run that is stopping ends with its merge recorded. One that has ended stays as it is (I4); its task is done all the same, so that
 * no new run begins on what has landed.
 */
export async function recordLateMerge(engine: Engine, address: RunAddress, merged: MergeRecord): Promise<void> {
  let run = await currentRun(engine, address);
  if (run.phase.is === "stopping") {
    await new RunSession(engine, address).execute({ command: "stopped", at: merged.at, actor: ENGINE, merged });
    run = await currentRun(engine, address);
  }
  if (isLive(run) || run.merged !== null) return;
  const { workspaceId, blockId: id } = run;
  await engine.ports.store.commit([{ change: "patch-block", workspaceId, id, patch: { status: "done", progress: 1, merged } }]);
}
