/** Documents stored today must be readable by every later version: a new field has a default, and a document reads back as written. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  blockSchema,
  boardEventRecordSchema,
  boardEventSchema,
  budgetSchema,
  mergePresetSchema,
  notificationSchema,
  runEventRecordSchema,
  runSchema,
  workspaceSchema,
  type Activity,
  type Actor,
  type BoardEvent,
  type EffectRequest,
  type HumanAnswer,
  type MergeRecord,
  type OutputRef,
  type Phase,
  type PullRequestRef,
  type Run,
  type RunEvent,
  type RunInput,
} from "./index.js";

const sha = (digit: string): string => digit.repeat(40);
const user: Actor = { type: "human", id: "ada" };
const output: OutputRef = { key: "run_1/0/1/work.1", digest: "digest", chars: 3 };
const pullRequest: PullRequestRef = { id: "pr7", number: 7, url: "https://forge.invalid/7", branch: "work", base: "main" };
const merged: MergeRecord = { pullRequest, commit: sha("c"), head: sha("2"), base: sha("b"), at: 3, runId: "run_1" };
const estimate = { complexity: 0.1, risk: 0.2, impact: 0.3, rationale: "small", model: "model-1", at: 2 };
const failure = { kind: "timeout", code: "timed_out", message: "late", detail: null, hint: "retry it", step: 0, at: 4 } as const;
const retention = {
  events: 400,
  outputs: 180,
  transcripts: 30,
  modelCalls: 30,
  modelTexts: 3,
  notifications: 90,
  firings: 400,
  usage: 400,
  audit: 400,
};
const taskLimit = { mode: "off", shared: null, perType: {} };
const wait = {
  id: "run_1.0.1.1",
  on: "decision",
  question: "left or right?",
  options: ["left", "right"],
  subject: "digest",
  output,
  approvers: 2,
  approvedBy: ["ada"],
  openedAt: 2,
};

/** A value as a database column or a JSON body gives it back. */
function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const requests: { readonly [Do in EffectRequest["do"]]: Extract<EffectRequest, { do: Do }> } = {
  "ask-agent": {
    do: "ask-agent",
    kind: "researcher",
    briefs: [{ from: "ci", text: "red" }],
    attachments: [{ from: "architect", output }],
    participant: { id: "bold", role: "be bold", model: null, answers: "scores" },
  },
  "start-job": { do: "start-job", kind: "coder", briefs: [] },
  probe: { do: "probe", gate: "ci", pullRequest, checks: true },
  "update-branch": { do: "update-branch", pullRequest, head: sha("2") },
  merge: { do: "merge", pullRequest, head: sha("2"), base: sha("b") },
  call: { do: "call", name: "provision", input: { size: [1, null, "two"] } },
};
const effect = { key: "run_1/0/1/work.1", request: requests["ask-agent"], requestedAt: 1, tries: 1, hold: null };
const hold = { because: "budget", until: 5, message: "used up" } as const;
const job = { key: "run_1/0/1/work.1", kind: "coder", ref: "job-1", model: "model-1" };

const activities: { readonly [Is in Activity["is"]]: Extract<Activity, { is: Is }> } = {
  pending: { is: "pending" },
  effect: { is: "effect", effect: { ...effect, hold } },
  job: { is: "job", job, startedAt: 2, unreadable: 1 },
  wait: { is: "wait", wait },
  done: { is: "done" },
  skipped: { is: "skipped", reason: "below the bar" },
};
const phases: { readonly [Is in Phase["is"]]: Extract<Phase, { is: Is }> } = {
  live: { is: "live" },
  stopping: { is: "stopping", then: { is: "cancelled", reason: "no" }, by: user, since: 3 },
  done: { is: "done", at: 4 },
  failed: { is: "failed", failure },
  cancelled: { is: "cancelled", by: user, reason: "no", at: 4 },
};

/** A run that says something in every field. */
function fullRun(activity: Activity, phase: Phase): Run {
  const revision = { previous: output, feedback: "say more", comments: [{ body: "why?", quotedSource: "x" }] };
  return {
    id: "run_1",
    workspaceId: "ws_1",
    blockId: "blk_1",
    pipeline: { id: "pl_1", name: "Test", digest: "digest" },
    flags: [1, 2],
    initiatedBy: user,
    supersedes: "run_0",
    repository: { forge: "memory", id: "sample", base: "main" },
    pullRequest,
    merged: sha("c"),
    estimate,
    startedAt: 1,
    finishedAt: 4,
    steps: [
      {
        definition: { kind: "coder", approval: { approvers: 2 }, bar: 0.8, instructions: "briefly", gating: null, consensus: null },
        attempt: 2,
        effects: 3,
        waits: 1,
        state: { kind: "job", evictions: { crash: 0, transient: 1 } },
        activity,
        timing: { startedAt: 1, finishedAt: 4, waitedMs: 2 },
        output,
        model: "model-1",
        revision,
        approved: { by: ["ada", "grace"], subject: "digest", at: 3 },
        decisions: [{ question: "left or right?", chosen: "left" }],
      },
    ],
    cursor: 0,
    phase,
    revision: 9,
  };
}

describe("a stored run", () => {
  it.each(Object.values(activities))("is read back as it was while a step is $is", (activity) => {
    const run = fullRun(activity, phases.live);
    expect(runSchema.parse(throughJson(run))).toEqual(run);
  });

  it.each(Object.values(phases))("is read back as it was when it is $is", (phase) => {
    const run = fullRun(activities.done, phase);
    expect(runSchema.parse(throughJson(run))).toEqual(run);
  });

  it.each(Object.values(requests))("keeps the request to $do", (request) => {
    const run = fullRun({ is: "effect", effect: { ...effect, request } }, phases.live);
    expect(runSchema.parse(throughJson(run))).toEqual(run);
  });

  it("is written without what says nothing, and read with it", () => {
    const step = { definition: { kind: "coder" }, attempt: 1, state: { kind: "job" }, activity: { is: "pending" } } as const;
    const { estimate: _, ...rest } = fullRun(activities.pending, phases.live);
    const written: RunInput = { ...rest, steps: [step] };
    expect(runSchema.parse(throughJson(written))).toEqual({
      ...rest,
      estimate: null,
      steps: [
        {
          ...step,
          definition: { kind: "coder", approval: null, bar: null, instructions: null, gating: null, consensus: null },
          effects: 0,
          waits: 0,
          timing: { startedAt: null, finishedAt: null, waitedMs: 0 },
          output: null,
          model: null,
          revision: null,
          approved: null,
          decisions: [],
        },
      ],
    });
  });

  it("of a newer shape is refused, not read in part", () => {
    expect(runSchema.safeParse({ ...fullRun(activities.done, phases.live), priority: 1 }).success).toBe(false);
    expect(runSchema.safeParse(fullRun(activities.done, phases.live)).success).toBe(true);
  });
});

const answers: { readonly [A in HumanAnswer["answer"]]: Extract<HumanAnswer, { answer: A }> } = {
  choose: { answer: "choose", option: "left" },
  approve: { answer: "approve", edited: output },
  "request-changes": { answer: "request-changes", revision: { previous: null, feedback: "say more", comments: [] } },
  reject: { answer: "reject", reason: "no" },
  "extra-round": { answer: "extra-round" },
  proceed: { answer: "proceed" },
  incorporate: { answer: "incorporate", feedback: "briefly" },
};

type BodyOf<E extends { readonly event: { readonly type: string } }, T> = Extract<E["event"], { type: T }>;
const runEvents: { readonly [T in RunEvent["event"]["type"]]: BodyOf<RunEvent, T> } = {
  "run-started": { type: "run-started", run: fullRun(activities.pending, phases.live) },
  "step-entered": { type: "step-entered", step: 0 },
  "effect-requested": { type: "effect-requested", step: 0, effect, model: "model-1" },
  "effect-failed": { type: "effect-failed", step: 0, key: effect.key, code: "model_failed", message: "broken" },
  "effect-held": { type: "effect-held", step: 0, key: effect.key, hold },
  "effect-released": { type: "effect-released", step: 0, key: effect.key },
  "job-started": { type: "job-started", step: 0, job },
  "fact-recorded": { type: "fact-recorded", step: 0, fact: { is: "rated", rating: 0.5, comments: [{ body: "why?" }] } },
  "output-recorded": { type: "output-recorded", step: 0, output, model: null },
  "pull-request-recorded": { type: "pull-request-recorded", step: 0, pullRequest },
  "estimate-recorded": { type: "estimate-recorded", step: 0, estimate },
  "human-asked": { type: "human-asked", step: 0, wait },
  "human-agreed": { type: "human-agreed", step: 0, wait: wait.id, by: "ada" },
  "human-answered": { type: "human-answered", step: 0, wait: wait.id, by: "ada", answer: answers.choose },
  "step-approved": { type: "step-approved", step: 0, approval: { by: ["ada"], subject: "digest", at: 3 } },
  "rework-requested": { type: "rework-requested", step: 1, from: 0, to: 1, revision: null, why: "again" },
  merged: { type: "merged", step: 0, record: merged },
  "step-finished": { type: "step-finished", step: 0 },
  "step-skipped": { type: "step-skipped", step: 0, reason: "below the bar" },
  "stop-requested": { type: "stop-requested", then: { is: "failed", failure } },
  "run-finished": { type: "run-finished" },
  "run-failed": { type: "run-failed", failure },
  "run-cancelled": { type: "run-cancelled", reason: "no" },
};
/** Some event of a type: for each field a value that the field takes. */
function sampleOf({ shape }: (typeof boardEventSchema.options)[number]): BoardEvent["event"] {
  return boardEventSchema.parse(Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, valueOf(field)])));
}

function valueOf(field: z.ZodType): unknown {
  if (field instanceof z.ZodLiteral) return field.value;
  if (field instanceof z.ZodEnum) return field.options[0];
  if (field instanceof z.ZodArray && field.element instanceof z.ZodType) return [valueOf(field.element)];
  return ["one", 1, true, null, ["one"], { one: 1 }].find((value) => field.safeParse(value).success);
}

describe("an event in the log", () => {
  const envelope = { version: 1, at: 7, actor: user };

  it.each(Object.values(runEvents))("of a run is read back as it was: $type", (event) => {
    expect(runEventRecordSchema.parse(throughJson({ ...envelope, event }))).toEqual({ ...envelope, event });
  });

  it.each(boardEventSchema.options.map(sampleOf))("of a board is read back as it was: $type", (event) => {
    expect(boardEventRecordSchema.parse(throughJson({ ...envelope, event }))).toEqual({ ...envelope, event });
  });

  it.each(Object.values(answers))("keeps what a person answered: $answer", (answer) => {
    const event = { ...runEvents["human-answered"], answer };
    expect(runEventRecordSchema.parse(throughJson({ ...envelope, event }))).toEqual({ ...envelope, event });
  });

  it("from before the model was announced, and from before a pause, is read", () => {
    const { hold: _, ...older } = effect;
    const event = { type: "effect-requested", step: 0, effect: older };
    expect(runEventRecordSchema.parse({ ...envelope, event })).toEqual({
      ...envelope,
      event: { ...event, effect: { ...older, hold: null } },
    });
  });

  it("of an unknown type, with an unknown field, or without its author is refused", () => {
    const event = runEvents["step-finished"];
    expect(runEventRecordSchema.safeParse({ ...envelope, event: { type: "step-enjoyed", step: 0 } }).success).toBe(false);
    expect(runEventRecordSchema.safeParse({ ...envelope, event: { ...event, mood: "good" } }).success).toBe(false);
    expect(runEventRecordSchema.safeParse({ version: 1, at: 7, event }).success).toBe(false);
    expect(boardEventRecordSchema.safeParse({ ...envelope, event }).success).toBe(false);
  });
});

interface Shape {
  readonly name: string;
  readonly schema: z.ZodType;
  /** As its first version was stored. */
  readonly first: object;
  /** Fields that came later, and what they mean where they are missing. */
  readonly later: Readonly<Record<string, unknown>>;
}

const budget = {
  monthlyMicros: 100_000_000,
  taskMicros: null,
  runMicros: null,
  reserveInlineMicros: 50_000,
  reserveJobMicros: 1_000_000,
};
const shapes: readonly Shape[] = [
  {
    name: "block",
    schema: blockSchema,
    first: {
      id: "blk_1",
      workspaceId: "ws_1",
      level: "task",
      parentId: "blk_0",
      title: "a task",
      description: "",
      status: "planned",
      progress: 0,
      runId: null,
      pullRequest: null,
      merged: null,
      repository: null,
      checks: null,
      presetId: null,
      pipelineId: null,
      createdAt: 1,
    },
    later: {
      taskType: "feature",
      moduleName: null,
      modelId: null,
      testEnvironment: "ephemeral",
      testing: null,
      estimate: null,
      confidence: null,
      document: null,
      references: [],
      removedAt: null,
      revision: 1,
      fields: {},
      type: null,
      position: null,
      positionRevision: 1,
      size: null,
      agentConfig: {},
      fragmentIds: [],
      responsibleId: null,
      createdBy: null,
      trackerComment: null,
      trackerResolve: null,
      cloudProvider: null,
      instanceSize: null,
      blueprintKey: null,
      generatedText: null,
      isStale: false,
    },
  },
  {
    name: "merge preset",
    schema: mergePresetSchema,
    first: {
      id: "pre_1",
      workspaceId: "ws_1",
      name: "Balanced",
      maxComplexity: 0.5,
      maxRisk: 0.4,
      maxImpact: 0.5,
      ciMaxAttempts: 2,
    },
    later: {
      who: "automatic",
      maxReworks: 3,
      maxReviewIterations: 6,
      toleratedConcern: "none",
      releaseWatchMinutes: 30,
      releaseMaxAttempts: 1,
    },
  },
  {
    name: "notification",
    schema: notificationSchema,
    first: {
      id: "run_1.0.1.1",
      workspaceId: "ws_1",
      blockId: "blk_1",
      runId: "run_1",
      type: "decision_required",
      status: "open",
      title: "left or right?",
      body: "",
      createdAt: 1,
      urgentAt: 2,
      resolvedAt: null,
    },
    later: { severity: "normal" },
  },
  {
    name: "workspace",
    schema: workspaceSchema,
    first: { id: "ws_1", name: "Shop", createdAt: 1 },
    later: {
      description: null,
      revision: 1,
      settings: { budget, taskLimit, models: {}, escalationMinutes: 120, defaultPipelineId: null, retention },
      settingsRevision: 1,
      defaultPresetId: null,
      accountId: null,
      deletingAt: null,
      deletingBy: null,
    },
  },
  { name: "budget", schema: budgetSchema, first: {}, later: budget },
];

describe("a stored row", () => {
  it.each(shapes)("of the first version of $name is read with what came later", ({ schema, first, later }) => {
    expect(schema.parse(first)).toEqual({ ...first, ...later });
  });

  it.each(shapes.flatMap(({ later, ...shape }) => Object.keys(later).map((field) => ({ ...shape, later, field }))))(
    "of $name without '$field' is read with its default, the rest as it was",
    ({ schema, first, later, field }) => {
      const { [field]: _, ...others } = later;
      expect(schema.parse({ ...first, ...others })).toEqual({ ...first, ...later });
    },
  );
});
