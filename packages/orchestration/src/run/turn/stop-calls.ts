import type { JobRef } from "@millrace/contracts";
import type { AgentExecutor, TokenUsage } from "@millrace/kernel";
import { repairKey } from "../model/keys.logic.js";

/** A call or a job that was seen to end, and what it used. Null: unknown. */
export interface StoppedCall {
  readonly call: JobRef;
  readonly usage: TokenUsage | null;
}

/** Ends a job, or an agent's call and its repair: the answer to either may be what was lost. Rejects with the errors of `stopJob`. */
export async function stopCalls(agents: AgentExecutor, call: JobRef, of: "job" | "call"): Promise<readonly StoppedCall[]> {
  const calls = of === "job" ? [call] : [call, { ...call, key: repairKey(call.key) }];
  const stopped: StoppedCall[] = [];
  for (const one of calls) {
    const { key, ref, model } = one;
    stopped.push({ call: one, usage: await agents.stopJob({ key, ref, model }) });
  }
  return stopped;
}
