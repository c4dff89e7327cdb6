import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  mergePresetSchema,
  pipelineSchema,
  workspaceSettingsSchema,
  type BoardEvent,
  type MergePreset,
  type Pipeline,
  type RunEvent,
} from "@millrace/contracts";
import type { BlockFilter, Change, Claim } from "@millrace/kernel";
import { LOG_START } from "@millrace/kernel";
import { expect, it, onTestFinished } from "vitest";
import type { SqlConnection } from "./connection.js";
import { openSqliteConnection } from "./open-sqlite-store.js";
import { WS, aRecord, aReview, anItem, board, transition } from "./records.fixture.js";
import { createSqlPullRequests } from "./aggregates/pull-requests/ledger.js";
import { createSqlStore } from "./sql-store.js";
import { createSqlWakeUps } from "./aggregates/wakeups/wake-ups.js";
import { temporaryFolder } from "./temporary-folder.fixture.js";

const clock = { now: () => 1000 };

/** Walks of an index that end early or see few rows by construction; anything else that scans is a mistake. */
const ALLOWED = [
  // The next due wake-up: from the earliest on, past the few that are claimed, to the first that is free.
  "SCAN wakeups USING INDEX wakeups_due",
  // The keys that were asked for: a list in an argument, no table.
  "SCAN json_each VIRTUAL TABLE INDEX 1:",
  // A block and what it sits in.
  "SCAN path",
  "SCAN path LEFT-JOIN",
  // The window of a page: 1,000 rows at most of each status, what of it passed, and where it ended.
  "SCAN looked_at",
  "SCAN one",
  "SCAN bounds",
  "SCAN found LEFT-JOIN",
  // Groups of the open tasks.
  "SCAN held",
  "SCAN done",
  // The runs a claim chose.
  "SCAN due",
  // The row a guard may insert: it reads no table.
  "SCAN CONSTANT ROW",
  // The rows of one insert.
  "SCAN 2 CONSTANT ROWS",
  "SCAN 2-ROW VALUES CLAUSE",
];

/** Names in statements that sort or group a bounded number of rows: a window of a list, the open tasks of a board. */
const SORTED = ["looked_at", '"lane"'];

const delivery = {
  channel: "chat",
  number: 1,
  cursor: "1",
  workspaceId: WS,
  status: "pending",
  attempts: 0,
  nextAttemptAt: 0,
  lastError: null,
} as const;
const event: BoardEvent = { version: 1, at: 1, actor: { type: "system", id: "driver" }, event: { type: "settings-changed" } };

it("every statement of every method is answered by an index", async () => {
  const file = path.join(await temporaryFolder(onTestFinished), "store.db");
  const { connection } = await openSqliteConnection({ path: file });
  const statements = new Set<string>();
  const recording: SqlConnection = {
    db: connection.db,
    dialect: connection.dialect,
    all: (statement, args) => {
      statements.add(statement.sql);
      return connection.all(statement, args);
    },
    batch: (commit) => {
      for (const { sql } of commit) statements.add(sql);
      return connection.batch(commit);
    },
  };
  const store = createSqlStore(recording, clock);
  const wakeups = createSqlWakeUps(recording, { now: () => 100 });
  const pullRequests = createSqlPullRequests(recording);
  await store.commit([...board(2), { change: "insert-run", record: aRecord("run_a") }, ...transition("run_a", 1)]);
  await store.commit([
    { change: "resolve-notification", workspaceId: WS, id: "notification", as: "acted", at: 1, event },
    { change: "patch-block", workspaceId: WS, id: "tsk_0", patch: { progress: 1 } },
  ]);
  await store.commit(sideChanges);
  for (const revision of [1, 2])
    await store.commit([
      { change: "put-channel-progress", progress: { channel: "chat", cursor: LOG_START, made: 0, leaseUntil: 0, revision } },
      { change: "put-delivery", delivery: { ...delivery, entry: event } },
    ]);
  await store.commit([{ change: "trim-run", workspaceId: WS, id: "run_b" }]);
  await store.commit([{ change: "trim-deliveries", ofWorkspace: WS, before: 2, limit: 1 }]);
  for (const revision of [1, 2])
    await store.commit([
      { change: "put-machine-job", job: { key: "key", machine: "one", seenAt: 1, state: "running", outcome: null, revision } },
    ]);
  const page = { limit: 1 };
  const next = { limit: 1, after: "tsk_0" };
  const claim: Claim = { workspaceId: WS, runId: "run_a", owner: "me", leaseUntil: 1 };
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    "workspaces.get": () => store.workspaces.get(WS),
    "workspaces.list": () => store.workspaces.list({ ...page, after: WS }),
    "platformEvents.ofAccount": () => store.platformEvents.ofAccount("acc_a", LOG_START, 1),
    "platformEvents.ofHost": () => store.platformEvents.ofHost(LOG_START, 1),
    "requests.get": () => store.requests.get({ scope: { of: "host" }, caller: "c", operation: "o", key: "k" }),
    "blocks.get": () => store.blocks.get(WS, "tsk_0"),
    "blocks.children": async () => [await store.blocks.children(WS, null, next), await store.blocks.children(WS, "tsk_0", next)],
    "runs.context": () => store.runs.context({ workspaceId: WS, blockId: "tsk_0", runId: "run_a" }),
    "blocks.list": async () => {
      for (const filter of listFilters) await store.blocks.list(WS, filter, { limit: 9 });
    },
    "blocks.listWithRuns": async () => {
      for (const filter of listFilters) await store.blocks.listWithRuns(WS, filter, { limit: 9 });
      for (const sort of ["title", "cost"] as const) await store.blocks.listWithRuns(WS, { serviceId: "svc" }, { limit: 9, sort });
    },
    "blocks.withRun": () => store.blocks.withRun(WS, "tsk_0"),
    "blocks.counts": async () => {
      for (const lanes of ["none", "service", "module", "pipeline"] as const) await store.blocks.counts(WS, lanes);
    },
    "blocks.countModules": () => store.blocks.countModules(WS, "svc"),
    "blocks.moduleByTitle": () => store.blocks.moduleByTitle(WS, "tsk_0", "Health"),
    "pipelines.get": () => store.pipelines.get(WS, "pip_a"),
    "pipelines.list": () => store.pipelines.list(WS, page),
    "pipelines.uses": () => store.pipelines.uses(WS),
    "pipelines.usedBy": () => store.pipelines.usedBy(WS, "pip_a", 1),
    "pipelineLabels.get": () => store.pipelineLabels.get(WS, "pip_a"),
    "pipelineLabels.list": () => store.pipelineLabels.list(WS),
    "modelDefaults.get": () => store.modelDefaults.get(WS, "coder"),
    "modelDefaults.list": () => store.modelDefaults.list(WS),
    "fragments.get": () => store.fragments.get({ of: "workspace", id: WS }, "tests"),
    "fragments.list": () => store.fragments.list({ of: "workspace", id: WS }, page),
    "fragments.some": () => store.fragments.some({ of: "workspace", id: WS }, ["tests"]),
    "fragments.hidden": () => store.fragments.hidden({ of: "workspace", id: WS }),
    "fragmentDefaults.get": () => store.fragmentDefaults.get(WS),
    "presets.list": () => store.presets.list(WS),
    "presets.uses": () => store.presets.uses(WS),
    "presets.usedBy": () => store.presets.usedBy(WS, "pre_a", 1),
    "spend.totals": () => store.spend.totals(WS, ["month"]),
    "presets.get": () => store.presets.get(WS, "pre_a"),
    "presets.getDefault": () => store.presets.getDefault(WS),
    "runs.get": () => store.runs.get(WS, "run_a"),
    "runs.revision": () => store.runs.revision(WS, "run_a"),
    "runs.summary": () => store.runs.summary(WS, "run_a"),
    "runs.liveOfBlock": () => store.runs.liveOfBlock(WS, "tsk_0"),
    "runs.list": async () => {
      for (const live of [{}, { live: true }, { live: false }])
        for (const paused of [{}, { paused: true }, { paused: false }])
          for (const block of [{}, { blockId: "tsk_0" }, { pipelineId: "pip_a" }])
            await store.runs.list(WS, { ...live, ...paused, ...block }, { ...page, after: "run_a" });
    },
    "runs.untrimmed": () => store.runs.untrimmed(WS, 9, 1),
    "outputs.get": () => store.outputs.get(WS, "one"),
    "outputs.getMany": () => store.outputs.getMany(WS, ["one"]),
    "notifications.get": () => store.notifications.get(WS, "notification"),
    "notifications.open": () => store.notifications.open(WS, page),
    "notifications.ofRun": () => store.notifications.ofRun(WS, "run_a"),
    "notifications.overdue": () => store.notifications.overdue(1, 1),
    "reviews.get": () => store.reviews.get(WS, "rev_a"),
    "reviews.latest": () => store.reviews.latest(WS, "tsk_0", "requirements-review"),
    "reviews.items": () => store.reviews.items(WS, "rev_a"),
    "spend.total": () => store.spend.total(WS, "month"),
    "activations.get": () => store.activations.get(WS, "run_a", "acme"),
    "activations.deleteExpired": () => store.activations.deleteExpired(1),
    "usage.ofRun": () => store.usage.ofRun(WS, "run_a"),
    "events.read": () => store.events.read(WS, LOG_START, 1),
    "events.outsideRuns": () => store.events.outsideRuns(LOG_START, 1),
    "events.end": () => store.events.end(),
    "machineJobs.get": () => store.machineJobs.get("key"),
    "machineJobs.ofMachine": () => store.machineJobs.ofMachine("one", { limit: 1 }),
    "landings.line": () => store.landings.line(WS, "lane", 1),
    "landings.position": () => store.landings.position(WS, "run_a"),
    "deliveries.progress": () => store.deliveries.progress("chat"),
    "deliveries.pending": () => store.deliveries.pending("chat", 1),
    "events.ofRun": () => store.events.ofRun(WS, "run_a", 0, 1),
    "wakeups.claim": () => wakeups.claim({ owner: "me", now: 100, leaseMs: 10, limit: 1 }),
    "wakeups.renew": () => wakeups.renew(claim, 200),
    "wakeups.nudge": () => wakeups.nudge(WS, "run_a", 1),
    "wakeups.realign": () => wakeups.realign({ now: 100, leaseMs: 10 }),
    "wakeups.nextDueAt": () => wakeups.nextDueAt(),
    "wakeups.leaseOwners": () => wakeups.leaseOwners(),
    "wakeups.releaseOwner": () => wakeups.releaseOwner("me"),
    "wakeups.release": () => wakeups.release(claim),
    "pullRequests.open": () => {
      const opened = { openedHead: null, openedBase: null, createdAt: 1 };
      return pullRequests.open({ repository: "repo", branch: "b", base: "main", title: "T", body: "", ...opened });
    },
    "pullRequests.find": () => pullRequests.find("repo", 1),
    "pullRequests.findOpen": () => pullRequests.findOpen("repo", "b", "main"),
    "pullRequests.findMerged": () => pullRequests.findMerged("repo", "b", "main"),
    "pullRequests.markMerged": () => {
      const sha = "a".repeat(40);
      return pullRequests.markMerged("repo", 1, { commit: sha, head: sha, base: sha });
    },
    "pullRequests.checks": () => pullRequests.checks("repo", "a", "s"),
    "pullRequests.putCheck": async () => {
      const result = { status: "queued", conclusion: null, url: null, completedAt: null, summary: null } as const;
      await pullRequests.putCheck({ name: "test", repository: "repo", head: "a".repeat(40), settings: "s", output: "", ...result });
    },
  };
  expect(Object.keys(calls).toSorted()).toEqual(methodsOf({ ...store, wakeups, pullRequests }));
  for (const call of Object.values(calls)) await call();
  connection.close();

  const database = new DatabaseSync(file, { readOnly: true });
  const plans = [...statements].flatMap((sql) =>
    database
      .prepare(`explain query plan ${sql}`)
      .all(...Array.from({ length: sql.split("?").length - 1 }, () => null))
      .map((row) => ({ sql, detail: String(row["detail"]) })),
  );
  const indexes = database
    .prepare("select name from sqlite_schema where type = 'index' and sql is not null")
    .all()
    .map((row) => String(row["name"]));
  database.close();
  expect(plans.length).toBeGreaterThan(Object.keys(calls).length);
  expect(plans.map(({ detail }) => detail).filter((detail) => detail.startsWith("SCAN") && !ALLOWED.includes(detail))).toEqual([]);
  expect(plans.filter(({ sql, detail }) => detail.includes("TEMP B-TREE") && !SORTED.some((name) => sql.includes(name)))).toEqual([]);
  // An index that nothing reads by costs every write; these refuse what is there twice.
  const used = (name: string): boolean => plans.some(({ detail }) => detail.split(" ").includes(name));
  expect(indexes.filter((name) => !used(name) && !name.includes("_one_"))).toEqual([]);
});

const run = { workspaceId: WS, runId: "run_a" } as const;
const usage = { ...run, kind: "coder", model: "m", tokens: null, costMicros: null, at: 1 } as const;
const limited = { ...aRecord("run_b", 1, "tsk_1"), serviceId: "tsk_0" };

function anEnd(): RunEvent {
  const failure = { kind: "processing", code: "decision_failed", message: "", detail: null, hint: "", step: 0, at: 1 } as const;
  return { version: 1, at: 1, actor: { type: "system", id: "millrace" }, event: { type: "run-failed", failure } };
}

/** Every range that a list of blocks begins with, and every filter behind it. */
const listFilters: readonly BlockFilter[] = [
  {},
  { parentId: "svc" },
  { level: "module" },
  { level: "task" },
  { status: ["done", "planned"], parentId: "svc", level: "service" },
  { taskType: "bug", pipelineId: "pl", text: "a", updatedAfter: 1, needsPerson: true, serviceId: "svc" },
];

/** Every shape of statement that changes beside runs and blocks have. */
const sideChanges: readonly Change[] = [
  { change: "insert-run", record: { ...limited, status: "done" }, limit: { serviceId: "tsk_0", taskType: "bug", max: 1 } },
  { change: "insert-run", record: { ...limited, id: "run_c" }, limit: { serviceId: "tsk_0", taskType: null, max: 1 } },
  { change: "end-run", workspaceId: WS, id: "run_b", expected: 1, ended: anEnd() },
  { change: "put-settings", workspaceId: WS, settings: workspaceSettingsSchema.parse({}) },
  { change: "revise-block", workspaceId: WS, id: "tsk_1", of: "block", expected: 1 },
  { change: "revise-block", workspaceId: WS, id: "tsk_1", of: "position", expected: null },
  { change: "move-block", workspaceId: WS, id: "tsk_1", parentId: "tsk_0" },
  { change: "release-block", workspaceId: WS, id: "tsk_1", runId: "run_x" },
  { change: "escalate-notification", workspaceId: WS, id: "notification", event },
  { change: "record-usage", usage: { ...usage, key: "use_1" } },
  { change: "record-usage", usage: { ...usage, key: "use_2" }, scopes: ["month", "run"] },
  ...[2, 1, 0].map((count): Change => {
    const caps = ["month", "run"].slice(0, count).map((scope) => ({ scope, maxMicros: 9 }));
    return { change: "reserve-spend", ...run, micros: 3, caps };
  }),
  { change: "reserve-spend", ...run, micros: 0, caps: [] },
  { change: "insert-review", review: aReview("rev_a"), items: [anItem("one", "rev_a")] },
  { change: "set-review-status", workspaceId: WS, id: "rev_a", from: ["ready", "exceeded"], status: "ready" },
  { change: "answer-review-item", workspaceId: WS, reviewId: "rev_a", id: "one", status: "resolved", reply: null },
  { change: "put-activation", activation: { ...run, vendor: "acme", sealed: "s", expiresAt: 1 } },
  { change: "delete-activations", ...run },
  ...["pip_a", "pip_b", "pip_c"].map((id): Change => ({ change: "insert-pipeline", workspaceId: WS, pipeline: aPipeline(id), max: 9 })),
  { change: "update-pipeline", workspaceId: WS, pipeline: aPipeline("pip_a"), expected: 1 },
  { change: "update-pipeline", workspaceId: WS, pipeline: aPipeline("pip_a"), expected: null },
  { change: "delete-pipeline", workspaceId: WS, id: "pip_b", expected: 1, replaceBy: null },
  { change: "delete-pipeline", workspaceId: WS, id: "pip_c", expected: null, replaceBy: "pip_a" },
  { change: "organize-pipeline", workspaceId: WS, pipelineId: "pip_a", labels: [], archived: true, expected: 0 },
  { change: "organize-pipeline", workspaceId: WS, pipelineId: "pip_a", expected: null },
  ...["pre_a", "pre_b", "pre_c"].map((id): Change => ({ change: "insert-preset", preset: aPreset(id), createdAt: 1, max: 9 })),
  { change: "update-preset", preset: aPreset("pre_a"), expected: 1 },
  { change: "update-preset", preset: aPreset("pre_a"), expected: null },
  { change: "make-default-preset", workspaceId: WS, id: "pre_a" },
  { change: "delete-preset", workspaceId: WS, id: "pre_b", expected: 1, replaceBy: null },
  { change: "delete-preset", workspaceId: WS, id: "pre_c", expected: null, replaceBy: "pre_a" },
  { change: "put-model-default", workspaceId: WS, kind: "coder", model: "acme:one", expected: 0 },
  { change: "put-model-default", workspaceId: WS, kind: "coder", model: "acme:two", expected: null },
  { change: "delete-model-default", workspaceId: WS, kind: "coder", expected: 2 },
];

function aPipeline(id: string): Pipeline {
  return pipelineSchema.parse({ id, name: "Deliver", steps: [{ kind: "coder" }] });
}

function aPreset(id: string): MergePreset {
  const ceilings = { maxComplexity: 0.5, maxRisk: 0.5, maxImpact: 0.5, ciMaxAttempts: 3 };
  return mergePresetSchema.parse({ id, workspaceId: WS, name: id, ...ceilings });
}

/** `group.method` of everything but `commit`, so that a new method cannot be left out here. */
function methodsOf(ports: object): readonly string[] {
  return Object.entries(ports)
    .filter(([group]) => group !== "commit")
    .flatMap(([group, methods]) => Object.keys(methods as object).map((method) => `${group}.${method}`))
    .toSorted();
}
