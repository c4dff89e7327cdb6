import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  mergePresetSchema,
  pipelineSchema,
  workspaceSchema,
  workspaceSettingsSchema,
  type BoardEvent,
  type Membership,
  type MergePreset,
  type Pipeline,
  type RunEvent,
  type StoredInvitation,
} from "@millrace/contracts";
import type { AccountScopeChanges, BlockFilter, Change, Claim, HostScopeChanges, StoredApiToken } from "@millrace/kernel";
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
  // What a task waits for, and what that waits for.
  "SCAN before",
  // What is in a block, from the outside in.
  "SCAN inside",
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
  // The live runs of all workspaces, for an operator's counts: as many as are at work, whatever the history.
  "SCAN runs USING INDEX runs_live",
  "SCAN runs USING INDEX runs_one_live_per_block",
  // The runs a claim chose.
  "SCAN due",
  // The row a guard may insert: it reads no table.
  "SCAN CONSTANT ROW",
  // The rows of one insert.
  "SCAN 2 CONSTANT ROWS",
  "SCAN 2-ROW VALUES CLAUSE",
];

/**
 * Parts of statements that sort or group a bounded number of rows: a window of a list, the open tasks of a board, the workspaces of a
 * person's accounts, the live runs.
 */
const SORTED = ["looked_at", '"lane"', "coalesce(account_id", 'as "runs" from "runs"', '"wakeups"."run_id" is null'];

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
const account = {
  id: "acc_a",
  kind: "organization",
  name: "A",
  githubLogin: null,
  timeZone: "UTC",
  defaultCloudProvider: null,
  createdAt: 1,
  deletingAt: null,
  revision: 1,
} as const;
const membership: Membership = { accountId: "acc_a", userId: "usr_a", roles: ["owner"], since: 1, revision: 1 };
const invitation: StoredInvitation = {
  id: "inv_a",
  accountId: "acc_a",
  email: "a@b.c",
  roles: ["viewer"],
  status: "pending",
  invitedBy: "usr_a",
  createdAt: 1,
  expiresAt: 9,
  endedAt: null,
  revision: 1,
};
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
  await store.commit([
    { change: "begin-removal", removal: { ...removal, rootId: "tsk_1" }, at: 1 },
    { change: "remove-block", workspaceId: WS, id: "tsk_1", at: 1 },
    { change: "end-removal", workspaceId: WS, rootId: "tsk_1" },
  ]);
  for (const change of directoryChanges) await store.commit([change]);
  for (const revision of [1, 2])
    await store.commit([
      { change: "put-channel-progress", progress: { channel: "chat", cursor: LOG_START, made: 0, leaseUntil: 0, revision } },
      { change: "put-delivery", delivery: { ...delivery, entry: event } },
    ]);
  const parts = ["events", "outputs", "notifications", "usage"] as const;
  for (const part of parts) await store.commit([{ change: "trim-run", workspaceId: WS, id: "run_b", part }]);
  await store.commit([{ change: "hold-run", workspaceId: WS, id: "run_b", isHeld: true }]);
  await store.commit([{ change: "trim-audit", workspaceId: WS, before: 9, limit: 1 }]);
  const sent = { caller: "human ada", operation: "runs.start", key: "one", digest: "d", answer: "null", at: 1 } as const;
  await store.commit([{ change: "remember-request", request: { scope: { of: "workspace", id: WS }, ...sent }, forgetBefore: 0 }]);
  const other = workspaceSchema.parse({ id: "ws_other", name: "Other", createdAt: 1, accountId: "acc_a" });
  await store.commit([{ change: "insert-workspace", workspace: other, maxOfAccount: 9 }]);
  const move = { patch: { accountId: "acc_b" }, expected: 1, maxOfAccount: 9, isIdle: true };
  await store.commit([{ change: "patch-workspace", workspaceId: other.id, ...move }]);
  await store.commit([{ change: "erase-workspace", workspaceId: other.id, limit: 1 }]);
  await store.commit([{ change: "remove-workspace", workspaceId: other.id }]);
  await store.commit([{ change: "trim-deliveries", ofWorkspace: WS, before: 2, limit: 1 }]);
  for (const revision of [1, 2])
    await store.commit([
      { change: "put-machine-job", job: { key: "key", machine: "one", seenAt: 1, state: "running", outcome: null, revision } },
    ]);
  await store.commit([
    {
      change: "insert-mail",
      mail: { key: "m", template: "invitation", to: "a@b.c", values: {}, attempts: 0, nextAttemptAt: 1, expiresAt: 9 },
    },
    { change: "claim-mail", mailKey: "m", attempts: 0, nextAttemptAt: 2 },
    { change: "remove-mail", mailKey: "m" },
  ]);
  await store.commit([
    { change: "insert-account", account, limit: { ownerId: "usr_a", maxOwned: 9 } },
    { change: "insert-membership", membership },
    { change: "insert-membership", membership: { ...membership, userId: "usr_b" } },
    { change: "put-roles", accountId: "acc_a", userId: "usr_b", roles: ["admin"], expected: 1 },
    { change: "remove-membership", accountId: "acc_a", userId: "usr_b", expected: 2 },
    { change: "finish-departure", accountId: "acc_a", userId: "usr_b" },
    { change: "update-account", account: { ...account, revision: 2 } },
    { change: "insert-invitation", invitation, tokenDigest: "d", maxPending: 9 },
    { change: "renew-invitation", accountId: "acc_a", invitationId: "inv_a", expected: 1, tokenDigest: "e", invitedBy: "u", expiresAt: 9 },
    { change: "end-invitation", accountId: "acc_a", invitationId: "inv_a", expected: 2, as: "revoked", at: 1 },
  ]);
  await store.commit(peopleChanges);
  const page = { limit: 1 };
  const next = { limit: 1, after: "tsk_0" };
  const claim: Claim = { workspaceId: WS, runId: "run_a", owner: "me", leaseUntil: 1 };
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    "workspaces.get": () => store.workspaces.get(WS),
    "workspaces.list": () => store.workspaces.list({ ...page, after: WS }),
    "workspaces.ofAccounts": () => store.workspaces.ofAccounts([null, "acc_a"], "board", { limit: 1, after: "1.ws" }),
    "workspaces.countOf": () => store.workspaces.countOf("acc_a"),
    "workspaces.deleting": () => store.workspaces.deleting(1),
    "workspaces.isEmpty": () => store.workspaces.isEmpty(WS),
    "accounts.get": () => store.accounts.get("acc_a"),
    "accounts.deleting": () => store.accounts.deleting(9, 1),
    "memberships.get": () => store.memberships.get("acc_a", "usr_a"),
    "memberships.ofAccount": () => store.memberships.ofAccount("acc_a", { ...page, after: "usr_a" }),
    "memberships.count": () => store.memberships.count("acc_a"),
    "memberships.rolesOf": () => store.memberships.rolesOf("usr_a"),
    "memberships.accountsOf": () => store.memberships.accountsOf("usr_a", { ...page, after: "acc_a" }),
    "memberships.departures": () => store.memberships.departures(1),
    "invitations.get": () => store.invitations.get("acc_a", "inv_a"),
    "invitations.pendingOf": () => store.invitations.pendingOf("acc_a", "a@b.c"),
    "invitations.byToken": () => store.invitations.byToken("e"),
    "invitations.list": async () => {
      for (const status of [undefined, "pending"] as const)
        await store.invitations.list("acc_a", { status, now: 1 }, { ...page, after: "inv_a" });
    },
    "invitations.anyOver": () => store.invitations.anyOver(1),
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
    "retention.untrimmed": async () => {
      for (const part of parts) await store.retention.untrimmed(WS, part, 9, 1);
    },
    "retention.amount": async () => {
      for (const part of parts) await store.retention.amount(WS, part, 9);
    },
    "retention.auditAmount": () => store.retention.auditAmount(WS, 9),
    "retention.isHeld": () => store.retention.isHeld(WS, "run_a"),
    "audit.ofWorkspace": async () => {
      for (const filter of [{}, { actor: "ada" }, { type: "merged" }, { blockId: "tsk_0" }, { from: 1, to: 9 }])
        for (const order of ["newest", "oldest"] as const) await store.audit.ofWorkspace(WS, filter, { limit: 1, order });
    },
    "audit.ofAccount": async () => {
      for (const filter of [{}, { actor: "ada" }, { type: "member-added" }]) await store.audit.ofAccount("acc_a", filter, { limit: 1 });
    },
    "events.isExpired": () => store.events.isExpired(WS, "1"),
    "outputs.get": () => store.outputs.get(WS, "one"),
    "outputs.getMany": () => store.outputs.getMany(WS, ["one"]),
    "notifications.get": () => store.notifications.get(WS, "notification"),
    "notifications.open": () => store.notifications.open(WS, page),
    "notifications.countOpen": () => store.notifications.countOpen(WS),
    "notifications.ofRun": () => store.notifications.ofRun(WS, "run_a"),
    "notifications.overdue": () => store.notifications.overdue(1, 1),
    "reviews.get": () => store.reviews.get(WS, "rev_a"),
    "reviews.latest": () => store.reviews.latest(WS, "tsk_0", "requirements-review"),
    "reviews.history": () => store.reviews.history(WS, "tsk_0", "requirements-review", { limit: 1, after: "rev_a" }),
    "runs.liveCounts": () => store.runs.liveCounts(),
    "runs.stuck": () => store.runs.stuck(1),
    "reviews.items": () => store.reviews.items(WS, "rev_a"),
    "platformEvents.ofAccount": () => store.platformEvents.ofAccount("acc_a", LOG_START, 1),
    "platformEvents.ofHost": () => store.platformEvents.ofHost(LOG_START, 1),
    "requests.get": () => store.requests.get({ scope: { of: "host" }, caller: "human ada", operation: "runs.start", key: "one" }),
    "spend.total": () => store.spend.total(WS, "month"),
    "activations.get": () => store.activations.get(WS, "run_a", "acme"),
    "activations.deleteExpired": () => store.activations.deleteExpired(1),
    "usage.ofRun": () => store.usage.ofRun(WS, "run_a"),
    "events.read": () => store.events.read(WS, LOG_START, 1),
    "events.outsideRuns": () => store.events.outsideRuns(LOG_START, 1),
    "events.end": () => store.events.end(),
    "users.get": () => store.users.get("usr_a"),
    "users.byEmail": () => store.users.byEmail("a@example.com"),
    "users.list": () => store.users.list({ ...page, after: "usr_b" }),
    "users.byIdentity": () => store.users.byIdentity("github", "7"),
    "users.identities": () => store.users.identities("usr_b"),
    "mailProofs.byDigest": () => store.mailProofs.byDigest("digest"),
    "mailProofs.deleteExpired": () => store.mailProofs.deleteExpired(1, 1),
    "sessions.get": () => store.sessions.get("ses_a"),
    "sessions.ofUser": () => store.sessions.ofUser("usr_b", { ...page, after: "ses_a", now: 1, usedSince: 0 }),
    "sessions.deleteOver": () => store.sessions.deleteOver(1, 1),
    "apiTokens.get": () => store.apiTokens.get("mr_b"),
    "apiTokens.list": async () => [
      await store.apiTokens.list({ userId: "usr_b" }, page),
      await store.apiTokens.list({ accountId: "acc_a" }, { ...page, after: "mr_b" }),
    ],
    "apiTokens.deleteExpired": () => store.apiTokens.deleteExpired(1, 1),
    "attempts.deleteOld": () => store.attempts.deleteOld(1, 1),
    "signInStates.byDigest": () => store.signInStates.byDigest("digest"),
    "signInStates.deleteExpired": () => store.signInStates.deleteExpired(1, 1),
    "machineJobs.get": () => store.machineJobs.get("key"),
    "machineJobs.ofMachine": () => store.machineJobs.ofMachine("one", { limit: 1 }),
    "landings.line": () => store.landings.line(WS, "lane", 1),
    "landings.position": () => store.landings.position(WS, "run_a"),
    "services.get": () => store.services.get("acc_a", "blk_a"),
    "services.list": () => store.services.list("acc_a", { limit: 1, after: "blk_a" }),
    "services.sharesOf": () => store.services.sharesOf("acc_a", "blk_a", 1),
    "services.sharesOfHome": () => store.services.sharesOfHome("acc_a", WS, 1),
    "services.ofHome": () => store.services.ofHome("acc_a", WS, null, 1),
    "services.sharesOn": () => store.services.sharesOn("acc_a", WS, 1),
    "services.due": () => store.services.due(1, 1),
    "services.dueShares": () => store.services.dueShares(1, 1),
    "mounts.get": () => store.mounts.get(WS, "svc_a"),
    "mounts.list": () => store.mounts.list({ workspaceId: WS, accountId: "acc_a" }, { limit: 1, after: "svc_a" }),
    "mounts.homeOfBlock": () => store.mounts.homeOfBlock({ workspaceId: WS, accountId: "acc_a" }, "tsk_0"),
    "mounts.homeOfRun": () => store.mounts.homeOfRun({ workspaceId: WS, accountId: "acc_a" }, "run_a"),
    "removals.get": () => store.removals.get(WS, "tsk_0"),
    "removals.due": () => store.removals.due(1, 1),
    "removals.leaves": () => store.removals.leaves(WS, "tsk_0", 1),
    "dependencies.of": () => store.dependencies.of(WS, ["tsk_0"]),
    "dependencies.on": () => store.dependencies.on(WS, "tsk_0", 1),
    "dependencies.open": () => store.dependencies.open(WS, "tsk_0"),
    "deliveries.progress": () => store.deliveries.progress("chat"),
    "mails.due": () => store.mails.due(1, 1),
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
  await store.commit([{ change: "delete-account", accountId: "acc_a", expected: 2 }]);
  await store.commit([
    { change: "remove-invitations", accountId: "acc_a" },
    { change: "purge-invitations", before: 1, limit: 1 },
  ]);
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
const preset = mergePresetSchema.parse({
  id: "pre_a",
  workspaceId: WS,
  name: "Careful",
  maxComplexity: 0,
  maxRisk: 0,
  maxImpact: 0,
  ciMaxAttempts: 0,
});
const usage = { ...run, kind: "coder", model: "m", tokens: null, costMicros: null, at: 1 } as const;
const limited = { ...aRecord("run_b", 1, "tsk_1"), serviceId: "tsk_0" };

const removal = { workspaceId: WS, title: "", level: "task", actor: event.actor, onBehalfOf: null, dueAt: 1 } as const;
const shared = { id: "blk_a", accountId: "acc_a", homeId: WS, title: "Shop", type: null, createdAt: 1 } as const;
const noted = { accountId: "acc_a", serviceId: "blk_a", workspaceId: WS } as const;
const mount = { workspaceId: WS, serviceId: "svc_a", homeId: WS, position: { x: 0, y: 0 }, size: null, revision: 1, createdAt: 1 } as const;

/** Every shape of statement that the directory of an account has. An entry stays for the reads. */
const directoryChanges: readonly Change<keyof AccountScopeChanges>[] = [
  ...["blk_b", "blk_a"].flatMap((id): Change<keyof AccountScopeChanges>[] => [
    {
      change: "put-service",
      accountId: "acc_a",
      service: { ...shared, id, repository: { forge: "local-git", id, base: "main" }, directory: null },
      dueAt: 1,
    },
  ]),
  { change: "share-service", ...noted, dueAt: 1 },
  { change: "settle-share", ...noted, dueAt: null },
  { change: "unshare-service", ...noted },
  { change: "close-service", accountId: "acc_a", id: "blk_b", detach: false, dueAt: 1 },
  { change: "reopen-service", accountId: "acc_a", id: "blk_b" },
  { change: "withdraw-service", accountId: "acc_a", id: "blk_b" },
];

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
  { change: "revise-block", workspaceId: WS, id: "tsk_1", of: "block", expected: 1 },
  { change: "revise-block", workspaceId: WS, id: "tsk_1", of: "position", expected: null },
  { change: "keep-review-answered", workspaceId: WS, reviewId: "rev_a" },
  { change: "put-settings", workspaceId: WS, settings: workspaceSettingsSchema.parse({}), expected: null },
  { change: "insert-preset", preset, createdAt: 1 },
  { change: "patch-workspace", workspaceId: WS, patch: { name: "Other", defaultPresetId: "pre_a" }, expected: null },
  { change: "move-block", workspaceId: WS, id: "tsk_1", parentId: "tsk_0" },
  { change: "add-dependency", dependency: { workspaceId: WS, blockId: "tsk_1", onId: "tsk_0", createdAt: 1 } },
  { change: "remove-dependency", workspaceId: WS, blockId: "tsk_1", onId: "tsk_0" },
  { change: "insert-mount", mount },
  { change: "place-mount", workspaceId: WS, serviceId: "svc_a", expected: null },
  { change: "remove-mount", workspaceId: WS, serviceId: "svc_a" },
  { change: "insert-mount", mount },
  { change: "place-runs", workspaceId: WS, blockId: "tsk_1", serviceId: "svc_a" },
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
  ...["pre_b", "pre_c"].map((id): Change => ({ change: "insert-preset", preset: aPreset(id), createdAt: 1, max: 9 })),
  ...["pip_a", "pip_b", "pip_c"].map((id): Change => ({ change: "insert-pipeline", workspaceId: WS, pipeline: aPipeline(id), max: 9 })),
  { change: "update-pipeline", workspaceId: WS, pipeline: aPipeline("pip_a"), expected: 1 },
  { change: "update-pipeline", workspaceId: WS, pipeline: aPipeline("pip_a"), expected: null },
  { change: "delete-pipeline", workspaceId: WS, id: "pip_b", expected: 1, replaceBy: null },
  { change: "delete-pipeline", workspaceId: WS, id: "pip_c", expected: null, replaceBy: "pip_a" },
  { change: "organize-pipeline", workspaceId: WS, pipelineId: "pip_a", labels: [], archived: true, expected: 0 },
  { change: "organize-pipeline", workspaceId: WS, pipelineId: "pip_a", expected: null },
  { change: "update-preset", preset: aPreset("pre_a"), expected: 1 },
  { change: "update-preset", preset: aPreset("pre_a"), expected: null },
  { change: "delete-preset", workspaceId: WS, id: "pre_b", expected: 1, replaceBy: null },
  { change: "delete-preset", workspaceId: WS, id: "pre_c", expected: null, replaceBy: "pre_a" },
  { change: "put-model-default", workspaceId: WS, kind: "coder", model: "acme:one", expected: 0 },
  { change: "put-model-default", workspaceId: WS, kind: "coder", model: "acme:two", expected: null },
  { change: "delete-model-default", workspaceId: WS, kind: "coder", expected: 2 },
  {
    change: "remember-request",
    request: { scope: { of: "workspace", id: WS }, caller: "c", operation: "o", key: "k", digest: "d", answer: "null", at: 1 },
    forgetBefore: 0,
  },
];

const userB = {
  id: "usr_b",
  name: "Ada",
  email: "a@example.com",
  isEmailVerified: true,
  avatarUrl: null,
  timezone: null,
  createdAt: 1,
  disabledAt: null,
  revision: 1,
} as const;
const identity = { userId: "usr_b", subject: "7", label: "", name: null, avatarUrl: null, digest: null, createdAt: 1 } as const;
const session = {
  id: "ses_a",
  userId: "usr_b",
  way: "github",
  createdAt: 1,
  lastSeenAt: 1,
  expiresAt: 9,
  endedAt: null,
  confirmedUntil: null,
  digest: "d",
} as const;
const token: Omit<StoredApiToken, "id" | "kind" | "userId" | "accountId"> = {
  name: "script",
  scopes: ["read"],
  workspaces: null,
  createdAt: 1,
  expiresAt: 9,
  lastUsedAt: null,
  isConfirmed: false,
  digest: "d",
};
const proof = { digest: "d", email: "a@example.com", name: null, password: null, invitation: null, createdAt: 1, expiresAt: 9 } as const;
const state = {
  id: "sis_a",
  digest: "d",
  browser: "b",
  purpose: "sign-in",
  provider: "github",
  userId: null,
  sessionId: null,
  redirect: "/",
  invitation: null,
  expiresAt: 9,
} as const;

/** Every shape of statement that changes of users and of their sign-ins have. */
const peopleChanges: readonly Change<keyof HostScopeChanges>[] = [
  { change: "insert-user", user: { ...userB, id: "usr_a", email: null } },
  { change: "delete-user", userId: "usr_a", expected: 1 },
  { change: "insert-user", user: userB },
  { change: "update-user", user: { ...userB, revision: 2 } },
  { change: "insert-identity", identity: { ...identity, id: "idn_a", provider: "github" } },
  { change: "insert-identity", identity: { ...identity, id: "idn_b", provider: "password" } },
  { change: "update-identity", identity: { ...identity, id: "idn_a", provider: "github" } },
  { change: "update-password", userId: "usr_b", before: "d", digest: "e" },
  { change: "delete-identity", userId: "usr_b", identityId: "idn_b" },
  { change: "delete-password", userId: "usr_b" },
  { change: "insert-mail-proof", proof: { ...proof, id: "prf_a", purpose: "address", userId: "usr_b" } },
  { change: "take-mail-proof", proofId: "prf_a" },
  { change: "delete-mail-proofs", ofUser: "usr_b", purpose: "address" },
  { change: "insert-session", session },
  { change: "confirm-session", sessionId: "ses_a", until: 2 },
  { change: "touch-session", sessionId: "ses_a", at: 3, before: 2 },
  { change: "end-session", userId: "usr_b", sessionId: "ses_a", at: 3 },
  { change: "end-sessions", ofUser: "usr_b", except: null, at: 3 },
  { change: "insert-api-token", token: { ...token, id: "mr_a", kind: "personal", userId: "usr_b", accountId: null }, max: 1 },
  { change: "insert-api-token", token: { ...token, id: "mr_b", kind: "service", userId: null, accountId: "acc_a" }, max: 1 },
  { change: "touch-api-token", tokenId: "mr_a", at: 3, before: 2 },
  { change: "delete-api-token", owner: { userId: "usr_b" }, tokenId: "mr_a" },
  { change: "delete-api-tokens", owner: { userId: "usr_b" } },
  { change: "delete-api-tokens", owner: { accountId: "acc_b" } },
  { change: "count-attempt", counterKey: "k", max: 1, windowMs: 1, at: 1 },
  { change: "release-attempt", counterKey: "k" },
  { change: "insert-sign-in-state", state },
  { change: "take-sign-in-state", stateId: "sis_a" },
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
