import { z } from "zod";
import type { ErrorCode } from "../shared/errors.schema.js";
import { PERSON_ERRORS, type Operations } from "../shared/operation.js";
import { idSchema } from "../shared/scalars.schema.js";
import { runSchema } from "./entity.schema.js";
import {
  answerWaitRequestSchema,
  cancelBlockRequestSchema,
  mergeTaskRequestSchema,
  restartRunRequestSchema,
  resumePausedRequestSchema,
  runRequestSchema,
  startRunRequestSchema,
  stopRunRequestSchema,
} from "./requests.schema.js";

/** Codes of the guards that every new run passes. */
const START_ERRORS = [
  "run_in_progress",
  "task_limit",
  "pipeline_invalid",
  "model_unusable",
  "credential_required",
  "conflict",
] as const satisfies readonly ErrorCode[];

/** Operations on runs and their waits. */
export const operationsOfRuns = {
  "runs.start": {
    id: "RUN-04",
    method: "POST",
    path: "/workspaces/{workspaceId}/blocks/{blockId}/runs",
    input: startRunRequestSchema,
    output: runSchema,
    errors: START_ERRORS,
    capability: "run.start",
    summary: "Runs a pipeline on a block.",
  },
  "runs.stop": {
    id: "RUN-05",
    method: "POST",
    path: "/workspaces/{workspaceId}/runs/{runId}/stop",
    input: stopRunRequestSchema,
    output: runSchema,
    errors: ["run_not_live"],
    capability: "run.control",
    summary: "Asks a run to stop: it is `stopping` until the exit of what it had in flight was seen, then failed, and can be retried.",
  },
  "runs.cancel": {
    id: "RUN-06",
    method: "POST",
    path: "/workspaces/{workspaceId}/blocks/{blockId}/cancel",
    input: cancelBlockRequestSchema,
    output: null,
    errors: ["conflict"],
    capability: "run.control",
    summary: "Gives a block back to the plan: its live run is stopped and seen to end. What was merged stays merged.",
  },
  "runs.retry": {
    id: "RUN-07",
    method: "POST",
    path: "/workspaces/{workspaceId}/runs/{runId}/retry",
    input: runRequestSchema,
    output: runSchema,
    errors: START_ERRORS,
    capability: "run.control",
    summary: "Takes a failed run up again at its first unfinished step, as a new run.",
  },
  "runs.restart": {
    id: "RUN-08",
    method: "POST",
    path: "/workspaces/{workspaceId}/runs/{runId}/restart",
    input: restartRunRequestSchema,
    output: runSchema,
    errors: START_ERRORS,
    capability: "run.control",
    summary: "Runs the pipeline of a run again from a step, as a new run; a live one is stopped first.",
  },
  "runs.merge": {
    id: "RUN-09",
    method: "POST",
    path: "/workspaces/{workspaceId}/blocks/{blockId}/merge",
    input: mergeTaskRequestSchema,
    output: runSchema,
    errors: [...START_ERRORS, ...PERSON_ERRORS],
    capability: "merge.approve",
    summary:
      "Merges a finished task on a person's word: a run that checks the gates once more and asks for an approval of what would land.",
  },
  "runs.answer": {
    id: "RUN-10",
    also: ["RUN-11", "RUN-12", "RUN-13", "RUN-14"],
    method: "POST",
    path: "/workspaces/{workspaceId}/runs/{runId}/waits/{wait}/answer",
    input: answerWaitRequestSchema,
    output: runSchema,
    errors: ["wait_closed", "wait_mismatch", "digest_mismatch", "run_not_live", "review_frozen", "conflict", ...PERSON_ERRORS],
    capability: "run.answer",
    summary: "A person's answer to an open wait. A merge wait needs `merge.approve` as well.",
  },
  "runs.resume": {
    id: "RUN-15",
    method: "POST",
    path: "/workspaces/{workspaceId}/runs/{runId}/resume",
    input: runRequestSchema,
    output: runSchema,
    errors: ["conflict", "model_unusable"],
    capability: "run.control",
    summary: "Takes a paused run up again now. It pauses again when nothing changed.",
  },
  "runs.resumePaused": {
    id: "RUN-16",
    method: "POST",
    path: "/workspaces/{workspaceId}/runs/resume",
    input: resumePausedRequestSchema,
    output: z.array(idSchema).readonly(),
    errors: [],
    capability: "run.control",
    summary: "Takes up every paused run of a workspace, and answers the ids of those that go on.",
  },
} as const satisfies Operations;
