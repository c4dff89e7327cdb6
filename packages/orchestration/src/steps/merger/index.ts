/**
 * The merger: the only step that merges (I3).
 * 1. It merges exactly the head and base for which every gate before it that gives evidence is green, under the settings now in force
 *    (P1).
 * 2. It probes the pull request before it spends anything: a moved head, a moved base or changed settings send the run back to its
 *    gates; a merge that already happened is recorded, not repeated.
 * 3. Within the preset's thresholds it merges by itself; otherwise, or when its step asks for approval, a person decides, bound to the
 *    head and base that were shown.
 * 4. A task lands once: when another run of its block merged, this one does not.
 * 5. Refusals that ask for fresh evidence are bounded (I6), and so is waiting for a forge that lands the merge by itself.
 */
import {
  mergeAssessmentSchema,
  type HumanAnswer,
  type HumanWait,
  type MergeAssessment,
  type MergeRecord,
  type PullRequestRef,
} from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { match, P } from "ts-pattern";
import type { EffectResult, RecordedOutcome } from "../../run/model/command.js";
import { defineStepKind, type DefinedStepKind, type Move, type StepContext, type WaitDeclarations } from "../../run/model/step-kind.js";
import { withholdsMerge } from "../../run/rules/merge-thresholds.logic.js";
import { gatesByName, isEvidence, type Gate } from "../gate/gate.js";
import { sendBackToProducer } from "../shared/agent.logic.js";
import { isUnreadable, jobFailure } from "../shared/job-failure.logic.js";
import { hasVanished, NO_EVICTIONS, recover } from "../shared/recovery.logic.js";
import { assignModule } from "./assign-module.effect.js";
import { evidenceBefore, gatesToRevisit, greenVerdict, staleness, type GateEvidence } from "./evidence.logic.js";
import { describe, view } from "./describe.js";
import { factSchema, fold, stateSchema, type Fact, type State } from "./state.js";

/** How often a moved head or base may send the run back to its gates. */
const MAX_REVISITS = 10;

/** People decide about a merge; the block shows that its change is ready. */
const WAITS: WaitDeclarations = {
  merge: { notification: "merge_review", answers: ["approve", "request-changes", "reject"], status: "pr_ready" },
};

/** A merger's context, with the evidence it may act on. */
interface MergerContext extends StepContext {
  readonly evidence: readonly GateEvidence[];
}

/** Creates the step kind that merges on the evidence of these gates. */
export function createMergerStep(gates: readonly Gate[]): DefinedStepKind {
  const byName = gatesByName(gates);
  const gives = (name: string): boolean => {
    const gate = byName.get(name);
    return gate !== undefined && isEvidence(gate);
  };
  const withEvidence = (context: StepContext): MergerContext => ({
    ...context,
    evidence: evidenceBefore(context.run, context.index, gives),
  });
  return defineStepKind<State, Fact>({
    name: "merger",
    state: stateSchema,
    fact: factSchema,
    asks: "start-job",
    needsRepository: true,
    needsEvidence: true,
    landsChange: true,
    waits: WAITS,
    effects: [assignModule],
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
        .with({ of: "probe" }, ({ state: pr }) => probed(withEvidence(context), state, pr))
        .with({ of: "job" }, ({ outcome }) => assessed(withEvidence(context), state, outcome))
        .with({ of: "merge" }, ({ result: merge }) => merged(withEvidence(context), state, merge))
        .with({ of: "call" }, (): Move<Fact> => ({ to: "finish", skipApproval: true }))
        .with({ of: P.union("ask-agent", "start-job", "update-branch") }, (): Move<Fact> => ({ to: "poll-again" }))
        .exhaustive();
    },
    answered: (context, _state, wait, answer) => answered(withEvidence(context), wait, answer),
    // The merge has happened by then: no later failure can undo it.
    failed: ({ run }, _state, failure) =>
      run.merged === null
        ? { to: "fail", failure }
        : {
            facts: [{ is: "not-assigned", why: `${failure.code}: ${failure.message}`.slice(0, 4000) }],
            to: "finish",
            skipApproval: true,
          },
    describe,
    view,
  });
}

function probed(context: MergerContext, state: State, pr: Extract<EffectResult, { of: "probe" }>["state"]): Move<Fact> {
  const pullRequest = context.run.pullRequest;
  if (pullRequest === null) return refuse("no_pull_request", "the pull request is gone");
  if (pr.state === "merged" && pr.mergedAs !== null)
    return landed(context, pullRequest, { commit: pr.mergedAs, head: pr.head, base: pr.baseHead });
  if (pr.state !== "open") return refuse("pull_request_closed", `pull request #${pullRequest.number} was closed without being merged`);
  if (greenVerdict(context.evidence) === null) return noEvidence();
  const moved = staleness(context.evidence, pr, context.input.checkPolicyDigest);
  if (moved !== null) return revisit(context, state, moved);
  return assess(context);
}

function assess(context: StepContext): Extract<Move<never>, { to: "effect" }> {
  return { to: "effect", phase: "assess", request: { do: "start-job", kind: context.step.definition.kind, briefs: [] } };
}

function assessed(context: MergerContext, state: State, outcome: RecordedOutcome): Move<Fact> {
  if (hasVanished(outcome)) return recover(state.evictions, outcome, assess(context));
  const failure = jobFailure(context, context.step.definition.kind, outcome);
  // An unreadable assessment does not fail the run: it withholds the merge and asks a person.
  if (failure !== null && !isUnreadable(failure)) return { to: "fail", failure };
  if (outcome.is !== "finished") return { to: "poll-again" };
  const parsed = mergeAssessmentSchema.safeParse(outcome.answer.product.is === "valid" ? outcome.answer.product.value : null);
  const assessment: MergeAssessment | null = parsed.success ? parsed.data : null;
  const withheld = withholdsMerge(assessment, context.input.preset);
  const records = {
    facts: [{ is: "assessed", assessment, withheld } satisfies Fact],
    output: { output: outcome.answer.output, model: outcome.answer.model },
  };
  if (withheld === null && context.step.definition.approval === null) return { ...records, ...mergeNow(context) };
  return { ...records, ...askPeople(context, withheld ?? "this step asks for approval", outcome.answer.output) };
}

function askPeople(context: MergerContext, why: string, output: HumanWait["output"]): Move<Fact> {
  const verdict = greenVerdict(context.evidence);
  if (verdict === null || context.run.pullRequest === null) return noEvidence();
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

function answered(context: MergerContext, wait: HumanWait, answer: HumanAnswer): Move<Fact> {
  if (answer.answer === "approve") return mergeNow(context);
  if (answer.answer === "request-changes") return sendBackToProducer(context, wait, answer.revision);
  throw new MillraceError("wait_mismatch", `'${answer.answer}' does not answer '${wait.id}'`);
}

function mergeNow(context: MergerContext): Move<Fact> {
  const elsewhere = mergedElsewhere(context);
  if (elsewhere !== null) return elsewhere;
  const verdict = greenVerdict(context.evidence);
  const { pullRequest } = context.run;
  if (verdict === null || pullRequest === null) return noEvidence();
  return { to: "effect", phase: "merge", request: { do: "merge", pullRequest, head: verdict.head, base: verdict.base } };
}

/** The failure of a run that began while another one merged: its start had read the block before the merge (rule 4). */
function mergedElsewhere({ input, run }: StepContext): Extract<Move<Fact>, { to: "fail" }> | null {
  const { merged: record, title } = input.block;
  if (record === null || record.runId === run.id) return null;
  return refuse("already_merged", `'${title}' was merged as ${short(record.commit)} by run '${record.runId}' while this one began`);
}

function merged(context: MergerContext, state: State, result: Extract<EffectResult, { of: "merge" }>["result"]): Move<Fact> {
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

/** The forge has taken the merge and lands it by itself: the same request tells its outcome. One that never lands is withdrawn. */
function waitForForge({ step, input, at }: StepContext, state: State, message: string): Move<Fact> {
  const facts: Fact[] = state.sent === message ? [] : [{ is: "sent", message }];
  const since = step.activity.is === "effect" ? step.activity.effect.requestedAt : at;
  if (at - since < input.patience.gateMs) return { facts, to: "poll-again" };
  const minutes = Math.round((at - since) / 60_000);
  const failure = {
    kind: "timeout",
    code: "merge_timeout",
    message: `the merge has not landed for ${minutes} min: ${message}`,
    detail: null,
  } as const;
  return { facts, to: "fail", failure, awaitOutcome: true };
}

function landed(context: StepContext, pullRequest: PullRequestRef, merge: Pick<MergeRecord, "commit" | "head" | "base">): Move<Fact> {
  const merged = { pullRequest, commit: merge.commit, head: merge.head, base: merge.base, at: context.at, runId: context.run.id };
  const { moduleName } = context.input.block;
  if (moduleName === null || context.input.service === null) return { merged, to: "finish", skipApproval: true };
  return { merged, to: "effect", phase: "module", request: { do: "call", name: assignModule.name, input: { module: moduleName } } };
}

function revisit(context: MergerContext, state: State, reason: string): Move<Fact> {
  // A forge may say more than an event holds.
  const because = reason.slice(0, 4000);
  if (state.revisits >= MAX_REVISITS)
    return refuse("base_keeps_moving", `${because}; the gates were visited again ${state.revisits} times`);
  const from = gatesToRevisit(context.run, context.index, context.evidence);
  return { facts: [{ is: "revisit", because }], to: "rework", from, revision: null, why: because };
}

function noEvidence(): Extract<Move<Fact>, { to: "fail" }> {
  return refuse("no_evidence", "not every gate that gives evidence was green before the merger: nothing merges without evidence");
}

function refuse(code: string, message: string): Extract<Move<Fact>, { to: "fail" }> {
  return { to: "fail", failure: { kind: "gate_exhausted", code, message, detail: null } };
}

function short(sha: string): string {
  return sha.slice(0, 10);
}
