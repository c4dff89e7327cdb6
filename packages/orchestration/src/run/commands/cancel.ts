import type { Actor } from "@millrace/contracts";
import { isMillraceError, notFound } from "@millrace/kernel";
import { resolveNotification } from "../model/notification.logic.js";
import type { Engine } from "../turn/engine.js";
import { learnOfBlock } from "../turn/landing.js";
import { bringDown } from "./bring-down.js";
import type { BlockAddress } from "./new-run.js";

/** Attempts to give a block back when the run moves meanwhile. */
const MAX_TRIES = 5;

/** Input of `cancel`: the block, who cancels, and the reason that the run's record keeps. */
export interface BlockStopRequest extends BlockAddress {
  readonly actor: Actor;
  readonly reason: string;
}

/**
 * Gives a block back to the plan: a live run is stopped and seen to end, what its last run asked people for is dismissed. What was
 * merged stays merged, and a change that a person has merged meanwhile is seen.
 * @throws MillraceError `not_found`, `conflict` when its run does not stop.
 */
export async function cancel(engine: Engine, request: BlockStopRequest): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await giveBack(engine, request);
    } catch (error) {
      // Merged or taken up between the read and the write.
      if (tries >= MAX_TRIES || !isMillraceError(error, "stale_revision")) throw error;
    }
  }
}

async function giveBack(engine: Engine, { workspaceId, blockId, actor, reason }: BlockStopRequest): Promise<void> {
  const { store, clock } = engine.ports;
  const live = await store.runs.liveOfBlock(workspaceId, blockId);
  if (live !== null) await bringDown(engine, { workspaceId, runId: live.id, actor }, reason);
  const block = await learnOfBlock(engine, { workspaceId, blockId });
  if (block === null) throw notFound("block", blockId);
  const { runId } = block;
  if (runId === null) return;
  const at = clock.now();
  const notifications = await store.notifications.ofRun(workspaceId, runId);
  await store.commit([
    ...(block.merged === null ? [{ change: "release-block", workspaceId, id: blockId, runId } as const] : []),
    ...notifications.map((notification) => resolveNotification(notification, "dismissed", { at, actor })),
  ]);
}
