import {
  mergeAssessmentSchema,
  reviewCommentSchema,
  type Block,
  type HumanWait,
  type Run,
  type RunEvent,
  type Step,
} from "@millrace/contracts";
import type { UsageRow } from "@millrace/kernel";
import { heldEffect, currentStep, gateStateOf, openRound, openWait } from "@millrace/orchestration";
import { z } from "zod";
import type { CostView, RunView, StepView, WaitView } from "./run-view.js";

export interface RunFacts {
  readonly run: Run;
  readonly task: Pick<Block, "id" | "title">;
  readonly events: readonly RunEvent[];
  readonly usage: readonly UsageRow[];
  /** Text of the open wait's output; null when there is none. */
  readonly subject: string | null;
  readonly now: number;
}

/** What companions, testers and mergers remember, as far as it is shown. Another shape (a newer kind) shows nothing. */
const companionSchema = z.looseObject({
  ratings: z.array(
    z.looseObject({
      rating: z.number(),
      bar: z.number(),
      passed: z.boolean(),
      summary: z.string(),
      comments: z.array(reviewCommentSchema),
    }),
  ),
});
const testerSchema = z.looseObject({
  log: z.array(z.looseObject({ attempt: z.number(), outcome: z.string(), head: z.string().nullable(), summary: z.string() })),
});
const mergerSchema = z.looseObject({ assessment: mergeAssessmentSchema.nullable(), withheld: z.string().nullable() });

/** Everything there is to show of a run. */
export function runView({ run, task, events, usage, subject, now }: RunFacts): RunView {
  const wait = openWait(run);
  const { phase } = run;
  return {
    id: run.id,
    status: phase.is === "live" ? (heldEffect(run) !== null ? "paused" : wait === null ? "running" : "waiting") : phase.is,
    task: { id: task.id, title: task.title },
    pipeline: { id: run.pipeline.id, name: run.pipeline.name },
    startedBy: run.initiatedBy,
    startedAt: run.startedAt,
    finishedAt: run.finishedAt,
    supersedes: run.supersedes,
    pullRequest: run.pullRequest,
    merged: run.merged,
    steps: run.steps.map((step, index) => stepView(run, step, index, now)),
    wait: wait === null ? null : waitView(run, wait, subject),
    paused: heldEffect(run)?.hold ?? null,
    failure: phase.is === "failed" ? phase.failure : null,
    cancelled: phase.is === "cancelled" ? { by: phase.by, reason: phase.reason } : null,
    cost: costView(usage),
    next: nextCommands(run, wait),
    timeline: events,
  };
}

function stepView(run: Run, step: Step, index: number, now: number): StepView {
  const gate = gateStateOf(step.state);
  const merger = step.state.kind === "merger" ? (mergerSchema.safeParse(step.state).data ?? null) : null;
  const helpers = step.state.kind === "tester" ? (testerSchema.safeParse(step.state).data?.log ?? []) : (gate?.log ?? []);
  const ratings = step.state.kind === "companion" ? (companionSchema.safeParse(step.state).data?.ratings ?? []) : [];
  return {
    number: index + 1,
    kind: step.definition.kind,
    state: stateOf(run, step, index),
    doing: run.phase.is === "live" ? doingOf(step) : null,
    attempt: step.attempt,
    model: step.model ?? (step.activity.is === "job" ? step.activity.job.model : null),
    ...timesOf(step, run.finishedAt ?? now),
    output: step.output,
    verdict:
      gate?.verdict == null
        ? null
        : {
            ...gate.verdict,
            checks: gate.verdict.observed.map(({ name, status, conclusion, summary }) => ({ name, status, conclusion, summary })),
          },
    helpers: helpers.map(({ attempt, outcome, head, summary }) => ({ attempt, outcome, head, summary })),
    ratings: ratings.map(({ rating, bar, passed, summary, comments }) => ({
      rating,
      bar,
      passed,
      summary,
      comments: comments.map(({ body }) => body),
    })),
    assessment: merger?.assessment ?? null,
    withheld: merger?.withheld ?? null,
    decisions: step.decisions,
    approved: step.approved,
  };
}

function stateOf(run: Run, step: Step, index: number): StepView["state"] {
  if (step.activity.is === "done" || step.activity.is === "skipped") return step.activity.is;
  if (run.phase.is === "failed") return run.phase.failure.step === index ? "failed" : "pending";
  if (index !== run.cursor || step.activity.is === "pending") return "pending";
  if (run.phase.is === "cancelled" || run.phase.is === "stopping") return run.phase.is;
  if (step.activity.is === "effect" && step.activity.effect.hold !== null) return "paused";
  return step.activity.is === "wait" ? "waiting" : "running";
}

/** What a step does now, in words. */
export function doingOf({ activity }: Step): string | null {
  switch (activity.is) {
    case "pending":
    case "done":
      return null;
    case "skipped":
      return activity.reason;
    case "job":
      return `${activity.job.kind} at work`;
    case "wait":
      return "waits for a person";
    case "effect": {
      const { request, tries, hold } = activity.effect;
      if (hold !== null) return `paused (${hold.because})`;
      const again = tries === 0 ? "" : `, try ${tries + 1}`;
      switch (request.do) {
        case "ask-agent":
          return `asking the ${request.kind}${again}`;
        case "start-job":
          return `starting the ${request.kind}${again}`;
        case "probe":
          return request.checks ? `waiting for the checks${again}` : `looking at the pull request${again}`;
        case "update-branch":
          return `bringing the branch up to date${again}`;
        case "merge":
          return `merging${again}`;
        case "call":
          return `${request.name}${again}`;
      }
    }
  }
}

function timesOf({ timing, activity }: Step, until: number): Pick<StepView, "durationMs" | "waitedMs"> {
  const waiting = activity.is === "wait" ? Math.max(0, until - activity.wait.openedAt) : 0;
  const waitedMs = timing.waitedMs + waiting;
  if (timing.startedAt === null) return { durationMs: null, waitedMs };
  return { durationMs: Math.max(0, (timing.finishedAt ?? until) - timing.startedAt - waitedMs), waitedMs };
}

function waitView(run: Run, wait: HumanWait, subject: string | null): WaitView {
  return {
    id: wait.id,
    on: wait.on,
    question: wait.question,
    options: wait.options,
    digest: wait.subject,
    subject,
    look: lookAt(wait),
    approvers: wait.approvers,
    approvedBy: wait.approvedBy,
    openedAt: wait.openedAt,
    answers: answersTo(run, wait),
  };
}

/** A merge is bound to a head on a base: this is what would change. */
function lookAt({ on, subject }: Pick<HumanWait, "on" | "subject">): string | null {
  const [head, base] = subject.split("+");
  return on !== "merge" || head === undefined || base === undefined
    ? null
    : `git fetch millrace && git diff ${base.slice(0, TYPED_DIGEST)}...${head.slice(0, TYPED_DIGEST)}`;
}

/** The digest as far as a person has to type it. */
const TYPED_DIGEST = 12;

function answersTo(run: Run, wait: Pick<HumanWait, "on" | "subject" | "options">): readonly string[] {
  const runId = run.id;
  const hasFindings = openRound(currentStep(run).state) !== null;
  const digest = wait.subject.slice(0, TYPED_DIGEST);
  const approve = `millrace approve ${runId} --digest ${digest}`;
  const reject = `millrace reject ${runId} --reason "..."`;
  switch (wait.on) {
    case "decision":
      return wait.options.length === 0
        ? [`millrace decide ${runId} "..."`]
        : wait.options.map((option) => `millrace decide ${runId} '${option.replaceAll("'", "'\\''")}'`);
    default:
      return [approve, `millrace changes ${runId} --feedback "..."`, reject];
    case "review":
      return [`millrace review ${runId}`, `millrace incorporate ${runId}`, `millrace proceed ${runId} --digest ${digest}`, reject];
    case "cap":
      return [
        ...(hasFindings ? [`millrace review ${runId}`] : []),
        `millrace round ${runId}`,
        `millrace proceed ${runId} --digest ${digest}`,
        reject,
      ];
  }
}

function nextCommands(run: Run, wait: HumanWait | null): readonly string[] {
  if (wait !== null) return answersTo(run, wait);
  switch (run.phase.is) {
    case "live":
      return ["millrace run", `millrace watch ${run.id}`, `millrace stop ${run.id}`];
    case "stopping":
      return ["millrace run"];
    case "failed":
      return [
        `millrace logs ${run.id} --step ${run.phase.failure.step + 1}`,
        `millrace retry ${run.id}`,
        `millrace restart ${run.id} --from 1`,
      ];
    case "cancelled":
      return [`millrace run ${run.blockId}`];
    case "done":
      return run.merged === null ? [] : [`git pull ${remoteOf(run)} ${run.pullRequest?.base ?? run.repository?.base ?? ""}`.trim()];
  }
}

/** The name a person's working copy has for where changes land. */
function remoteOf({ repository }: Run): string {
  return repository?.forge === "github" ? "origin" : "millrace";
}

export function costView(usage: readonly UsageRow[]): CostView {
  const sum = (pick: (row: UsageRow) => number): number => usage.reduce((total, row) => total + pick(row), 0);
  return {
    calls: usage.length,
    inputTokens: sum((row) => row.inputTokens),
    outputTokens: sum((row) => row.outputTokens),
    costMicros: usage.some((row) => row.costMicros === null) ? null : sum((row) => row.costMicros ?? 0),
  };
}

/** Key of the job or agent call that a run waits for; null when none. */
export function jobKeyOf(run: Run): string | null {
  const { activity } = currentStep(run);
  if (activity.is === "job") return activity.job.key;
  if (activity.is !== "effect") return null;
  const { key, request } = activity.effect;
  return request.do === "ask-agent" || request.do === "start-job" ? key : null;
}
