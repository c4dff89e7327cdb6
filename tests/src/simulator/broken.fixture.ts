/** Hosts and engines with one defect each, which the simulator must notice. */
import { MIN_RESERVATION_MICROS, pipelineSchema } from "@millrace/contracts";
import {
  AgentCallError,
  isAgentCallError,
  isOfWorkspace,
  NOTHING_SPENT,
  taskBranch,
  type AgentTask,
  type Change,
  type Forge,
  type JobHandle,
  type JobOutcome,
  type TokenUsage,
} from "@millrace/kernel";
import { builtInGates, type OrchestrationPorts } from "@millrace/orchestration";
import { interceptPorts } from "@millrace/testing";
import type { SimulationOptions } from "./simulate.js";

export type Broken = Pick<SimulationOptions, "wrap" | "engine" | "pipelines" | "isPlain" | "isCrowded" | "isGoodWork">;

/** Calls of agents, and no job beside the one they are about. */
const CALLS = pipelineSchema.parse({
  id: "pl_calls",
  name: "Calls",
  steps: [{ kind: "task-estimator" }, { kind: "requirements-review" }, { kind: "coder" }, { kind: "reviewer" }],
});

const SAME = "0".repeat(64);

/** Defective hosts by their defect. */
export const brokenHosts: Readonly<Record<string, Broken>> = {
  "a store whose commit drops the wake-up": storing((ports, changes) =>
    ports.store.commit(changes.filter(({ change }) => change !== "wake")),
  ),
  "a store that drops the notifications": storing((ports, changes) =>
    ports.store.commit(changes.filter(({ change }) => change !== "raise-notification")),
  ),
  "a store that ignores the expected revision": storing(async (ports, changes) => {
    const run = changes.find((change) => change.change === "update-run");
    if (run === undefined) return ports.store.commit(changes);
    const stored = (await ports.store.runs.revision(run.record.workspaceId, run.record.id)) ?? run.expected;
    const forced = changes.map((change): Change => {
      if (change.change === "update-run") return { ...change, expected: stored };
      return change.change === "append-run-events" ? { ...change, firstSequence: stored + 1 } : change;
    });
    return ports.store.commit(forced);
  }),
  "a store that applies half of a commit": storing((ports, changes) => {
    return ports.store.commit(isOfRun(changes) ? changes.slice(0, Math.ceil(changes.length / 2)) : changes);
  }),
  "a store that refuses after it has written": storing(async (ports, changes) => {
    await ports.store.commit(changes);
    if (changes.some(({ change }) => change === "put-output")) throw new TypeError("the disk is full");
  }),
  "a store that knows no caps": storing((ports, changes) =>
    ports.store.commit(
      changes.map((change): Change => {
        if (change.change !== "reserve-spend") return change;
        return { ...change, caps: change.caps.map(({ scope }) => ({ scope, maxMicros: null })) };
      }),
    ),
  ),
  "a store that gives no reservation back": storing((ports, changes) =>
    ports.store.commit(changes.filter((change) => change.change !== "reserve-spend" || change.micros > 0)),
  ),
  "a store that counts what was spent twice": storing((ports, changes) =>
    ports.store.commit(
      changes.flatMap((change): readonly Change[] => {
        if (change.change !== "record-usage") return [change];
        return [change, { ...change, usage: { ...change.usage, key: `${change.usage.key}/again` } }];
      }),
    ),
  ),
  "F:B1 an engine that records no usage of failed jobs": metering((usage, { of }) => (of === "failed job" ? NOTHING_SPENT : usage)),
  "F:B1 an engine that records no usage of stopped calls": metering((usage, { of }) => (of === "stop" ? NOTHING_SPENT : usage)),
  "F:B1 an engine that records no usage of failed calls": {
    pipelines: [CALLS],
    wrap(ports) {
      const failed = new Set<string>();
      const { wrap = (same) => same } = metering((usage, { key, of }) => {
        if (of === "failed call") failed.add(key);
        return failed.has(key) ? NOTHING_SPENT : usage;
      });
      return wrap(ports);
    },
  },
  "F:B1 an engine that records no usage of repair calls": {
    pipelines: [CALLS],
    ...metering((usage, { key }) => (key.endsWith("+repair") ? NOTHING_SPENT : usage)),
  },
  "F:B2 an engine that drops a cost without token counts": metering((usage) => (usage?.tokens === null ? NOTHING_SPENT : usage)),
  "F:B3 an engine whose reservation of 0 lifts the caps": storing((ports, changes) =>
    ports.store.commit(changes.filter((change) => change.change !== "reserve-spend" || change.micros !== MIN_RESERVATION_MICROS)),
  ),
  "F:B1 an engine that records usage again after a crash": { wrap: recordingAgain },
  "a store that knows no task limit": storing((ports, changes) =>
    ports.store.commit(changes.map((change): Change => (change.change === "insert-run" ? { ...change, limit: null } : change))),
  ),
  "an executor that starts a job for every call": { wrap: startingTwice },
  "an executor that says stopped and lets the job run": {
    wrap: (ports) => ({ ...ports, agents: { ...bound(ports), stopJob: () => Promise.resolve(NOTHING_SPENT) } }),
  },
  "a forge that merges whatever the head is now": { wrap: mergingAnything },
  "F:C1 a forge that takes every change for the same": {
    wrap: (ports) =>
      interceptPorts(ports, ({ port, method }, act) => (port === "forge" && method === "diffDigest" ? Promise.resolve(SAME) : act())),
  },
  "F:A6 a forge that never tells what people have merged": { wrap: (ports) => findingMerged(ports, () => Promise.resolve(false)) },
  "F:A6 a stop that sees no merge": {
    wrap: (ports) =>
      findingMerged(ports, async (branch) => {
        const stopping = await stoppingBlocks(ports);
        return !stopping.some((id) => taskBranch({ id }) === branch);
      }),
  },
  "F:A7 a late merge never recorded": storing((ports, changes) =>
    // Of a run that has ended already: no event of it can say so.
    ports.store.commit(
      changes.filter((change) => isOfRun(changes) || change.change !== "patch-block" || change.patch.merged === undefined),
    ),
  ),
  "a gate that never looks": {
    engine: {
      gates: builtInGates
        .filter(({ name }) => name === "ci")
        .map((gate) => ({ ...gate, judge: () => ({ says: "green", because: "always" }) })),
    },
  },
};

function isOfRun(changes: readonly Change[]): boolean {
  return changes.some(({ change }) => change === "update-run");
}

/** Tasks whose run is about to end. */
async function stoppingBlocks({ store }: OrchestrationPorts): Promise<readonly string[]> {
  const workspaces = await store.workspaces.list({ limit: 10 });
  const live = await Promise.all(workspaces.map(({ id }) => store.runs.list(id, { live: true }, { limit: 50 })));
  return live.flat().flatMap(({ blockId, status }) => (status === "stopping" ? [blockId] : []));
}

/** Ports whose forge finds a merged pull request only of branches that `tells`. */
function findingMerged(ports: OrchestrationPorts, tells: (branch: string) => Promise<boolean>): OrchestrationPorts {
  return interceptPorts(ports, async ({ port, method, args }, act) => {
    if (port !== "forge" || method !== "findMerged") return act();
    return (await tells(String(args[1]))) ? act() : null;
  });
}

type Spending = { readonly key: string; readonly of: "call" | "failed call" | "job" | "failed job" | "stop" };

/** An engine that takes what its agents report for something else. */
function metering(seen: (usage: TokenUsage | null, spending: Spending) => TokenUsage | null): Broken {
  const outcomeOf = (key: string, outcome: JobOutcome): JobOutcome =>
    outcome.is === "finished"
      ? { ...outcome, answer: { ...outcome.answer, usage: seen(outcome.answer.usage, { key, of: "job" }) } }
      : { ...outcome, usage: seen(outcome.usage, { key, of: "failed job" }) };
  return {
    wrap: (ports) => ({
      ...ports,
      agents: {
        ...bound(ports),
        async run(task, signal) {
          try {
            const answer = await ports.agents.run(task, signal);
            return { ...answer, usage: seen(answer.usage, { key: task.key, of: "call" }) };
          } catch (error) {
            if (!isAgentCallError(error)) throw error;
            throw new AgentCallError(error.code, error.message, { usage: seen(error.usage, { key: task.key, of: "failed call" }) });
          }
        },
        async pollJob(handle) {
          const status = await ports.agents.pollJob(handle);
          return status.is === "running" ? status : { ...status, outcome: outcomeOf(handle.key, status.outcome) };
        },
        stopJob: async (handle) => seen(await ports.agents.stopJob(handle), { key: handle.key, of: "stop" }),
      },
    }),
  };
}

/** An engine whose key of usage is new at every try of a commit. */
function recordingAgain(ports: OrchestrationPorts): OrchestrationPorts {
  const tries = new Map<string, number>();
  const { wrap = (same) => same } = storing((own, changes) =>
    own.store.commit(
      changes.map((change): Change => {
        if (change.change !== "record-usage") return change;
        const { key } = change.usage;
        const before = tries.get(key) ?? 0;
        tries.set(key, before + 1);
        return before === 0 ? change : { ...change, usage: { ...change.usage, key: `${key}/${before}` } };
      }),
    ),
  );
  return wrap(ports);
}

export function storing(commit: (ports: OrchestrationPorts, changes: readonly Change[]) => Promise<unknown>): Broken {
  const blind =
    (ports: OrchestrationPorts): OrchestrationPorts["store"]["commit"] =>
    async (changes) => {
      await (isOfWorkspace(changes) ? commit(ports, changes) : ports.store.commit(changes));
      return null;
    };
  return { wrap: (ports) => ({ ...ports, store: { ...ports.store, commit: blind(ports) } }) };
}

/** Copies the methods of an executor: those of a class are lost in a spread. */
export function bound({ agents }: OrchestrationPorts): OrchestrationPorts["agents"] {
  return {
    resolveModel: (kind, request) => agents.resolveModel(kind, request),
    rateOf: (kind, request) => agents.rateOf(kind, request),
    run: (task, signal) => agents.run(task, signal),
    startJob: (task) => agents.startJob(task),
    pollJob: (handle) => agents.pollJob(handle),
    stopJob: (handle) => agents.stopJob(handle),
    forget: (handle) => agents.forget(handle),
  };
}

function startingTwice(ports: OrchestrationPorts): OrchestrationPorts {
  const started = new Map<string, number>();
  const nth = (key: string): string => ((started.get(key) ?? 1) === 1 ? key : `${key}#${started.get(key)}`);
  const latest = (handle: JobHandle): JobHandle => ({ ...handle, key: nth(handle.key) });
  const agents: OrchestrationPorts["agents"] = {
    ...bound(ports),
    async startJob(task: AgentTask) {
      started.set(task.key, (started.get(task.key) ?? 0) + 1);
      const handle = await ports.agents.startJob({ ...task, key: nth(task.key) });
      return { ...handle, key: task.key };
    },
    pollJob: (handle) => ports.agents.pollJob(latest(handle)),
    stopJob: (handle) => ports.agents.stopJob(latest(handle)),
  };
  return { ...ports, agents };
}

function mergingAnything(ports: OrchestrationPorts): OrchestrationPorts {
  return forging(ports, (forge) => ({
    async merge(repository, pullRequest, _expected, message) {
      const { head, baseHead } = await forge.read(repository, pullRequest);
      return forge.merge(repository, pullRequest, { head, base: baseHead }, message);
    },
  }));
}

/** Ports whose forge has other methods. */
export function forging(ports: OrchestrationPorts, replace: (forge: Forge) => Partial<Forge>): OrchestrationPorts {
  return {
    ...ports,
    forges: {
      get(name) {
        const forge = ports.forges.get(name);
        return {
          name: forge.name,
          findPullRequest: (...args) => forge.findPullRequest(...args),
          findMerged: (...args) => forge.findMerged(...args),
          openPullRequest: (...args) => forge.openPullRequest(...args),
          read: (...args) => forge.read(...args),
          checks: (...args) => forge.checks(...args),
          diffDigest: (...args) => forge.diffDigest(...args),
          updateBranch: (...args) => forge.updateBranch(...args),
          withdraw: (...args) => forge.withdraw(...args),
          merge: (...args) => forge.merge(...args),
          ...replace(forge),
        };
      },
    },
  };
}
