import type { Run } from "@millrace/contracts";
import { notFound } from "@millrace/kernel";
import { requireMergeable } from "../rules/actions.logic.js";
import { MERGE_PIPELINE_ID } from "../pipelines/merge-pipeline.logic.js";
import type { Engine } from "../turn/engine.js";
import { learnOfBlock } from "../turn/landing.js";
import type { BlockAddress, Initiator } from "./new-run.js";
import { provePerson, type ByPerson } from "./prove-person.js";
import { start } from "./start.js";

/** Input of `merge`: the task, and who asks for it. */
export interface MergeRequest extends BlockAddress, Initiator, ByPerson {}

/**
 * Merges a finished task that no pipeline merged, on a person's word: a run of `pl_merge`, which checks the gates once more and
 * asks for an approval of exactly what would land.
 * @throws MillraceError `not_found`; `conflict` unless the task waits for its merge; `forbidden_actor`, `unauthenticated`,
 *   `invalid_credentials`; and as `start`.
 */
export async function merge(engine: Engine, request: MergeRequest): Promise<Run> {
  const { workspaceId, blockId } = request;
  const known = await engine.ports.store.blocks.get(workspaceId, blockId);
  if (known === null) throw notFound("block", blockId);
  const run = known.runId === null ? null : { id: known.runId, blockId };
  const actor = await provePerson(engine.ports, request, { deed: "merge", workspaceId, run });
  const block = await learnOfBlock(engine, request);
  if (block === null) throw notFound("block", request.blockId);
  const pullRequest = requireMergeable(block);
  return start(engine, { ...request, actor, pipelineId: MERGE_PIPELINE_ID, evenIfBlocked: true }, pullRequest);
}
