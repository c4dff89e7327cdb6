import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { workspaceSettingsSchema, type BoardEvent, type Membership, type RunEvent, type StoredInvitation } from "@millrace/contracts";
import type { Change, Claim, HostScopeChanges, RequestKey, StoredApiToken } from "@millrace/kernel";
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
  // The runs a claim chose.
  "SCAN due",
  // The row a guard may insert: it reads no table.
  "SCAN CONSTANT ROW",
  // The rows of one insert.
  "SCAN 2 CONSTANT ROWS",
  "SCAN 2-ROW VALUES CLAUSE",
];

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
const request: RequestKey = { scope: { of: "host" }, caller: "human usr_a", operation: "runs.start", key: "key" };
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
  await store.commit([
    { change: "append-account-event", accountId: "acc_a", event: { ...event, event: { type: "account-created", name: "A" } } },
    { change: "append-host-event", event: { ...event, event: { type: "user-created", userId: "usr_a" } } },
    { change: "remember-request", request: { ...request, digest: "d", answer: "{}", at: 1 }, forgetBefore: 0 },
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
    "blocks.moduleByTitle": () => store.blocks.moduleByTitle(WS, "tsk_0", "Health"),
    "pipelines.get": () => store.pipelines.get(WS, "pip_a"),
    "pipelines.list": () => store.pipelines.list(WS, page),
    "presets.get": () => store.presets.get(WS, "pre_a"),
    "presets.getDefault": () => store.presets.getDefault(WS),
    "runs.get": () => store.runs.get(WS, "run_a"),
    "runs.revision": () => store.runs.revision(WS, "run_a"),
    "runs.summary": () => store.runs.summary(WS, "run_a"),
    "runs.liveOfBlock": () => store.runs.liveOfBlock(WS, "tsk_0"),
    "runs.list": async () => {
      for (const live of [{}, { live: true }, { live: false }])
        for (const paused of [{}, { paused: true }, { paused: false }])
          for (const block of [{}, { blockId: "tsk_0" }])
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
    "deliveries.progress": () => store.deliveries.progress("chat"),
    "platformEvents.ofAccount": () => store.platformEvents.ofAccount("acc_a", LOG_START, 1),
    "platformEvents.ofHost": () => store.platformEvents.ofHost(LOG_START, 1),
    "requests.get": () => store.requests.get(request),
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
      .map((row) => String(row["detail"])),
  );
  const indexes = database
    .prepare("select name from sqlite_schema where type = 'index' and sql is not null")
    .all()
    .map((row) => String(row["name"]));
  database.close();
  expect(plans.length).toBeGreaterThan(Object.keys(calls).length);
  expect(plans.filter((detail) => detail.startsWith("SCAN") && !ALLOWED.includes(detail))).toEqual([]);
  expect(plans.filter((detail) => detail.includes("TEMP B-TREE"))).toEqual([]);
  // An index that nothing reads by costs every write; these refuse what is there twice.
  const used = (name: string): boolean => plans.some((detail) => detail.split(" ").includes(name));
  expect(indexes.filter((name) => !used(name) && !name.includes("_one_"))).toEqual([]);
});

const run = { workspaceId: WS, runId: "run_a" } as const;
const usage = { ...run, kind: "coder", model: "m", tokens: null, costMicros: null, at: 1 } as const;
const limited = { ...aRecord("run_b", 1, "tsk_1"), serviceId: "tsk_0" };

function anEnd(): RunEvent {
  const failure = { kind: "processing", code: "decision_failed", message: "", detail: null, hint: "", step: 0, at: 1 } as const;
  return { version: 1, at: 1, actor: { type: "system", id: "millrace" }, event: { type: "run-failed", failure } };
}

/** Every shape of statement that changes beside runs and blocks have. */
const sideChanges: readonly Change[] = [
  { change: "insert-run", record: { ...limited, status: "done" }, limit: { serviceId: "tsk_0", taskType: "bug", max: 1 } },
  { change: "insert-run", record: { ...limited, id: "run_c" }, limit: { serviceId: "tsk_0", taskType: null, max: 1 } },
  { change: "end-run", workspaceId: WS, id: "run_b", expected: 1, ended: anEnd() },
  { change: "put-settings", workspaceId: WS, settings: workspaceSettingsSchema.parse({}) },
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

/** `group.method` of everything but `commit`, so that a new method cannot be left out here. */
function methodsOf(ports: object): readonly string[] {
  return Object.entries(ports)
    .filter(([group]) => group !== "commit")
    .flatMap(([group, methods]) => Object.keys(methods as object).map((method) => `${group}.${method}`))
    .toSorted();
}
