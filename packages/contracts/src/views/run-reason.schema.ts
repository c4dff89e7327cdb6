import { z } from "zod";
import { timestampSchema } from "../shared/scalars.schema.js";

const count = z.number().int().nonnegative();
const text = z.string();
/** Ids of the people who may answer; empty when they are not known. */
const people = z.array(z.string());
const approval = { people, approvers: z.number().int().positive(), approvedBy: z.array(z.string()) };
const at = timestampSchema.nullable();

function reason<const Code extends string, Values extends z.ZodRawShape>(code: Code, values: Values) {
  return z.strictObject({ code: z.literal(code), values: z.strictObject(values), since: timestampSchema });
}

/**
 * Why a run is where it is, as data: a code, the values of its sentence, and the moment it began (epoch ms). `why` of
 * `@millrace/contracts/why` makes the sentence; a page that ticks keeps the data and renders it again. Commits and digests are whole.
 */
export const runReasonSchema = z.discriminatedUnion("code", [
  /** A person has to approve the commit `head`. */
  reason("approve-head", { ...approval, head: text }),
  /** A person has to approve a text: `what` names it ("plan"), `subject` is its digest, null when there is none. */
  reason("approve-output", { ...approval, what: text, subject: text.nullable() }),
  /** A person has to answer the question of the agent `kind`. */
  reason("answer-question", { people, kind: text }),
  /** A person has to reply to findings; null `open`: how many is not known. `high` counts the serious ones among them. */
  reason("answer-findings", { people, open: count.nullable(), high: count }),
  /** The rounds of a loop are used up, and a person decides how to proceed. Null `rating`: the step does not grade. */
  reason("decide-cap", { people, kind: text, rating: z.number().nullable(), bar: z.number().nullable(), used: count, allowed: count }),
  /** A person has to answer what a step kind of its own asks. */
  reason("answer-wait", { people, question: text }),
  /** An agent works; `progress` counts its subtasks, null when it named none. */
  reason("at-work", { kind: text, progress: z.strictObject({ done: count, total: count }).nullable() }),
  /** An agent works and has said nothing since `since`; its job is ended after `endsAfterMs` of silence, null when that is not known. */
  reason("silent", { kind: text, endsAfterMs: count.nullable() }),
  /** A gate is red and its helper works. `failing` names the failing checks; `because` is what the gate said. */
  reason("repairing", { gate: text, head: text, failing: z.array(text), because: text, helper: text, attempt: count, allowed: count }),
  /** Checks still run; `nextAt`: when they are read again, null when that is not known. */
  reason("checks-pending", { gate: text, head: text, running: z.array(text), total: count, nextAt: at }),
  /** A gate cannot tell yet; null `because`: no check is registered. */
  reason("checks-unknown", { gate: text, head: text, because: text.nullable(), nextAt: at }),
  /** The branch is being brought up to date with `branch`, whose head is `base` where that is known. */
  reason("behind-base", { branch: text, base: text.nullable() }),
  /** The step `to` does its work again; null `by`: a person asked for it. */
  reason("sent-back", { to: text, by: text.nullable(), rating: z.number().nullable(), bar: z.number().nullable(), because: text }),
  /** A cap on spending holds the run. Amounts are millionths of the price list's currency. */
  reason("paused-budget", { scope: z.enum(["run", "task", "month"]), capMicros: count, leftMicros: count, reserveMicros: count }),
  /** A provider's usage window (`quota`) or a service's request limit (`limit`) is used up until `until`; null: until a person resumes the run. */
  reason("paused-limit", { because: z.enum(["quota", "limit"]), until: at }),
  /** A service does not answer; tried again at `until`. */
  reason("paused-outage", { message: text, until: at }),
  /** The run is held for a reason that only `message` tells. */
  reason("paused", { message: text }),
  /** The task is not started: its service has as many live tasks as it may. */
  reason("task-limit", { service: text, live: count, max: count }),
  /** The merge of `head` into `branch` is requested from the forge. */
  reason("merging", { head: text, branch: text }),
  /** The forge has accepted the merge and lands it by itself; null `ahead`: how many are before it is not known. */
  reason("merge-sent", { head: text, ahead: count.nullable() }),
  /** The change waits for its turn to land on `branch`; null `ahead`: how many are before it is not known. */
  reason("in-line", { branch: text, ahead: count.nullable() }),
  /** A stop was requested; `kind` is the agent whose processes must be seen to end, null when there is none. */
  reason("stopping", { kind: text.nullable() }),
  /** A gate was still red when its repairs were used up. */
  reason("gate-exhausted", { gate: text, head: text, used: count, allowed: count }),
  /** The run failed. */
  reason("failed", { message: text }),
  /** The run was cancelled. */
  reason("cancelled", { by: text, reason: text }),
  /** The run is finished and merged nothing. */
  reason("finished", {}),
  /** The change landed. `automatic`: within the merge thresholds. Null `head`: the run does not know which head it was. */
  reason("merged", { head: text.nullable(), branch: text, commit: text, approvedBy: z.array(text), automatic: z.boolean() }),
  /** The run is due since `since`, and no worker has taken it up. */
  reason("not-driven", {}),
  /** Anything else a step does. */
  reason("step", { kind: text, doing: text }),
]);
/** Why a run is where it is, as data; `why` makes the sentence. */
export type RunReason = z.infer<typeof runReasonSchema>;
