import { notFound } from "@millrace/kernel";
import type { Engine } from "../turn/engine.js";
import { learnOfBlock } from "../turn/landing.js";
import { bringDown } from "./bring-down.js";
import type { BlockStopRequest } from "./cancel.js";
import { subtree } from "./subtree.js";

/**
 * Brings down every live run of a block and of everything in it, and sees each end. Returns their ids. Of every task it sees whether
 * its change has landed.
 * @throws MillraceError `not_found`, `conflict` when a run does not stop.
 */
export async function teardown(engine: Engine, request: BlockStopRequest): Promise<readonly string[]> {
  const { store } = engine.ports;
  const { workspaceId, actor, reason } = request;
  if ((await store.blocks.get(workspaceId, request.blockId)) === null) throw notFound("block", request.blockId);
  const ended: string[] = [];
  for await (const blockId of subtree(store, request)) {
    const live = await store.runs.liveOfBlock(workspaceId, blockId);
    if (live !== null) {
      await bringDown(engine, { workspaceId, runId: live.id, actor }, reason);
      ended.push(live.id);
    }
    // The run may have had no pull request of its own: people may have merged one of an earlier run.
    await learnOfBlock(engine, { workspaceId, blockId });
  }
  return ended;
}
