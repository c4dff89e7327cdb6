/** Many runs at the CI gate of one repository on GitHub's stand-in, at the patience of production and in virtual time. */
import type { CommitSha } from "@millrace/contracts";
import { createGitHubForge, createGitHubWebhooks, createMemoryDeliveries, nudgeRuns } from "@millrace/integrations/github";
import { MillraceError, type Forge } from "@millrace/kernel";
import { createTestHost, createVirtualClock, silentLog, type TestHost, type VirtualClock } from "@millrace/testing";
import { createGitHubStandIn, type GitHubRepository, type GitHubStandIn } from "@millrace/testing/github";

export interface FleetOptions {
  readonly count: number;
  readonly batched: boolean;
  readonly webhooks: boolean;
  readonly minutes: number;
}

/** Requests sent while the clock went on. */
export interface FleetTraffic {
  /** Polls of pull requests by gates. */
  readonly polls: number;
  readonly sent: number;
  readonly notModified: number;
  /** Against the limit of REST. */
  readonly counted: number;
  /** Against the limit of GraphQL: each of these queries costs one. */
  readonly points: number;
  /** Requests in the busiest minute. */
  readonly mostInMinute: number;
  /** Milliseconds from each change to the look that saw it. */
  readonly seenAfter: readonly number[];
}

const MINUTE = 60_000;
const POLL_MS = 30_000;
/** Interval of changes to the checks of a pull request: registered, started, reported. */
const CHANGE_EVERY_MS = 10 * MINUTE;
const RULES_MS = MINUTE;

interface ParkedRun {
  readonly head: CommitSha;
  changes: number;
}

export async function watchFleet(resources: AsyncDisposableStack, options: FleetOptions): Promise<FleetTraffic> {
  const clock = createVirtualClock();
  const hub = resources.use(await createGitHubStandIn({ now: () => clock.now() }));
  const project = await hub.createRepository("acme/project", { "readme.md": "sample\n" });
  const polls = new PollCounter(clock);
  const github = createGitHubForge({
    auth: { as: "token", token: hub.token },
    settings: {
      apiUrl: hub.apiUrl,
      webUrl: hub.webUrl,
      throttleWrites: false,
      rulesMaxAgeMs: RULES_MS,
      ...(options.batched ? {} : { batchThreshold: Number.MAX_SAFE_INTEGER }),
    },
    clock,
    log: silentLog,
    wait: () => Promise.resolve(),
  });
  const forge = polls.through(github);
  const host = await createTestHost({
    repository: project.ref,
    clock,
    pipeline: { steps: [{ kind: "ci" }] },
    wrap: (ports) => ({ ...ports, forges: { get: () => forge } }),
  });
  const deliver = options.webhooks ? webhooksOf(hub, host, () => github.expire()) : async () => void hub.deliveries();
  const parked = await park(host, project, forge, options.count);
  await drive(host, clock, clock.now() + 2 * POLL_MS);
  const [begun, before] = [clock.now(), hub.exchanges.length];
  polls.begin();
  const minutes: number[] = [];
  const step = Math.floor(CHANGE_EVERY_MS / options.count);
  for (let at = begun, turn = 0; at < begun + options.minutes * MINUTE; at += step, turn += 1) {
    const one = parked[turn % parked.length];
    if (one !== undefined) change(project, polls, one);
    await deliver();
    const sentBefore = hub.exchanges.length;
    await drive(host, clock, Math.min(at + step, begun + options.minutes * MINUTE));
    const minute = Math.floor((at - begun) / MINUTE);
    minutes[minute] = (minutes[minute] ?? 0) + hub.exchanges.length - sentBefore;
  }
  const exchanges = hub.exchanges.slice(before);
  const rest = exchanges.filter(({ resource }) => resource === "core");
  return {
    polls: polls.count,
    sent: exchanges.length,
    notModified: rest.filter(({ counted }) => !counted).length,
    counted: rest.filter(({ counted }) => counted).length,
    points: exchanges.length - rest.length,
    mostInMinute: Math.max(...minutes),
    seenAfter: polls.seenAfter,
  };
}

/** One run per pull request, spread over a poll interval. */
async function park(host: TestHost, project: GitHubRepository, forge: Forge, count: number): Promise<readonly ParkedRun[]> {
  const workspaceId = host.workspace.id;
  const parked: ParkedRun[] = [];
  for (let index = 0; index < count; index += 1) {
    const input = { title: `task ${index}` };
    const { id: blockId } = await host.board.addTask({ workspaceId, parentId: host.task.parentId ?? "", input, actor: host.user });
    const branch = `millrace/${blockId}`;
    const head = await project.commit(branch, {});
    project.check(head, "unit", null);
    const pullRequest = await forge.openPullRequest(project.ref, { branch, title: input.title, body: "" });
    await host.store.commit([{ change: "patch-block", workspaceId, id: blockId, patch: { status: "pr_ready", pullRequest } }]);
    await host.execution.merge({ workspaceId, blockId, actor: host.user });
    parked.push({ head, changes: 0 });
    await drive(host, host.clock, host.clock.now() + Math.floor(POLL_MS / count));
  }
  return parked;
}

/** Another check is reported; the one that the gate waits for stays as it is. */
function change(project: GitHubRepository, polls: PollCounter, one: ParkedRun): void {
  one.changes += 1;
  const name = `step ${one.changes}`;
  project.check(one.head, name, "success");
  polls.changed(one.head, name);
}

async function drive(host: TestHost, clock: VirtualClock, until: number): Promise<void> {
  for (;;) {
    const [claim] = await host.wakeups.claim({ owner: "bench", now: clock.now(), leaseMs: 1000, limit: 1 });
    if (claim !== undefined) {
      await host.execution.advance(claim);
      await host.wakeups.release(claim);
      continue;
    }
    const next = await host.wakeups.nextDueAt();
    if (next === null) throw new MillraceError("internal", "no run waits at its gate any more: nothing was measured");
    if (next > until) return clock.advanceTo(until);
    clock.advanceTo(next);
  }
}

function webhooksOf(hub: GitHubStandIn, host: TestHost, expire: () => void): () => Promise<void> {
  const nudge = nudgeRuns({
    runs: host.store.runs,
    blocks: host.store.blocks,
    nudge: (address) => host.execution.nudge(address),
    workspacesOf: async () => [host.workspace.id],
  });
  const take = createGitHubWebhooks({
    secrets: [hub.webhookSecret],
    deliveries: createMemoryDeliveries(),
    log: silentLog,
    nudge: async (subject) => {
      expire();
      await nudge(subject);
    },
  });
  return async () => {
    for (const delivery of hub.deliveries()) await take(delivery.request());
  };
}

/** Counts what gates see, at the door of the forge. */
class PollCounter {
  readonly seenAfter: number[] = [];
  readonly #clock: VirtualClock;
  readonly #changed = new Map<string, { readonly name: string; readonly at: number }>();
  #count = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#count;
  }

  begin(): void {
    this.#count = 0;
  }

  changed(head: CommitSha, name: string): void {
    this.#changed.set(head, { name, at: this.#clock.now() });
  }

  through(forge: Forge): Forge {
    const checks: Forge["checks"] = async (repository, head) => {
      this.#count += 1;
      const seen = await forge.checks(repository, head);
      const change = this.#changed.get(head);
      if (change !== undefined && seen.some(({ name }) => name === change.name)) {
        this.seenAfter.push(this.#clock.now() - change.at);
        this.#changed.delete(head);
      }
      return seen;
    };
    return { ...forge, checks };
  }
}
