/**
 * A merge whose run was stopped while the request was on its way. A request that was sent cannot be called back: what can be done is to
 * know. The driver that sent it knows first, and says so before it does anything else.
 */
import type { MergeRecord, Run } from "@millrace/contracts";
import type { Store } from "@millrace/kernel";
import type { Command } from "../model/command.js";
import { currentStep, isLive } from "../model/due.logic.js";
import { ENGINE } from "../../platform/actor.js";
import type { RunAddress, Transactor } from "./transactor.js";

/** What landed, if `command` tells of a merge that `run` asked for. */
export function landedBy(run: Run, command: Command): MergeRecord | null {
  if (command.command !== "returned" || command.result.of !== "merge" || command.result.result.is !== "merged") return null;
  const { activity } = currentStep(run);
  if (activity.is !== "effect" || activity.effect.request.do !== "merge") return null;
  const { commit, head, base } = command.result.result;
  return { pullRequest: activity.effect.request.pullRequest, commit, head, base, at: command.at, runId: run.id };
}

/**
 * A run that is stopping ends with its merge recorded. One that has ended stays as it is (I4); its task is done all the same, so that
 * nobody begins anew what has landed.
 */
export async function recordLateMerge(
  ports: { readonly store: Store; readonly transactor: Transactor },
  address: RunAddress,
  merged: MergeRecord,
): Promise<void> {
  const { store, transactor } = ports;
  let run = await transactor.current(address);
  if (run.phase.is === "stopping") {
    await transactor.execute(address, { command: "stopped", at: merged.at, actor: ENGINE, merged }, []);
    run = await transactor.current(address);
  }
  if (isLive(run) || run.merged !== null) return;
  const { workspaceId, blockId: id } = run;
  await store.commit([{ change: "patch-block", workspaceId, id, patch: { status: "done", progress: 1, merged } }]);
}
