import { blockSchema, workspaceSchema, type Review, type ReviewItem, type RunEvent } from "@millrace/contracts";
import type { Change, RunRecord } from "@millrace/kernel";

export const WS = "ws_a";

/** A workspace and its tasks `tsk_0`, `tsk_1` ... */
export function board(tasks: number): readonly Change[] {
  const texts = {
    title: "Task",
    description: "",
    status: "planned",
    level: "task",
    runId: null,
    pullRequest: null,
    merged: null,
    repository: null,
    checks: null,
    presetId: null,
    pipelineId: null,
  } as const;
  return [
    { change: "insert-workspace", workspace: workspaceSchema.parse({ id: WS, name: "Board", createdAt: 1 }) },
    ...Array.from({ length: tasks }, (_, index): Change => {
      const block = blockSchema.parse({ id: `tsk_${index}`, workspaceId: WS, parentId: null, progress: 0, createdAt: index, ...texts });
      return { change: "insert-block", block };
    }),
  ];
}

export function aRecord(id: string, revision = 1, blockId = "tsk_0"): RunRecord {
  const step = {
    definition: { kind: "coder", approval: null, bar: null, instructions: null },
    attempt: 1,
    effects: 0,
    waits: 0,
    state: { kind: "job-agent" },
    activity: { is: "pending" } as const,
    timing: { startedAt: null, finishedAt: null, waitedMs: 0 },
    output: null,
    model: null,
    revision: null,
    approved: null,
    decisions: [],
  };
  const document = {
    id,
    workspaceId: WS,
    blockId,
    pipeline: { id: "pip_a", name: "Deliver", digest: "d1" },
    flags: [],
    initiatedBy: { type: "human", id: "ann" } as const,
    supersedes: null,
    repository: null,
    pullRequest: null,
    merged: null,
    startedAt: 10,
    finishedAt: null,
    steps: [step],
    cursor: 0,
    phase: { is: "live" } as const,
    revision,
  };
  const placement = { serviceId: null, taskType: null };
  return {
    id,
    workspaceId: WS,
    blockId,
    pipeline: { id: document.pipeline.id, digest: document.pipeline.digest },
    status: "running",
    revision,
    createdAt: 10,
    updatedAt: 10,
    shapeVersion: 1,
    document,
    ...placement,
  };
}

export function anEvent(step: number): RunEvent {
  return { version: 1, at: 10, actor: { type: "system", id: "driver" }, event: { type: "step-entered", step } };
}

/** What a transition of the engine writes: the snapshot, one event, the next wake-up. */
export function transition(id: string, expected: number, blockId = "tsk_0"): readonly Change[] {
  return [
    { change: "update-run", record: aRecord(id, expected + 1, blockId), expected },
    { change: "append-run-events", workspaceId: WS, runId: id, firstSequence: expected + 1, events: [anEvent(expected)] },
    { change: "wake", workspaceId: WS, runId: id, at: expected },
  ];
}

export function aReview(id: string): Review {
  const made = { runId: "run_a", kind: "requirements-review", iteration: 1, document: null, description: "d".repeat(64) };
  return { id, workspaceId: WS, blockId: "tsk_0", status: "ready", model: null, createdAt: 10, ...made };
}

export function anItem(id: string, reviewId: string): ReviewItem {
  const finding = { category: "gap", severity: "low", title: "Errors?", detail: "Nothing says." } as const;
  return { id, workspaceId: WS, reviewId, position: 0, status: "open", reply: null, ...finding };
}
