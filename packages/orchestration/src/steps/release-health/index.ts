/**
 * The watch after a merge: read the release's signals until the window is over; when one is in alert, have the on-call agent say whether
 * the change is the cause, notify people, and go on. Nothing is ever reverted automatically.
 * 1. Whether there is a release to watch follows from the recorded merge, never from a status.
 * 2. The window and the budget are read when the step is first entered, and kept.
 * 3. A release that nothing watches raises a notification: a watch that is off must not look like one that saw nothing.
 * 4. A failed investigation raises its notification all the same, and says that it was not completed.
 */
import { onCallAssessmentSchema, type OnCallAssessment } from "@millrace/contracts";
import { z } from "zod";
import type { RecordedOutcome } from "../../run/model/command.js";
import { raiseNotification } from "../../run/model/notification.logic.js";
import { defineStepKind, type DefinedStepKind, type Move, type StepContext } from "../../run/model/step-kind.js";
import { sendBackToProducer } from "../shared/agent.logic.js";
import { jobFailure } from "../shared/job-failure.logic.js";
import { hasVanished, NO_EVICTIONS, recover } from "../shared/recovery.logic.js";
import { enrichIncident } from "./enrich-incident.effect.js";
import { gatherEvidence } from "./gather-evidence.effect.js";
import { probeRelease } from "./probe-release.effect.js";
import { judgeRelease } from "./release.logic.js";
import { tellWithoutEffect } from "../shared/without-effect.js";
import { signalsSchema } from "./release.schema.js";
import { describe, view } from "./describe.js";
import { factSchema, fold, stateSchema, type Fact, type State } from "./state.js";

/** The agent kind that investigates a regression. */
const HELPER = "on-call";
/** Code of the failure of a run whose release regressed with no investigation left. */
const EXHAUSTED = "post-release-health_exhausted";
/** Type of the notification of a regression. */
const REGRESSION = "release_regression";

/** A step that watches the release of a merged change. */
export const releaseHealthStep: DefinedStepKind = defineStepKind<State, Fact>({
  name: "release-health",
  needsService: "releases",
  state: stateSchema,
  fact: factSchema,
  endNotifications: { [EXHAUSTED]: REGRESSION },
  effects: [probeRelease, gatherEvidence, enrichIncident],
  initial: () => ({
    kind: "release-health",
    watch: null,
    attempts: 0,
    summary: "",
    brief: null,
    assessment: null,
    told: false,
    evictions: NO_EVICTIONS,
  }),
  fold,
  enter,
  onResult(context, state, result) {
    if (result.of === "job") return investigated(context, state, result.outcome);
    if (result.of !== "call" || state.watch === null) return { to: "poll-again" };
    if (result.name === probeRelease.name) return probed(context, state, state.watch, result.value);
    if (result.name === gatherEvidence.name) return send(z.object({ text: z.string() }).parse(result.value).text);
    return { to: "finish" };
  },
  answered: (context, _state, wait, answer) =>
    answer.answer === "request-changes" ? sendBackToProducer(context, wait, answer.revision) : { to: "finish" },
  failed(_context, state, failure) {
    const why = `${failure.code}: ${failure.message}`.slice(0, 4000);
    if (state.told) return { facts: [{ is: "not-enriched", why }], to: "finish" };
    return state.summary === "" ? { to: "fail", failure } : conclude(state, null, why, []);
  },
  consequences(fact, { run, index, input, at }) {
    if (fact.is === "unwatched") return tellWithoutEffect({ run, index, input, at }, "its release is not watched", fact.because);
    if (fact.is !== "investigated") return [];
    const title = `${input.block.title}: the release looks worse`;
    return [raiseNotification(run, input, { at }, { id: `${run.id}/${index}/regression`, type: REGRESSION, title, body: fact.summary })];
  },
  dispatches: () => [HELPER],
  describe,
  view: (state) => view(state, HELPER),
});

function enter(context: StepContext, state: State): Move<Fact> {
  const { run, input, at } = context;
  if (run.merged === null && input.block.merged === null)
    return pass({ is: "nothing-to-watch", because: "nothing was merged: there is no release to watch" });
  if (!input.capabilities.releases) return pass({ is: "unwatched", because: "no monitor is configured for this host" });
  const watch = state.watch ?? {
    since: at,
    windowMs: input.preset.releaseWatchMinutes * 60_000,
    budget: input.preset.releaseMaxAttempts,
  };
  return { facts: [{ is: "watching", ...watch }], ...probe(watch.since) };
}

function pass(fact: Fact): Move<Fact> {
  return { facts: [fact], to: "finish" };
}

function probe(since: number): Extract<Move<never>, { to: "effect" }> {
  return { to: "effect", phase: "probe", request: { do: "call", name: probeRelease.name, input: { since } } };
}

function probed(context: StepContext, state: State, watch: NonNullable<State["watch"]>, value: unknown): Move<Fact> {
  const { signals } = z.object({ signals: signalsSchema }).parse(value);
  const verdict = judgeRelease(signals, context.at - watch.since >= watch.windowMs);
  if (verdict.says === "watching") return { to: "poll-again" };
  if (verdict.says !== "regressed") return pass({ is: verdict.says, because: verdict.because });
  const regressed: Fact = { is: "regressed", because: verdict.because };
  if (state.attempts >= watch.budget)
    return {
      facts: [regressed],
      to: "fail",
      failure: {
        kind: "gate_exhausted",
        code: EXHAUSTED,
        message: `the release regressed: ${verdict.because}`,
        detail: null,
      },
    };
  return {
    facts: [regressed],
    to: "effect",
    phase: "evidence",
    request: { do: "call", name: gatherEvidence.name, input: { since: watch.since } },
  };
}

function send(brief: string): Move<Fact> {
  return { facts: [{ is: "helper-sent", helper: HELPER, brief }], ...dispatch(brief) };
}

function dispatch(brief: string): Extract<Move<never>, { to: "effect" }> {
  return {
    to: "effect",
    phase: HELPER,
    request: { do: "start-job", kind: HELPER, briefs: [{ from: "post-release-health", text: brief }] },
  };
}

function investigated(context: StepContext, state: State, outcome: RecordedOutcome): Move<Fact> {
  if (hasVanished(outcome)) {
    const again = recover(state.evictions, outcome, dispatch(state.brief ?? state.summary));
    // A lost investigation does not undo the release: it counts as one that did not happen.
    return again.to === "fail" ? conclude(state, null, again.failure.message, again.facts ?? []) : again;
  }
  const failure = jobFailure(context, HELPER, outcome);
  if (failure !== null || outcome.is !== "finished") return conclude(state, null, failure?.message ?? "the job failed", []);
  const parsed = onCallAssessmentSchema.safeParse(outcome.answer.product.is === "valid" ? outcome.answer.product.value : null);
  const move = conclude(state, parsed.success ? parsed.data : null, "its answer could not be read", []);
  return { ...move, output: { output: outcome.answer.output, model: outcome.answer.model } };
}

function conclude(state: State, assessment: OnCallAssessment | null, why: string, before: readonly Fact[]): Move<Fact> {
  const summary = (
    assessment === null
      ? `${state.summary}\nThe investigation could not be completed (${why}): investigate by hand.`
      : `${state.summary}\n${assessment.recommendation}: the change is the cause with confidence ${assessment.culpritConfidence}. ${assessment.rationale}`
  ).slice(0, 8000);
  return {
    facts: [...before, { is: "investigated", assessment, summary }],
    to: "effect",
    phase: "incident",
    request: { do: "call", name: enrichIncident.name, input: { note: summary } },
  };
}
