/**
 * The merger: the only step that merges (I3).
 * 1. It merges exactly the head and base for which every gate before it that gives evidence is green, under the settings now in force
 *    (P1).
 * 2. It probes the pull request before it spends anything, and once more before it merges: a moved head or changed settings send the run
 *    back to its gates; a merge that already happened is recorded, not repeated.
 * 3. Within the preset's thresholds it merges by itself; otherwise, or when its step asks for approval, a person decides. Assessment and
 *    approval are bound to the change, not to the base it is merged into: a base that moved asks for neither again.
 * 4. One run of a base lands at a time (ADR 24). A change that may land takes a place in line; only the first in line is brought up to
 *    date with a base that moved, judged again by its gates and merged. Contention is no failure.
 * 5. A task lands once: when another run of its block merged, this one does not.
 * 6. Refusals that ask for fresh evidence are bounded (I6), and so is waiting for a forge that lands the merge by itself.
 */
import {
  mergeAssessmentSchema,
  type Digest,
  type HumanAnswer,
  type HumanWait,
  type MergeAssessment,
  type MergeRecord,
  type PullRequestRef,
  type Verdict,
} from "@millrace/contracts";
import { MillraceError, type PullRequestState } from "@millrace/kernel";
import { match, P } from "ts-pattern";
import type { EffectResult, RecordedOutcome } from "../../run/model/command.js";
import { defineStepKind, type DefinedStepKind, type Move, type StepContext, type WaitDeclarations } from "../../run/model/step-kind.js";
import { wasPaused } from "../../run/model/tries.logic.js";
import { withholdsMerge } from "../../run/rules/merge-thresholds.logic.js";
import { gatesByName, isEvidence, type Gate } from "../gate/gate.js";
import { sendBackToProducer } from "../shared/agent.logic.js";
import { isUnreadable, jobFailure } from "../shared/job-failure.logic.js";
import { waitedForEffect } from "../shared/patience.logic.js";
import { deadPullRequest } from "../shared/pull-request.logic.js";
import { hasVanished, NO_EVICTIONS, recover } from "../shared/recovery.logic.js";
import { assignModule } from "./assign-module.effect.js";
import { evidenceBefore, gatesToRevisit, greenVerdict, staleness, type GateEvidence, type Staleness } from "./evidence.logic.js";
import { describe, view } from "./describe.js";
import { placeSchema, takePlace } from "./take-place.effect.js";
import { factSchema, fold, stateSchema, type Fact, type State } from "./state.js";

/** How often anything but a moved base may send the run back to its gates. */
const MAX_REVISITS = 10;
/** How often a moved base may. A base moves because another change landed on it, from outside of the line; still a loop has an end. */
const MAX_BASE_MOVES = 100;

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
    effects: [assignModule, takePlace],
    initial: () => ({
      kind: "merger",
      subject: null,
      assessed: false,
      assessment: null,
      withheld: null,
      approved: false,
      ownQueue: false,
      place: "none",
      revisits: 0,
      baseMoves: 0,
      evictions: NO_EVICTIONS,
    }),
    fold,
    enter: (context) => mergedElsewhere(context) ?? probe(context),
    onResult(context, state, result) {
      return match(result)
        .with({ of: "probe" }, ({ state: pr, diff }) => probed(withEvidence(context), state, pr, diff))
        .with({ of: "job" }, ({ outcome }) => assessed(withEvidence(context), state, outcome))
        .with({ of: "merge" }, ({ result: merge }) => merged(withEvidence(context), state, merge))
        .with({ of: "call", name: takePlace.name }, ({ value }) => placed(context, state, placeSchema.parse(value).ahead))
        .with({ of: "call" }, (): Move<Fact> => ({ to: "finish", skipApproval: true }))
        .with({ of: P.union("ask-agent", "start-job", "update-branch") }, (): Move<Fact> => ({ to: "poll-again" }))
        .exhaustive();
    },
    answered: (context, state, wait, answer) => answered(withEvidence(context), state, wait, answer),
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

function probe({ run }: StepContext): Move<never> {
  const { pullRequest } = run;
  if (pullRequest === null) return refuse("no_pull_request", "no step before the merger opened a pull request: there is nothing to merge");
  return { to: "effect", phase: "probe", request: { do: "probe", gate: "merge", pullRequest, checks: false, diff: true } };
}

function probed(context: MergerContext, state: State, pr: PullRequestState, diff: Digest | null): Move<Fact> {
  const { pullRequest } = context.run;
  if (pullRequest === null) return refuse("no_pull_request", "the pull request is gone");
  const dead = deadPullRequest(pullRequest, pr);
  if (dead !== null) return refuse(dead.code, dead.message);
  if (pr.state === "merged" && pr.mergedAs !== null)
    return landed(context, pullRequest, { commit: pr.mergedAs, head: pr.head, base: pr.mergedBase ?? pr.baseHead });
  if (pr.state !== "open") return refuse("pull_request_closed", `pull request #${pullRequest.number} was closed without being merged`);
  const verdict = greenVerdict(context.evidence);
  if (verdict === null) return noEvidence();
  const stale = staleness(context.evidence, pr, context.input.checkPolicyDigest);
  // Only the first in line follows a base that moved: the others would be judged again for every change that lands before them.
  const isTurn = state.place === "first" && !wasPaused(context.step);
  if (stale !== null && (isTurn || !stale.baseMoved)) return revisit(context, state, stale);
  const subject = diff ?? `${pr.head}+${pr.baseHead}`;
  const looked: Fact[] = subject === state.subject ? [] : [{ is: "looked", subject, ownQueue: pr.ownQueue }];
  const known = looked.reduce(fold, state);
  if (!known.assessed) return { facts: looked, ...assess(context) };
  const next = (isTurn && known.place === "first") || known.ownQueue ? merge(pullRequest, verdict) : joinLine();
  return { facts: looked, ...(mayLand(context) ?? missingApproval(context, known, context.step.output) ?? next) };
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
  const fact: Fact = { is: "assessed", assessment, withheld: withholdsMerge(assessment, context.input.preset) };
  const records = { facts: [fact], output: { output: outcome.answer.output, model: outcome.answer.model } };
  const known = fold(state, fact);
  return { ...records, ...(mayLand(context) ?? missingApproval(context, known, outcome.answer.output) ?? goOn(context, known)) };
}

/** The failure of a change that cannot land any more, whatever is said of it; null when it may. */
function mayLand(context: MergerContext): Extract<Move<never>, { to: "fail" }> | null {
  if (context.run.pullRequest === null || greenVerdict(context.evidence) === null) return noEvidence();
  return mergedElsewhere(context);
}

/** The question to people that stands before the merge: by the thresholds now in force, and by the step's own approval. Null: none. */
function missingApproval(context: MergerContext, state: State, output: HumanWait["output"]): Extract<Move<never>, { to: "wait" }> | null {
  const { approval } = context.step.definition;
  const withheld = withholdsMerge(state.assessment, context.input.preset);
  if (state.approved || (withheld === null && approval === null)) return null;
  const { pullRequest } = context.run;
  const verdict = greenVerdict(context.evidence);
  if (pullRequest === null || verdict === null) return null;
  const place = `${short(verdict.head)} into ${pullRequest.base} at ${short(verdict.base)}`;
  return {
    to: "wait",
    on: {
      on: "merge",
      question: `Merge pull request #${pullRequest.number} (${place})? ${withheld ?? "this step asks for approval"}`,
      options: [],
      subject: state.subject ?? `${verdict.head}+${verdict.base}`,
      output,
      approvers: approval?.approvers ?? 1,
    },
  };
}

function answered(context: MergerContext, state: State, wait: HumanWait, answer: HumanAnswer): Move<Fact> {
  if (answer.answer === "approve") return mayLand(context) ?? { facts: [{ is: "approved" }], ...goOn(context, state) };
  if (answer.answer === "request-changes") return sendBackToProducer(context, wait, answer.revision);
  throw new MillraceError("wait_mismatch", `'${answer.answer}' does not answer '${wait.id}'`);
}

/** The forge's own queue lands one change at a time, tested together with those before it; elsewhere runs stand in line here. */
function goOn(context: StepContext, { ownQueue }: State): Move<never> {
  return ownQueue ? probe(context) : joinLine();
}

function joinLine(): Extract<Move<never>, { to: "effect" }> {
  return { to: "effect", phase: "turn", request: { do: "call", name: takePlace.name, input: {} } };
}

/** In line nothing is looked at but the line. */
function placed(context: StepContext, state: State, ahead: number | null): Move<Fact> {
  if (ahead === 0) return { facts: state.place === "first" ? [] : [{ is: "first-in-line" }], ...probe(context) };
  const facts: Fact[] = state.place === "in-line" && ahead !== null ? [] : [{ is: "in-line", ahead }];
  return ahead === null ? { facts, ...joinLine() } : { facts, to: "poll-again" };
}

function merge(pullRequest: PullRequestRef, { head, base }: Verdict): Extract<Move<never>, { to: "effect" }> {
  return { to: "effect", phase: "merge", request: { do: "merge", pullRequest, head, base } };
}

/** The failure of a run that began while another one merged: its start had read the block before the merge (rule 4). */
function mergedElsewhere({ input, run }: StepContext): Extract<Move<never>, { to: "fail" }> | null {
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
      revisit(context, state, {
        because: `the forge refused the merge (${because}): ${result.message}`,
        baseMoved: because === "base-moved",
      }),
    )
    .with("checks", () => refusedForChecks(context, state, `the forge refused the merge (checks): ${result.message}`))
    .with("not-open", () => refuse("pull_request_closed", `pull request #${pullRequest.number} is not open any more`))
    .with("not-allowed", (because) => refuse("forge_refused", `the forge refused the merge (${because}): ${result.message}`))
    .exhaustive();
}

/**
 * A check that the forge requires by now: it is waited for a while, then the gates look at it. All such rounds together take as long as a
 * gate is patient.
 */
function refusedForChecks(context: MergerContext, state: State, because: string): Move<Fact> {
  // The forge's own queue has run the checks on what would land: looking again would only queue it again.
  if (state.ownQueue) return refuse("forge_refused", because);
  if (waitedForEffect(context) < context.input.patience.gateMs / MAX_REVISITS) return { to: "poll-again" };
  return revisit(context, state, { because, baseMoved: false }, "forge_refused");
}

/** The forge has taken the merge and lands it by itself: the same request tells its outcome. One that never lands is withdrawn. */
function waitForForge(context: StepContext, state: State, message: string): Move<Fact> {
  const facts: Fact[] = state.sent === message ? [] : [{ is: "sent", message }];
  const waited = waitedForEffect(context);
  if (waited < context.input.patience.gateMs) return { facts, to: "poll-again" };
  const minutes = Math.round(waited / 60_000);
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

function revisit(context: MergerContext, state: State, stale: Staleness, lastly = "base_keeps_moving"): Move<Fact> {
  // A forge may say more than an event holds.
  const because = stale.because.slice(0, 4000);
  const [visits, max] = stale.baseMoved ? [state.baseMoves, MAX_BASE_MOVES] : [state.revisits, MAX_REVISITS];
  if (visits >= max) return refuse(lastly, `${because}; the gates were visited again ${visits} times`);
  const from = gatesToRevisit(context.run, context.index, context.evidence);
  const fact: Fact = { is: "revisit", because, ...(stale.baseMoved ? { baseMoved: true } : {}) };
  return { facts: [fact], to: "rework", from, revision: null, why: because };
}

function noEvidence(): Extract<Move<never>, { to: "fail" }> {
  return refuse("no_evidence", "not every gate that gives evidence was green before the merger: nothing merges without evidence");
}

function refuse(code: string, message: string): Extract<Move<never>, { to: "fail" }> {
  return { to: "fail", failure: { kind: "gate_exhausted", code, message, detail: null } };
}

function short(sha: string): string {
  return sha.slice(0, 10);
}
