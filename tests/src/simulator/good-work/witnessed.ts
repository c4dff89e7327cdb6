/** Ports whose calls are witnessed, and that fail while the world says so. The store and its wake-ups are as they were. */
import type { CommitSha, Digest, PullRequestRef } from "@millrace/contracts";
import { taskBranch, type AgentTask, type MergeResult, type PullRequestState } from "@millrace/kernel";
import type { OrchestrationPorts } from "@millrace/orchestration";
import { interceptPorts, type PortCall } from "@millrace/testing";
import type { MergeQueue } from "../disturbances/merge-queue.js";
import type { Outages } from "../disturbances/outages.js";
import type { Witness } from "./witness.js";

export interface WitnessedOptions {
  readonly witness: Witness;
  readonly outages: Outages;
  readonly queue: MergeQueue;
}

export function witnessed(ports: OrchestrationPorts, { witness, outages, queue }: WitnessedOptions): OrchestrationPorts {
  const assessed = new Set<string>();
  const intercepted = interceptPorts(ports, async (call, act) => {
    outages.refuse(call);
    if (call.port === "agents") noteCall(call);
    const branch = call.port === "forge" ? branchOf(call) : null;
    if (branch !== null) witness.looked(branch);
    const result = await act();
    if (call.port === "forge") noteAnswer(call, result);
    return result;
  });

  function noteCall({ method, args }: PortCall): void {
    if (method === "pollJob") witness.looked((args[0] as { readonly key: string }).key);
    if (method !== "startJob") return;
    const { key, kind, runId, block } = args[0] as AgentTask;
    if (kind !== "merger" || assessed.has(key)) return;
    assessed.add(key);
    const branch = taskBranch(block);
    witness.assessments.push({ runId, key, branch, told: witness.toldOf(branch).length });
  }

  /** The branch that a call of the forge looks at; null for those by which a merge of others is noticed: people cause them as well. */
  function branchOf({ method, args }: PortCall): string | null {
    switch (method) {
      case "read":
      case "updateBranch":
      case "merge":
        return (args[1] as PullRequestRef).branch;
      case "checks":
        return witness.branchOf(args[1] as CommitSha);
      case "diffDigest":
        return witness.branchOf((args[1] as { readonly head: CommitSha }).head);
      default:
        return null;
    }
  }

  function noteAnswer(call: PortCall, result: unknown): void {
    const { method, args } = call;
    const branch = branchOf(call);
    if (method === "withdraw") queue.leave((args[1] as PullRequestRef).number);
    if (branch === null) return;
    if (method === "read") {
      const { head, mergeability } = result as PullRequestState;
      witness.heads(branch, head, mergeability === "unknown");
    }
    if (method === "diffDigest" && result !== null) witness.told(branch, result as Digest);
    if (method === "merge") noteMerge(args[1] as PullRequestRef, (args[2] as { readonly head: CommitSha }).head, result as MergeResult);
  }

  function noteMerge(pullRequest: PullRequestRef, head: CommitSha, result: MergeResult): void {
    if (result.is === "sent") queue.enter(pullRequest, head);
    if (result.is === "refused" && result.because === "checks" && queue.isUsed) witness.dropped.add(pullRequest.number);
  }

  return { ...intercepted, store: ports.store, wakeups: ports.wakeups };
}
