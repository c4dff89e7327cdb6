/**
 * What was spent is what is settled (I15): every call is settled once, whatever came of it. A call whose price is unknown is settled at
 * what was reserved for it, as an estimate; only a call that was not made is settled as nothing.
 */
import type { Run } from "@millrace/contracts";
import type { Change, TokenUsage } from "@millrace/kernel";
import { spendScopes } from "./budget.logic.js";

/** A call that was made, as its usage is recorded. `model`: the label where the usage says none; null when that is unknown too. */
export interface UsedCall {
  readonly key: string;
  readonly kind: string;
  readonly model: string | null;
}

/** The change that settles what a call used; none when nothing was spent. `usage` null: unknown. */
export function settlement(
  { id: runId, workspaceId, blockId }: Pick<Run, "id" | "workspaceId" | "blockId">,
  call: UsedCall,
  usage: TokenUsage | null,
  at: number,
): readonly Change[] {
  if (usage !== null && isNothing(usage)) return [];
  const { model = call.model ?? "unknown", tokens = null, costMicros = null } = usage ?? {};
  const key = usage?.call === undefined ? call.key : `${call.key}#${usage.call}`;
  const row = { key, workspaceId, runId, kind: call.kind, model, tokens, costMicros, at };
  return [{ change: "record-usage", usage: row, scopes: spendScopes({ id: runId, blockId }, at) }];
}

function isNothing({ tokens, costMicros }: TokenUsage): boolean {
  return costMicros === 0 && tokens !== null && Object.values(tokens).every((count) => count === 0);
}
