/**
 * The watch after a merge: look at the release's signals until the window is over; when one is in alert, send the on-call agent to
 * say whether the change did it, tell people, and go on. Nothing is ever reverted by itself.
 * 1. Whether there is a release to watch is read from the recorded merge, never from a status.
 * 2. The window and the budget are read when the step is first entered, and kept.
 * 3. An investigation that failed is still told: its notification says that nobody looked.
 */
import { onCallAssessmentSchema, timestampSchema, type OnCallAssessment } from "@millrace/contracts";
import { z } from "zod";
import type { RecordedOutcome } from "../../run/model/command.js";
import { defineStepKind, type Move, type StepContext, type StepKind } from "../../run/model/step-kind.js";
import { signalsSchema } from "./release.schema.js";
import { urgentAt } from "../../run/rules/escalation.logic.js";
import { judgeRelease } from "./release.logic.js";
import { sendBackToProducer } from "../shared/agent.logic.js";
import { jobFailure } from "../job/index.js";
import { countEviction, evictedFactSchema, evictionsSchema, hasVanished, NO_EVICTIONS, recover } from "../shared/recovery.logic.js";

const HELPER = "on-call";

const watchSchema = z.strictObject({
  since: timestampSchema,
  windowMs: z.number().int().positive(),
  budget: z.number().int().nonnegative(),
});
const stateSchema = z.strictObject({
  kind: z.literal("release-health"),
  /** Null until the step is entered. */
  watch: watchSchema.nullable(),
  attempts: z.number().int().nonnegative(),
  /** What the signals said last, in words. */
  summary: z.string().max(4000),
  /** What the on-call agent was told; null until somebody was sent. */
  brief: z.string().max(8000).nullable(),
  assessment: onCallAssessmentSchema.nullable(),
  /** People were told of the regression. */
  told: z.boolean(),
  evictions: evictionsSchema,
});
const factSchema = z.discriminatedUnion("is", [
  watchSchema.extend({ is: z.literal("watching") }),
  z.strictObject({ is: z.literal("nothing-to-watch"), because: z.string() }),
  z.strictObject({ is: z.literal("healthy"), because: z.string() }),
  z.strictObject({ is: z.literal("regressed"), because: z.string().max(4000) }),
  z.strictObject({ is: z.literal("helper-sent"), helper: z.string(), brief: z.string().max(8000) }),
  z.strictObject({ is: z.literal("investigated"), assessment: onCallAssessmentSchema.nullable(), summary: z.string().max(8000) }),
  z.strictObject({ is: z.literal("not-enriched"), why: z.string().max(4000) }),
  evictedFactSchema,
]);
type State = z.infer<typeof stateSchema>;
type Fact = z.infer<typeof factSchema>;

export const releaseHealthStep: StepKind = defineStepKind<State, Fact>({
  name: "release-health",
  state: stateSchema,
  fact: factSchema,
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
    if (result.of !== "call" || state.watch === null) return { to: "again" };
    if (result.name === "probe-release") return probed(context, state, state.watch, result.value);
    if (result.name === "gather-evidence") return send(z.object({ text: z.string() }).parse(result.value).text);
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
    if (fact.is !== "investigated") return [];
    return [
      {
        change: "raise-notification",
        notification: {
          id: `${run.id}/${index}/regression`,
          workspaceId: run.workspaceId,
          blockId: run.blockId,
          runId: run.id,
          type: "release_regression",
          status: "open",
          severity: "normal",
          title: `${input.block.title}: the release looks worse`.slice(0, 300),
          body: fact.summary,
          createdAt: at,
          urgentAt: urgentAt(at, input.settings),
          resolvedAt: null,
        },
      },
    ];
  },
  dispatches: () => [HELPER],
});

function fold(state: State, fact: Fact): State {
  switch (fact.is) {
    case "watching": {
      const { is: _, ...watch } = fact;
      return { ...state, watch: state.watch ?? watch };
    }
    case "nothing-to-watch":
    case "healthy":
    case "not-enriched":
      return state;
    case "regressed":
      return { ...state, summary: fact.because };
    case "helper-sent":
      return { ...state, attempts: state.attempts + 1, brief: fact.brief };
    case "investigated":
      return { ...state, assessment: fact.assessment, told: true };
    case "evicted":
      return { ...state, evictions: countEviction(state.evictions, fact) };
  }
}

function enter(context: StepContext, state: State): Move<Fact> {
  const { run, input, at } = context;
  if (run.merged === null && input.block.merged === null) return skip("nothing was merged: there is no release to watch");
  if (!input.capabilities.releases) return skip("no monitor is configured for this host");
  const watch = state.watch ?? {
    since: at,
    windowMs: input.preset.releaseWatchMinutes * 60_000,
    budget: input.preset.releaseMaxAttempts,
  };
  return { facts: [{ is: "watching", ...watch }], ...probe(watch.since) };
}

function skip(because: string): Move<Fact> {
  return { facts: [{ is: "nothing-to-watch", because }], to: "finish" };
}

function probe(since: number): Extract<Move<never>, { to: "effect" }> {
  return { to: "effect", phase: "probe", request: { do: "call", name: "probe-release", input: { since } } };
}

function probed(context: StepContext, state: State, watch: NonNullable<State["watch"]>, value: unknown): Move<Fact> {
  const { signals } = z.object({ signals: signalsSchema }).parse(value);
  const verdict = judgeRelease(signals, context.at - watch.since >= watch.windowMs);
  if (verdict.says === "watching") return { to: "again" };
  if (verdict.says === "healthy") return { facts: [{ is: "healthy", because: verdict.because }], to: "finish" };
  const regressed: Fact = { is: "regressed", because: verdict.because };
  if (state.attempts >= watch.budget)
    return {
      facts: [regressed],
      to: "fail",
      failure: {
        kind: "gate_exhausted",
        code: "post-release-health_exhausted",
        message: `the release regressed: ${verdict.because}`,
        detail: null,
      },
    };
  return {
    facts: [regressed],
    to: "effect",
    phase: "evidence",
    request: { do: "call", name: "gather-evidence", input: { since: watch.since } },
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
    // A lost investigation does not undo the release: it is told as one that did not happen.
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
    request: { do: "call", name: "enrich-incident", input: { note: summary } },
  };
}
