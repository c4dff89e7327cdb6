/**
 * A merge whose run was stopped while the request was on its way. A request that was sent cannot be called back; it can only be
 * recorded. The driver that sent it knows the outcome first, and records it before it does anything else; where the reply was lost, it
 * asks the forge (F:A7).
 */
import type { MergeRecord, Run } from "@millrace/contracts";
import { ENGINE } from "../../platform/actor.logic.js";
import type { Command } from "../model/command.js";
import { currentStep, isLive } from "../model/due.logic.js";
import type { Engine } from "./engine.js";
import { learnOfBlock, recordOnBlock } from "./landing.js";
import { currentRun, RunSession, type RunAddress } from "./run-session.js";

/** Record of the merge, if `command` is the result of a merge that `run` requested; else null. */
function landedBy(run: Run, command: Command): MergeRecord | null {
  if (command.command !== "returned" || command.result.of !== "merge" || command.result.result.is !== "merged") return null;
  const { activity } = currentStep(run);
  if (activity.is !== "effect" || activity.effect.request.do !== "merge") return null;
  const { commit, head, base } = command.result.result;
  return { pullRequest: activity.effect.request.pullRequest, commit, head, base, at: command.at, runId: run.id };
}

/**
 * Records what became of a merge that `run` requested and `command` is the result of. A run that is stopping ends with it recorded. One that has ended
 * stays as it is (I4); its task is done all the same, so that no new run begins on what has landed.
 */
export async function recordOutcome(engine: Engine, address: RunAddress, requested: Run, command: Command): Promise<void> {
  const merged = landedBy(requested, command);
  let run = await currentRun(engine, address);
  if (merged !== null && run.phase.is === "stopping") {
    await new RunSession(engine, address).execute({ command: "stopped", at: merged.at, actor: ENGINE, merged });
    run = await currentRun(engine, address);
  }
  if (isLive(run) || run.merged !== null) return;
  const { workspaceId, blockId } = run;
  if (merged === null) await learnOfBlock(engine, { workspaceId, blockId });
  else {
    const block = await engine.ports.store.blocks.get(workspaceId, blockId);
    if (block !== null) await recordOnBlock(engine, block, merged);
  }
}
