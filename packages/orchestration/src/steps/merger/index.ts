/**
 * The merger: the only step that merges (I3).
 * 1. It merges exactly the head and base that the last CI verdict was green for, under the settings now in force (P1).
 * 2. It looks at the pull request before it spends anything: moved head, moved base or changed settings send the run back
 *    to its gates; a merge that already happened is recorded, not repeated.
 * 3. Within the preset's thresholds it merges by itself; otherwise, or when its step asks for approval, a person decides,
 *    bound to the head and base that were shown.
 * 4. A task lands once: when another run of its block merged, this one does not.
 * 5. Refusals that mean "look again" are bounded (I6), and so is waiting for a forge that lands the merge by itself.
 */
import {
  mergeAssessmentSchema,
  type HumanAnswer,
  type HumanWait,
  type MergeAssessment,
  type PullRequestRef,
  type Verdict,
} from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { match, P } from "ts-pattern";
import { z } from "zod";
import type { EffectResult, RecordedOutcome } from "../../run/model/command.js";
import { defineStepKind, type Move, type StepContext, type StepKind } from "../../run/model/step-kind.js";
import { withholdsMerge } from "../../run/rules/merge-thresholds.logic.js";
import { sendBackToProducer } from "../shared/agent.logic.js";
import { gateStateOf } from "../gate/index.js";
import { isUnreadable, jobFailure } from "../job/index.js";
import { countEviction, evictedFactSchema, evictionsSchema, hasVanished, NO_EVICTIONS, recover } from "../shared/recovery.logic.js";

/** How often a moved head or base may send the run back to its gates. */
const MAX_REVISITS = 10;

const assessmentFactSchema = z.strictObject({
  is: z.literal("assessed"),
  assessment: mergeAssessmentSchema.nullable(),
  withheld: z.string().nullable(),
});
const stateSchema = z.strictObject({
  kind: z.literal("merger"),
  assessment: mergeAssessmentSchema.nullable(),
  /** Why it does not merge by itself; null when it does, or is not assessed yet. */
  withheld: z.string().nullable(),
  revisits: z.number().int().nonnegative(),
  /** What the forge last said of a merge that it has taken and not landed. */
  sent: z.string().optional(),
  evictions: evictionsSchema,
});
const factSchema = z.discriminatedUnion("is", [
  assessmentFactSchema,
  z.strictObject({ is: z.literal("revisit"), because: z.string() }),
  /** The forge has taken the merge, and lands it by itself. */
  z.strictObject({ is: z.literal("sent"), message: z.string().max(4000) }),
  /** The task could not be moved into its module after the merge. */
  z.strictObject({ is: z.literal("not-assigned"), why: z.string().max(4000) }),
  evictedFactSchema,
]);
type State = z.infer<typeof stateSchema>;
type Fact = z.infer<typeof factSchema>;

export const mergerStep: StepKind = defineStepKind<State, Fact>({
  name: "merger",
  state: stateSchema,
  fact: factSchema,
  initial: () => ({ kind: "merger", assessment: null, withheld: null, revisits: 0, evictions: NO_EVICTIONS }),
  fold,
  enter(context) {
    const { pullRequest } = context.run;
    const elsewhere = mergedElsewhere(context);
    if (elsewhere !== null) return elsewhere;
    if (pullRequest === null)
      return refuse("no_pull_request", "no step before the merger opened a pull request: there is nothing to merge");
    return { to: "effect", phase: "probe", request: { do: "probe", gate: "merge", pullRequest, checks: false } };
  },
  onResult(context, state, result) {
    return match(result)
      .with({ of: "probe" }, ({ state: pr }) => probed(context, state, pr))
      .with({ of: "job" }, ({ outcome }) => assessed(context, state, outcome))
      .with({ of: "merge" }, ({ result: merge }) => merged(context, state, merge))
      .with({ of: "call" }, (): Move<Fact> => ({ to: "finish", unasked: true }))
      .with({ of: P.union("ask-agent", "start-job", "update-branch") }, (): Move<Fact> => ({ to: "again" }))
      .exhaustive();
  },
  answered,
  // The merge is a fact by then: nothing that follows it can make it undone.
  failed: ({ run }, _state, failure) =>
    run.merged === null
      ? { to: "fail", failure }
      : { facts: [{ is: "not-assigned", why: `${failure.code}: ${failure.message}`.slice(0, 4000) }], to: "finish", unasked: true },
});

function fold(state: State, fact: Fact): State {
  switch (fact.is) {
    case "assessed":
      return { ...state, assessment: fact.assessment, withheld: fact.withheld };
    case "revisit":
      return { ...state, revisits: state.revisits + 1, assessment: null, withheld: null };
    case "sent":
      return { ...state, sent: fact.message };
    case "not-assigned":
      return state;
    case "evicted":
      return { ...state, evictions: countEviction(state.evictions, fact) };
  }
}

/** The nearest earlier CI verdict. Only a green one is evidence. */
function evidence(context: StepContext): Verdict | null {
  for (let index = context.index - 1; index >= 0; index -= 1) {
    const step = context.run.steps[index];
    const gate = step === undefined ? null : gateStateOf(step.state);
    if (gate?.gate === "ci") return gate.verdict?.says === "green" ? gate.verdict : null;
  }
  return null;
}

function probed(context: StepContext, state: State, pr: Extract<EffectResult, { of: "probe" }>["state"]): Move<Fact> {
  const pullRequest = context.run.pullRequest;
  if (pullRequest === null) return refuse("no_pull_request", "the pull request is gone");
  if (pr.state === "merged" && pr.mergedAs !== null)
    return landed(context, pullRequest, { commit: pr.mergedAs, head: pr.head, base: pr.baseHead });
  if (pr.state !== "open") return refuse("pull_request_closed", `pull request #${pullRequest.number} was closed without being merged`);
  const verdict = evidence(context);
  if (verdict === null) return refuse("no_evidence", "no CI gate before the merger was green: nothing merges without evidence");
  const moved = staleness(verdict, pr, context.input.checkPolicyDigest);
  if (moved !== null) return revisit(context, state, moved);
  return assess(context);
}

function assess(context: StepContext): Extract<Move<never>, { to: "effect" }> {
  return { to: "effect", phase: "assess", request: { do: "start-job", kind: context.step.definition.kind, briefs: [] } };
}

function staleness(
  verdict: Verdict,
  pr: { readonly head: string; readonly baseHead: string; readonly behind: boolean },
  settings: string,
): string | null {
  if (verdict.head !== pr.head) return `the head moved from ${short(verdict.head)} to ${short(pr.head)}`;
  if (verdict.base !== pr.baseHead || pr.behind) return `the base moved from ${short(verdict.base)} to ${short(pr.baseHead)}`;
  return verdict.settings === settings ? null : "the settings of the checks changed";
}

function assessed(context: StepContext, state: State, outcome: RecordedOutcome): Move<Fact> {
  if (hasVanished(outcome)) return recover(state.evictions, outcome, assess(context));
  const failure = jobFailure(context, context.step.definition.kind, outcome);
  // An unreadable assessment is no failure of the run: it withholds the merge and asks a person.
  if (failure !== null && !isUnreadable(failure)) return { to: "fail", failure };
  if (outcome.is !== "finished") return { to: "again" };
  const parsed = mergeAssessmentSchema.safeParse(outcome.answer.product.is === "valid" ? outcome.answer.product.value : null);
  const assessment: MergeAssessment | null = parsed.success ? parsed.data : null;
  const withheld = withholdsMerge(assessment, context.input.preset);
  const learnt = {
    facts: [{ is: "assessed", assessment, withheld } satisfies Fact],
    output: { output: outcome.answer.output, model: outcome.answer.model },
  };
  if (withheld === null && context.step.definition.approval === null) return { ...learnt, ...mergeNow(context) };
  return { ...learnt, ...askPeople(context, withheld ?? "this step asks for approval", outcome.answer.output) };
}

function askPeople(context: StepContext, why: string, output: HumanWait["output"]): Move<Fact> {
  const verdict = evidence(context);
  if (verdict === null || context.run.pullRequest === null) return refuse("no_evidence", "no CI gate before the merger was green");
  return {
    to: "wait",
    on: {
      on: "merge",
      question: `Merge pull request #${context.run.pullRequest.number} (${short(verdict.head)} into ${context.run.pullRequest.base} at ${short(verdict.base)})? ${why}`,
      options: [],
      subject: `${verdict.head}+${verdict.base}`,
      output,
      approvers: context.step.definition.approval?.approvers ?? 1,
    },
  };
}

function answered(context: StepContext, _state: State, wait: HumanWait, answer: HumanAnswer): Move<Fact> {
  if (answer.answer === "approve") return mergeNow(context);
  if (answer.answer === "request-changes") return sendBackToProducer(context, wait, answer.revision);
  throw new MillraceError("wait_mismatch", `'${answer.answer}' does not answer '${wait.id}'`);
}

function mergeNow(context: StepContext): Move<Fact> {
  const elsewhere = mergedElsewhere(context);
  if (elsewhere !== null) return elsewhere;
  const verdict = evidence(context);
  const { pullRequest } = context.run;
  if (verdict === null || pullRequest === null)
    return refuse("no_evidence", "no CI gate before the merger was green: nothing merges without evidence");
  return { to: "effect", phase: "merge", request: { do: "merge", pullRequest, head: verdict.head, base: verdict.base } };
}

/** A run that was started in the moment another one merged did not know: the start read its block before. A task lands once. */
function mergedElsewhere({ input, run }: StepContext): Extract<Move<Fact>, { to: "fail" }> | null {
  const { merged: record, title } = input.block;
  if (record === null || record.runId === run.id) return null;
  return refuse("already_merged", `'${title}' was merged as ${short(record.commit)} by run '${record.runId}' while this one began`);
}

function merged(context: StepContext, state: State, result: Extract<EffectResult, { of: "merge" }>["result"]): Move<Fact> {
  const { pullRequest } = context.run;
  if (pullRequest === null) return refuse("no_pull_request", "the pull request is gone");
  if (result.is === "merged") return landed(context, pullRequest, result);
  if (result.is === "sent") return waitForForge(context, state, result.message.slice(0, 4000));
  return match(result.because)
    .with("head-moved", "base-moved", "conflicted", (because) =>
      revisit(context, state, `the forge refused the merge (${because}): ${result.message}`),
    )
    .with("not-open", () => refuse("pull_request_closed", `pull request #${pullRequest.number} is not open any more`))
    .with("checks", "not-allowed", (because) => refuse("forge_refused", `the forge refused the merge (${because}): ${result.message}`))
    .exhaustive();
}

/** It was asked for: the same request, asked again, tells what became of it. One that never lands is taken back. */
function waitForForge({ step, input, at }: StepContext, state: State, message: string): Move<Fact> {
  const learnt: Fact[] = state.sent === message ? [] : [{ is: "sent", message }];
  const since = step.activity.is === "effect" ? step.activity.effect.requestedAt : at;
  if (at - since < input.patience.gateMs) return { facts: learnt, to: "again" };
  const minutes = Math.round((at - since) / 60_000);
  const failure = {
    kind: "timeout",
    code: "merge_timeout",
    message: `the merge has not landed for ${minutes} min: ${message}`,
    detail: null,
  } as const;
  return { facts: learnt, to: "fail", failure, pending: true };
}

function landed(
  context: StepContext,
  pullRequest: PullRequestRef,
  merge: { readonly commit: string; readonly head: string; readonly base: string },
): Move<Fact> {
  const merged = { pullRequest, commit: merge.commit, head: merge.head, base: merge.base, at: context.at, runId: context.run.id };
  const { moduleName } = context.input.block;
  if (moduleName === null || context.input.service === null) return { merged, to: "finish", unasked: true };
  return { merged, to: "effect", phase: "module", request: { do: "call", name: "assign-module", input: { module: moduleName } } };
}

/** Back to the gates: to the first of those directly before this step if CI is among them, else to the nearest CI gate. */
function revisit(context: StepContext, state: State, reason: string): Move<Fact> {
  // A forge may say more than an event holds.
  const because = reason.slice(0, 4000);
  if (state.revisits >= MAX_REVISITS)
    return refuse("base_keeps_moving", `${because}; the gates were visited again ${state.revisits} times`);
  return { facts: [{ is: "revisit", because }], to: "rework", from: gatesBefore(context), revision: null, why: because };
}

function gatesBefore(context: StepContext): number {
  const isGate = (index: number): boolean => context.run.steps[index]?.state.kind === "gate";
  const isCi = (index: number): boolean => context.run.steps[index]?.definition.kind === "ci";
  let first = context.index;
  while (isGate(first - 1)) first -= 1;
  for (let index = first; index < context.index; index += 1) if (isCi(index)) return first;
  for (let index = context.index - 1; index >= 0; index -= 1) if (isCi(index)) return index;
  return first;
}

function refuse(code: string, message: string): Extract<Move<Fact>, { to: "fail" }> {
  return { to: "fail", failure: { kind: "gate_exhausted", code, message, detail: null } };
}

function short(sha: string): string {
  return sha.slice(0, 10);
}
