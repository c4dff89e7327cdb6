/** Whole pipelines against the stand-in for GitHub, with pushes, merges and outages by others in between. */
import { verdictSchema, type Verdict, type WorkObservation } from "@millrace/contracts";
import { createGitHubWebhooks, createMemoryDeliveries, nudgeRuns } from "@millrace/integrations/github";
import type { AgentExecutor, JobOutcome } from "@millrace/kernel";
import type { OrchestrationPorts } from "@millrace/orchestration";
import { heldEffect } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createScriptedAgents, type ScriptedAgents, type ScriptedKind, createTestHost, silentLog, type TestHost } from "@millrace/testing";
import { baseTip } from "@millrace/testing/internal/forge-harness";
import { createGitHubHarness, type GitHubHarness } from "./harness.fixture.js";

type Files = Readonly<Record<string, string>>;
const ASSESSMENT = { complexity: 0.1, risk: 0, impact: 0, rationale: "a small change, looked at" };
const STEPS = [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }];

/** Scripted agents that push their changes to the stand-in. */
function pushingAgents(harness: GitHubHarness, script: Readonly<Record<string, ScriptedKind>>): ScriptedAgents {
  const agents = createScriptedAgents(script);
  const work = async (key: string, outcome: JobOutcome): Promise<JobOutcome> => {
    const task = agents.begun.find((one) => one.key === key);
    if (outcome.is !== "finished" || task === undefined) return outcome;
    const branch = `millrace/${task.block.id}`;
    const before = (await harness.tip(branch)) ?? (await baseTip(harness));
    const files: Files = JSON.parse(task.kind === "merger" ? "{}" : outcome.answer.text);
    const after = Object.keys(files).length === 0 ? before : await harness.commit(branch, files);
    if (after !== before) await harness.forge.openPullRequest(harness.repository, { branch, title: task.block.title, body: "" });
    const observed: WorkObservation = {
      branch,
      headBefore: before,
      headAfter: after,
      commits: after === before ? 0 : 1,
      treeChanged: after !== before,
      uncommitted: [],
      rewritten: false,
      foreignCommits: [],
      strayRefs: [],
      outsideScope: [],
      undeliverable: [],
      conflictMarkers: [],
      remoteHead: after,
      pullRequest: await harness.forge.findPullRequest(harness.repository, branch),
      exit: { code: 0, signal: null },
      turn: "completed",
      claims: { pullRequestUrl: null, commit: null },
    };
    return { ...outcome, observed };
  };
  const checkConcluded = new Map<string, JobOutcome>();
  const pollJob: AgentExecutor["pollJob"] = async (handle) => {
    const known = checkConcluded.get(handle.key);
    if (known !== undefined) return { is: "ended", outcome: known };
    const status = await agents.pollJob(handle);
    if (status.is === "running") return status;
    const outcome = await work(handle.key, status.outcome);
    checkConcluded.set(handle.key, outcome);
    return { is: "ended", outcome };
  };
  return new Proxy(agents, {
    get(target, name) {
      const value: unknown = name === "pollJob" ? pollJob : Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const writes = (files: Files): ScriptedKind => ({ say: JSON.stringify(files) });

async function hostOn(harness: GitHubHarness, script: Readonly<Record<string, ScriptedKind>> = {}): Promise<TestHost> {
  const agents = pushingAgents(harness, { coder: writes({ "answer.txt": "42\n" }), merger: { answer: ASSESSMENT }, ...script });
  return createTestHost({
    repository: harness.repository,
    clock: harness.clock,
    pipeline: { steps: STEPS },
    wrap: (ports: OrchestrationPorts) => ({ ...ports, agents, forges: { get: () => harness.forge } }),
  });
}

/** A CI that is green when the file says 42. */
const judge = (files: Files) => ({ unit: files["answer.txt"] === "42\n" ? ("success" as const) : ("failure" as const) });

const verdictFactSchema = z.object({ fact: z.object({ is: z.literal("verdict"), verdict: verdictSchema }) });

/** Verdicts of the CI gate in the run's history, oldest first. */
async function verdicts(host: TestHost, runId: string): Promise<readonly Verdict[]> {
  const events = await host.store.events.ofRun(host.workspace.id, runId, 0, 1000);
  return events.flatMap(({ entry }) => {
    const parsed = verdictFactSchema.safeParse(entry.event);
    return parsed.success && parsed.data.fact.verdict.gate === "ci" ? [parsed.data.fact.verdict] : [];
  });
}

describe("a pipeline on GitHub", () => {
  it("repairs what CI found red, merges what was green, and records on which evidence", async () => {
    await using harness = await createGitHubHarness();
    harness.project.runCi(judge, { registers: 15, finishes: 8 });
    const host = await hostOn(harness, { coder: writes({ "answer.txt": "41\n" }), "ci-fixer": writes({ "answer.txt": "42\n" }) });
    const base = await baseTip(harness);
    const { id } = await host.start();
    await host.drive();
    const run = await host.run(id);
    expect(run.phase.is).toBe("done");
    const landed = await baseTip(harness);
    const [, head = ""] = await harness.parents(landed);
    expect(await harness.files(landed)).toMatchObject({ "answer.txt": "42\n" });
    expect((await host.block()).merged).toMatchObject({ commit: landed, head, base, runId: id });
    const seen = await verdicts(host, id);
    expect(seen.map(({ says }) => says)).toEqual(expect.arrayContaining(["unknown", "pending", "red", "green"]));
    expect(seen.at(-1)).toMatchObject({ says: "green", head, base, observed: [{ name: "unit", conclusion: "success" }] });
    expect(seen.filter(({ says }) => says === "red").map((one) => one.head)).not.toContain(head);
  });

  it("does not merge a head that nobody judged: a push after green sends it back to CI", async () => {
    await using harness = await createGitHubHarness();
    harness.project.runCi(judge);
    let late = "";
    const host = await hostOn(harness, { "ci-fixer": writes({ "answer.txt": "42\n" }) });
    const { id } = await host.start();
    harness.hub.plan("GET /repos/{owner}/{repo}/git/commits/{commit_sha}", {
      does: "first",
      act: async () => (late = await harness.commit(`millrace/${host.task.id}`, { "answer.txt": "43\n" })),
    });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(late).not.toBe("");
    const landed = await baseTip(harness);
    expect(await harness.files(landed)).toMatchObject({ "answer.txt": "42\n" });
    const { head } = (await host.block()).merged ?? { head: "" };
    expect((await verdicts(host, id)).findLast((one) => one.head === head)).toMatchObject({ says: "green" });
  });

  it("brings a branch up to a base that moved, and judges it again before it merges", async () => {
    await using harness = await createGitHubHarness();
    harness.project.runCi(judge);
    let moved = "";
    const host = await hostOn(harness);
    const { id } = await host.start();
    harness.hub.plan("PATCH /repos/{owner}/{repo}/git/refs/{ref}", {
      does: "first",
      act: async () => (moved = await harness.commit("main", { "elsewhere.txt": "x\n" })),
    });
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    const landed = await baseTip(harness);
    expect(await harness.files(landed)).toMatchObject({ "answer.txt": "42\n", "elsewhere.txt": "x\n" });
    const green = (await verdicts(host, id)).filter(({ says }) => says === "green");
    expect(green.map((one) => one.base)).toEqual([expect.not.stringContaining(moved), moved]);
    expect((await host.block()).merged).toMatchObject({ commit: landed, base: moved, head: green[1]?.head });
  });

  it("parks while GitHub's limit is used up, asks nothing meanwhile, and goes on by itself", async () => {
    await using harness = await createGitHubHarness();
    harness.project.runCi(judge);
    const host = await hostOn(harness);
    const { id } = await host.start();
    const started = harness.clock.now();
    await stepUntil(host, async () => harness.project.pulls.length > 0);
    harness.hub.leave(0, 20 * 60_000);
    await stepUntil(host, async () => heldEffect(await host.run(id)) !== null);
    const hold = heldEffect(await host.run(id))?.hold;
    expect(hold).toMatchObject({ because: "limit" });
    expect((hold?.until ?? 0) - started).toBeGreaterThanOrEqual(20 * 60_000);
    expect(await host.wakeups.nextDueAt()).toBe(hold?.until);
    const asked = harness.hub.exchanges.length;
    await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
    expect(harness.hub.exchanges).toHaveLength(asked);
    harness.clock.advance(21 * 60_000);
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
  });

  it("parks while GitHub does not answer, uses up none of its tries, and goes on by itself", async () => {
    await using harness = await createGitHubHarness();
    harness.project.runCi(judge);
    const host = await hostOn(harness);
    const { id } = await host.start();
    await stepUntil(host, async () => harness.project.pulls.length > 0);
    const from = harness.clock.now();
    harness.hub.plan(null, { does: "fail", status: 503 }, 1_000_000);
    const holds = new Set<number | null>();
    // Far longer than five tries take.
    while (harness.clock.now() < from + 3_600_000) {
      await stepUntil(host, async () => heldEffect(await host.run(id)) !== null);
      const { hold, tries } = heldEffect(await host.run(id)) ?? {};
      expect(hold).toMatchObject({ because: "outage" });
      expect(tries).toBeLessThanOrEqual(2);
      holds.add(hold?.until ?? null);
      harness.clock.advanceTo(hold?.until ?? 0);
      await stepUntil(host, async () => heldEffect(await host.run(id)) === null);
    }
    // One probe for each pause; the pauses grow to five minutes.
    expect(harness.hub.faced).toBeLessThan(12 + 3 + 12);
    expect(holds.size).toBeGreaterThan(10);
    harness.hub.heal();
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
  });

  it("hands its change in to a merge queue, waits, and is done when the queue has landed it", async () => {
    await using harness = await createGitHubHarness();
    const { host, id, number, head } = await queuedRun(harness);
    expect((await host.run(id)).phase.is).toBe("live");
    expect((await host.block()).status).toBe("in_progress");
    const before = await harness.commit("main", { "elsewhere.txt": "x\n" });
    const commit = await harness.project.landQueued(number);
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect((await host.block()).merged).toMatchObject({ commit, head, base: before, runId: id });
  });

  it("fails with the reason when the queue takes its change out", async () => {
    await using harness = await createGitHubHarness();
    const { host, id, number } = await queuedRun(harness);
    harness.project.dropQueued(number, "FAILED_CHECKS");
    await host.drive();
    const { phase } = await host.run(id);
    expect(phase).toMatchObject({ is: "failed", failure: { code: "forge_refused" } });
    expect(JSON.stringify(phase)).toContain("FAILED_CHECKS");
  });

  it.each([
    {
      what: "a stop",
      end: async (host: TestHost, id: string) => host.execution.stop({ ...at(host, id), as: "cancelled", reason: "no", actor: host.user }),
      phase: { is: "cancelled" },
    },
    {
      what: "the end of its patience",
      end: async (host: TestHost) => host.clock.advance(61 * 60_000),
      phase: { is: "failed", failure: { code: "merge_timeout" } },
    },
  ])("takes its change back out of the queue at $what, and nothing lands", async ({ end, phase }) => {
    await using harness = await createGitHubHarness();
    const { host, id } = await queuedRun(harness);
    const base = await baseTip(harness);
    await end(host, id);
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject(phase);
    expect(harness.project.pulls[0]?.queue.since).toBeNull();
    expect(await baseTip(harness)).toBe(base);
    expect((await host.block()).merged).toBeNull();
  });

  it("says what landed when the queue was faster than the stop", async () => {
    await using harness = await createGitHubHarness();
    const { host, id, number } = await queuedRun(harness);
    harness.project.lockQueued(number);
    await host.execution.stop({ ...at(host, id), as: "cancelled", reason: "no", actor: host.user });
    expect(await host.execution.advance(at(host, id))).toMatchObject({ is: "sleeping" });
    expect((await host.run(id)).phase.is).toBe("stopping");
    const commit = await harness.project.landQueued(number);
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("cancelled");
    expect((await host.block()).merged).toMatchObject({ commit });
  });

  it("looks at once when a webhook comes, however often and in whatever order, and believes nothing in it", async () => {
    await using harness = await createGitHubHarness();
    const host = await hostOn(harness);
    const { id } = await host.start();
    await stepUntil(host, async () => (await verdicts(host, id)).length > 0);
    const later = (await host.wakeups.nextDueAt()) ?? 0;
    expect(later).toBeGreaterThan(host.clock.now());
    harness.hub.deliveries();
    const head = harness.project.pulls[0]?.head ?? "";
    harness.project.check(head, "unit", null);
    harness.project.check(head, "unit", "success");
    harness.project.check(head, "unit", "failure");
    const nudged: string[] = [];
    const handle = webhooksOf(harness, host, nudged);
    const taken = harness.hub.deliveries();
    for (const delivery of [...taken].reverse().flatMap((one) => [one, one])) expect((await handle(delivery.request())).ok).toBe(true);
    expect(nudged).toEqual([id, id, id]);
    expect(await host.wakeups.nextDueAt()).toBe(host.clock.now());
    await stepUntil(host, async () => (await verdicts(host, id)).at(-1)?.says === "red");
  });

  it("looks at once when a push moves the base of its pull request, and at no other push", async () => {
    await using harness = await createGitHubHarness();
    const host = await hostOn(harness);
    const { id } = await host.start();
    await stepUntil(host, async () => (await verdicts(host, id)).length > 0);
    const later = (await host.wakeups.nextDueAt()) ?? 0;
    harness.hub.deliveries();
    const nudged: string[] = [];
    const handle = webhooksOf(harness, host, nudged);
    const deliver = async () => {
      for (const delivery of harness.hub.deliveries()) expect((await handle(delivery.request())).ok).toBe(true);
    };
    await harness.commit("somebody-elses", { "elsewhere.txt": "x\n" });
    await deliver();
    expect(nudged).toEqual([]);
    const moved = await harness.commit("main", { "elsewhere.txt": "x\n" });
    await deliver();
    expect(nudged).toEqual([id]);
    expect(later).toBeGreaterThan(host.clock.now());
    expect(await host.wakeups.nextDueAt()).toBe(host.clock.now());
    await stepUntil(host, async () => (await verdicts(host, id)).at(-1)?.base === moved);
    expect(host.clock.now()).toBeLessThan(later);
  });
});

/** A webhook receiver for a host with one workspace, whose service is in that repository. */
function webhooksOf(harness: GitHubHarness, host: TestHost, nudged: string[]): (request: Request) => Promise<Response> {
  return createGitHubWebhooks({
    secrets: [harness.hub.webhookSecret],
    deliveries: createMemoryDeliveries(),
    log: silentLog,
    nudge: nudgeRuns({
      runs: host.store.runs,
      blocks: host.store.blocks,
      nudge: async (address) => void (nudged.push(address.runId), await host.execution.nudge(address)),
      workspacesOf: async () => [host.workspace.id],
    }),
  });
}

const at = (host: TestHost, runId: string) => ({ workspaceId: host.workspace.id, runId });

/** A run whose change is in the merge queue. */
async function queuedRun(harness: GitHubHarness) {
  harness.project.runCi(judge);
  harness.project.protect("main", { ruleset: true, mergeQueue: true });
  const host = await hostOn(harness);
  const { id } = await host.start();
  await stepUntil(host, async () => harness.project.pulls[0]?.queue.since != null);
  const { number = 0, head = "" } = harness.project.pulls[0] ?? {};
  return { host, id, number, head };
}

/** Advances one turn at a time until `isSo` resolves to true. */
async function stepUntil(host: TestHost, isSo: () => Promise<boolean>): Promise<void> {
  for (let steps = 0; steps < 200; steps += 1) {
    if (await isSo()) return;
    const [claim] = await host.wakeups.claim({ owner: "test", now: host.clock.now(), leaseMs: 1000, limit: 1 });
    if (claim === undefined) host.clock.advanceTo((await host.wakeups.nextDueAt()) ?? 0);
    else {
      await host.execution.advance(claim);
      await host.wakeups.release(claim);
    }
  }
  throw new Error("it never came to that");
}
