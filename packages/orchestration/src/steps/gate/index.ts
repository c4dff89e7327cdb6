/**
 * The gate machine: probe, conclude, send a helper, probe again.
 * 1. A conclusion is about one head on one base; both are in the verdict (P1).
 * 2. A branch that is behind its base is brought up to date once before it is judged; if the base moves on meanwhile, the branch is judged
 *    as it stands. A merger sends it back here when its turn to land has come, and nothing lands on a base that it was not judged on.
 * 3. After a helper was sent for a head, only another head can pass.
 * 4. A helper is never sent while the gate is green, pending or unknown.
 * 5. Helpers, updates and waiting are bounded (I6). A lost helper uses up no attempt.
 * 6. A helper that cannot work, and repairs that change nothing of what fails, end the gate before its budget does (P8).
 * 7. Checks that cannot run, or are red without the change, are asked a person about; no helper is sent for them (F:C11).
 */
import type { Check, Run, StepState, Verdict } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { EffectResult } from "../../run/model/command.js";
import { failingChecks } from "../../run/rules/failing-checks.logic.js";
import { STOPS_WITHOUT_PROGRESS } from "../../run/model/flags.js";
import { defineStepKind, type DefinedStepKind, type FailureRequest, type Move, type StepContext } from "../../run/model/step-kind.js";
import { sendBackToProducer } from "../shared/agent.logic.js";
import { breakerFailure, earlierAttempts, helperReturned, history } from "../shared/attempts.logic.js";
import { fingerprintOutput, type Fingerprint } from "../shared/findings.logic.js";
import { waitedSince } from "../shared/patience.logic.js";
import { deadPullRequest } from "../shared/pull-request.logic.js";
import { hasVanished, NO_EVICTIONS, recover } from "../shared/recovery.logic.js";
import { repairsInVain } from "../shared/stagnation.logic.js";
import { exhaustedCode, gatesByName, isEvidence, type Blame, type Gate } from "./gate.js";
import { describe, texts, view } from "./describe.js";
import { factSchema, fold, gateStateOf, stateSchema, type Fact, type GateState } from "./state.js";

/** How often one gate brings the branch up to date: on a busy base, following it costs a round of checks for every change of others. */
const MAX_UPDATES = 1;
/** How often one gate may send the branch back to resolve a conflict. */
const MAX_CONFLICTS = 10;

/** Wait of a gate for what is red without the change. */
const BLOCKED = "checks-blocked";
const LOOK_AGAIN = "look again";
const CHANGE: Blame = { on: "change" };

type Probe = Extract<EffectResult, { of: "probe" }>;

/** Creates the one step kind of all gates; a gate is data. */
export function createGateStep(gates: readonly Gate[]): DefinedStepKind {
  const byName = gatesByName(gates);
  const ownsConflicts = (state: StepState): boolean => byName.get(gateStateOf(state)?.gate ?? "")?.ownsConflicts === true;
  const gateOf = (state: GateState): Gate => {
    const gate = byName.get(state.gate);
    if (gate === undefined)
      throw new MillraceError("stored_shape_invalid", `no gate '${state.gate}' is registered`, {
        fix: "register it in composeOrchestration({ gates })",
      });
    return gate;
  };
  return defineStepKind<GateState, Fact>({
    name: "gate",
    state: stateSchema,
    fact: factSchema,
    needsRepository: true,
    isTransparent: true,
    endNotifications: Object.fromEntries(
      [...byName.values()].flatMap((gate) => (gate.endNotification === undefined ? [] : [[exhaustedCode(gate), gate.endNotification]])),
    ),
    // A gate that replaces a built-in one is put into pipelines by the agent kind of the gate it replaces, unless it brings its own.
    agentKinds: [...new Map(gates.flatMap(({ agentKinds = [] }) => agentKinds.map((kind) => [kind.id, kind] as const))).values()],
    givesEvidence({ id }) {
      const gate = byName.get(id);
      return gate !== undefined && isEvidence(gate);
    },
    misfit: ({ id }) =>
      byName.has(id)
        ? null
        : { problem: "unknown-gate", what: `no gate '${id}' is registered`, fix: "register it in composeOrchestration({ gates })" },
    initial: (_definition, kind) => ({
      kind: "gate",
      gate: kind.id,
      budget: null,
      attempts: 0,
      updates: 0,
      sentFor: null,
      watching: null,
      verdict: null,
      log: [],
      evictions: NO_EVICTIONS,
    }),
    fold,
    enter(context, state) {
      const budgeted: Fact = { is: "budgeted", budget: gateOf(state).budget(context.input) };
      return { facts: [budgeted], ...probe(context, gateOf(state), state) };
    },
    onResult(context, state, result) {
      if (result.of === "probe") return probed(context, state, { gate: gateOf(state), ownsConflicts }, result);
      if (result.of === "job") return helped(context, state, gateOf(state), result.outcome);
      if (result.of === "update-branch") return probe(context, gateOf(state), state);
      return { to: "poll-again" };
    },
    waits: { [BLOCKED]: { notification: "ci_failed", answers: ["choose", "reject"] } },
    answered(context, state, wait, answer) {
      if (answer.answer === "choose") return decided(context, state, gateOf(state), answer.option);
      if (answer.answer === "request-changes") return sendBackToProducer(context, wait, answer.revision);
      throw new MillraceError("wait_mismatch", `'${answer.answer}' does not answer a gate`);
    },
    dispatches: (_definition, kind) => [byName.get(kind.id)?.helper ?? kind.id],
    describe,
    texts,
    view: (state) => view(state, byName.get(state.gate)?.helper ?? null),
  });
}

/** Without a pull request there is nothing to judge: the gate passes without a verdict, which is no evidence for a merger. */
function probe({ run: { pullRequest } }: StepContext, gate: Gate, { updates }: Pick<GateState, "updates">): Move<Fact> {
  if (pullRequest === null) return { to: "finish" };
  const evenBehind = updates >= MAX_UPDATES ? { evenBehind: true } : {};
  return { to: "effect", phase: "probe", request: { do: "probe", gate: gate.name, pullRequest, checks: gate.readsChecks, ...evenBehind } };
}

function probed(
  context: StepContext,
  state: GateState,
  { gate, ownsConflicts }: { readonly gate: Gate; readonly ownsConflicts: (state: StepState) => boolean },
  result: Probe,
): Move<Fact> {
  const { state: pr } = result;
  const { pullRequest } = context.run;
  const dead = pullRequest === null ? null : deadPullRequest(pullRequest, pr);
  if (dead !== null) return exhausted(dead.code, dead.message, null);
  if (pr.state === "merged") return { to: "finish" };
  if (pr.mergeability === "conflicted" && !gate.ownsConflicts) return toConflictsGate(context, state, pr, ownsConflicts);
  if (pr.behind && pr.mergeability === "clean" && state.updates < MAX_UPDATES) return bringUpToDate(context, pr);
  return concluded(context, state, gate, { verdict: conclude(context, state, gate, result), baseChecks: result.baseChecks ?? [] });
}

function conclude(context: StepContext, state: GateState, gate: Gate, { state: pr, checks }: Probe): Verdict {
  const judged = gate.judge({ state: pr, checks, input: context.input });
  const unmoved = `${judged.because}; the head has not moved since the ${gate.helper} was sent for it`;
  const says = state.sentFor === pr.head ? { says: "red" as const, because: unmoved.slice(0, 4000) } : judged;
  return {
    gate: gate.name,
    head: pr.head,
    base: pr.baseHead,
    settings: context.input.checkPolicyDigest,
    observed: [...checks],
    ...says,
    at: context.at,
  };
}

function concluded(
  context: StepContext,
  state: GateState,
  gate: Gate,
  { verdict, baseChecks }: { readonly verdict: Verdict; readonly baseChecks: readonly Check[] },
): Move<Fact> {
  const facts: Fact[] = repeats(state.verdict, verdict) ? [] : [{ is: "verdict", verdict }];
  if (verdict.says === "green") return { facts, to: "finish", subject: { digest: `${verdict.head}+${verdict.base}`, output: null } };
  const blame = verdict.says === "red" ? (gate.blame?.(verdict, baseChecks) ?? CHANGE) : CHANGE;
  if (blame.on === "surroundings") return { facts, ...askPerson(gate, verdict, blame.question) };
  const since = state.watching?.head === verdict.head ? state.watching.since : context.at;
  const isOverdue = waitedSince(context, since) >= context.input.patience.gateMs;
  if (verdict.says === "red" && (blame.on === "change" || isOverdue)) return sendHelper(context.run, state, gate, verdict, facts);
  if (!isOverdue) return { facts, to: "poll-again" };
  return {
    facts,
    to: "fail",
    failure: {
      kind: "timeout",
      code: "gate_timeout",
      message: `${gate.name} is still ${verdict.says} for ${short(verdict.head)}: ${verdict.because}`,
      detail: null,
    },
  };
}

/** A person's word on checks that are red without the change. */
function decided(context: StepContext, state: GateState, gate: Gate, option: string): Move<Fact> {
  const { verdict } = state;
  return option === sending(gate) && verdict !== null ? sendHelper(context.run, state, gate, verdict, []) : probe(context, gate, state);
}

/** The helper may be what repairs the base, too: only a person knows. */
function sending({ helper }: Gate): string {
  return `send the ${helper}`;
}

/** A red verdict that is no fault of the change: a person says when to look again, sends the helper all the same, or gives the change up. */
function askPerson(gate: Gate, { head, base }: Verdict, question: string): Extract<Move<never>, { to: "wait" }> {
  const on = {
    on: BLOCKED,
    question: question.slice(0, 8000),
    options: [LOOK_AGAIN, sending(gate)],
    subject: `${head}+${base}`,
    output: null,
    approvers: 1,
  };
  return { to: "wait", on };
}

function repeats(before: Verdict | null, now: Verdict): boolean {
  return (
    before !== null &&
    before.says === now.says &&
    before.head === now.head &&
    before.base === now.base &&
    before.because === now.because &&
    before.settings === now.settings
  );
}

function sendHelper(run: Run, state: GateState, gate: Gate, verdict: Verdict, facts: readonly Fact[]): Move<Fact> {
  const budget = state.budget ?? 0;
  if (state.attempts >= budget)
    return {
      facts,
      ...exhausted(
        exhaustedCode(gate),
        `${gate.name} is red at ${short(verdict.head)} after ${state.attempts} of ${budget} ${gate.helper} attempt(s): ${verdict.because}`,
        history(state.log),
      ),
    };
  const failing = failure(verdict);
  const stuck = run.flags.includes(STOPS_WITHOUT_PROGRESS) ? noProgress(state, gate, verdict, failing) : null;
  if (stuck !== null) return { facts, to: "fail", failure: stuck };
  return {
    facts: [...facts, { is: "helper-sent", head: verdict.head, helper: gate.helper, failing }],
    ...dispatchHelper(state, gate, verdict),
  };
}

/** The failure of a gate whose remaining budget would be wasted; null when another attempt may help. */
function noProgress(state: GateState, gate: Gate, verdict: Verdict, failing: Fingerprint | null): FailureRequest | null {
  const broken = breakerFailure(gate.helper, state.log, verdict.head);
  if (broken !== null) return broken;
  const vain = repairsInVain(state.repairs ?? [], { head: verdict.head, failing });
  if (vain === null) return null;
  const message = `${gate.name} is red at ${short(verdict.head)} after ${state.attempts} of ${state.budget ?? 0} ${gate.helper} attempt(s); ${vain}: ${verdict.because}`;
  return { kind: "gate_exhausted", code: exhaustedCode(gate), message, detail: history(state.log) };
}

/** Fingerprint of what fails, for comparing heads; null when a failing check does not say why, so that the same failure cannot be recognised. */
function failure({ observed }: Verdict): Fingerprint | null {
  const failing = failingChecks(observed);
  if (failing.length === 0 || failing.some(({ summary }) => summary === null || summary.trim() === "")) return null;
  return fingerprintOutput(
    failing
      .map(({ name, conclusion, summary }) => `${name} (${conclusion}): ${summary}`)
      .toSorted()
      .join("\n"),
  );
}

function dispatchHelper(state: GateState, gate: Gate, verdict: Verdict): Extract<Move<never>, { to: "effect" }> {
  return {
    to: "effect",
    phase: gate.helper,
    request: { do: "start-job", kind: gate.helper, briefs: [...gate.briefs(verdict), ...earlierAttempts(state.log)] },
  };
}

function helped(context: StepContext, state: GateState, gate: Gate, outcome: Extract<EffectResult, { of: "job" }>["outcome"]): Move<Fact> {
  if (state.sentFor === null || state.verdict === null) return probe(context, gate, state);
  if (hasVanished(outcome)) return recover(state.evictions, outcome, dispatchHelper(state, gate, state.verdict));
  const sent = { helper: gate.helper, attempt: state.attempts, head: state.sentFor };
  const returned = helperReturned(context, sent, outcome);
  return { facts: [returned], ...probe(context, gate, state) };
}

function bringUpToDate({ run: { pullRequest } }: StepContext, pr: Probe["state"]): Move<Fact> {
  if (pullRequest === null) return { to: "finish" };
  return {
    facts: [{ is: "behind", head: pr.head, base: pr.baseHead }],
    to: "effect",
    phase: "update",
    request: { do: "update-branch", pullRequest, head: pr.head },
  };
}

/** A conflict that appeared after the gate that owns conflicts has passed goes back to that gate. */
function toConflictsGate(
  context: StepContext,
  state: GateState,
  pr: Probe["state"],
  ownsConflicts: (state: StepState) => boolean,
): Move<Fact> {
  const from = context.run.steps.findLastIndex((step, index) => index < context.index && ownsConflicts(step.state));
  if (from < 0 || state.updates >= MAX_CONFLICTS)
    return exhausted(
      "conflicted",
      `the branch conflicts with its base${pr.conflicts.length === 0 ? "" : ` in ${pr.conflicts.join(", ")}`}`,
      null,
    );
  return {
    facts: [{ is: "behind", head: pr.head, base: pr.baseHead }],
    to: "rework",
    from,
    revision: null,
    why: "the branch conflicts with its base",
  };
}

function exhausted(code: string, message: string, detail: string | null): Extract<Move<Fact>, { to: "fail" }> {
  return { to: "fail", failure: { kind: "gate_exhausted", code, message, detail } };
}

function short(sha: string): string {
  return sha.slice(0, 10);
}
