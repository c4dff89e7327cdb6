/** Random agents of every kind: they work, ask, lie, fail, vanish, and give unreadable answers. */
import type { AgentKind } from "@millrace/agents";
import type { JsonValue } from "@millrace/contracts";
import { MillraceError, type AgentTask, type Clock, type CompletionContract } from "@millrace/kernel";
import type { ScriptedKind, ScriptedTurn } from "@millrace/testing";
import { answerFor } from "./answer.logic.js";
import type { HostileClaims } from "./hostile/hostile-claims.js";
import type { Coverage } from "./coverage.logic.js";
import type { Random } from "./random.logic.js";
import { RESERVED } from "./settings.logic.js";
import type { Environment } from "./environment.js";

const FAULT_ODDS = { none: 78, lost: 3, evicted: 3, "out-of-quota": 2, fails: 2, throws: 4, asks: 5, lies: 2, unreadable: 2 } as const;

/** Longest time until a provider's quota resets. */
const WINDOW_MS = 60 * 60_000;

export interface AgentsOptions {
  readonly random: Random;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly coverage: Coverage;
  /** Kinds on a flat rate: their calls cost nothing. */
  readonly flat: ReadonlySet<string>;
  /** Whether every agent does good work, and none asks, errs or says no. */
  readonly isGood: boolean;
  /** Whether the faults have stopped. */
  readonly isQuiet: () => boolean;
  /** Ends the simulation with an error: an agent whose answers cannot be generated must not look like a simulated fault. */
  readonly giveUp: (error: unknown) => void;
  readonly script: Readonly<Record<string, ScriptedKind>>;
  /** What agents claim beside their work; null: they are honest. */
  readonly hostile: HostileClaims | null;
}

/** What each key really spent, whatever came of it: tokens and cost, null where the agent does not say. */
export type SpendByKey = Map<string, { readonly runId: string; readonly tokens: number | null; readonly micros: number | null }>;

/** One in so many calls reports a cost and no tokens, as some agents do. */
const UNCOUNTED_ONE_IN = 5;

/** Random scripts for these kinds, and the record of what they spend. */
export function randomScript(
  kinds: readonly AgentKind[],
  options: AgentsOptions,
): { readonly script: Readonly<Record<string, ScriptedKind>>; readonly spent: SpendByKey } {
  const spent: SpendByKey = new Map();
  const answerAs =
    (kind: AgentKind): ScriptedKind =>
    (task) => {
      try {
        const worked = turnOf(kind, task, options);
        const { turn, keepsUsageBack } = options.hostile?.claim(task, worked) ?? { turn: worked, keepsUsageBack: false };
        const number = spent.size + 1;
        const cost = options.flat.has(task.kind) ? 0 : costOf(task.contract, options.random);
        const costMicros = keepsUsageBack && !options.flat.has(task.kind) ? null : cost;
        if (options.flat.has(task.kind)) options.coverage.count("flat-rate call");
        const tokens =
          keepsUsageBack || number % UNCOUNTED_ONE_IN === 0
            ? null
            : { inputTokens: number, outputTokens: 1, cacheReadTokens: number, cacheWriteTokens: 2 };
        if (tokens === null) options.coverage.count("call without token counts");
        if (turn.throws === undefined) spent.set(task.key, { runId: task.runId, tokens: tokens?.inputTokens ?? null, micros: costMicros });
        return { ...turn, usage: { model: "scripted:scripted", tokens, costMicros } };
      } catch (error) {
        options.giveUp(error);
        throw error;
      }
    };
  return { script: { ...Object.fromEntries(kinds.map((kind) => [kind.id, answerAs(kind)])), ...options.script }, spent };
}

/** Random cost: at most twice the reservation, including the repair call of an unreadable answer. */
function costOf({ delivers }: CompletionContract, random: Random): number | null {
  if (random.chance(0.2)) return null;
  return random.below((delivers !== "nothing" && random.chance(0.3) ? 2 : 1) * RESERVED + 1);
}

/** Good work: what is asked for, with the ordinary answer of its kind. */
function goodTurnOf({ samples: [ordinary] }: AgentKind, task: AgentTask, { random, environment }: AgentsOptions): ScriptedTurn {
  const number = random.below(1_000_000);
  const change = { ...repair(task, environment, number), [`feature-${task.block.id}`]: `good ${number}` };
  const { delivers } = task.contract;
  environment.witness.did(task.key, { is: "ordinary", code: null });
  return {
    polls: random.below(3),
    say: `${task.kind} ${number}`,
    ...(delivers === "change" ? { change: task.briefs.length > 0 ? change : { [`feature-${task.block.id}`]: `good ${number}` } } : {}),
    ...(delivers === "resolve" ? { resolve: { shared: `both ${number}`, rule: "all welcome" } } : {}),
    ...(task.answerSchema === null ? {} : { answer: ordinary?.[1] ?? answerFor(task.answerSchema, random, task.kind) }),
  };
}

function turnOf(kind: AgentKind, task: AgentTask, options: AgentsOptions): ScriptedTurn {
  if (options.isGood) return goodTurnOf(kind, task, options);
  const {
    samples: [ordinary],
  } = kind;
  const { random, environment, clock, isQuiet } = options;
  const polls = random.below(3);
  const work: ScriptedTurn = {
    polls,
    say: `${task.kind} ${random.below(1000)}`,
    ...worked(task.contract, task, random, environment),
    ...(task.answerSchema === null ? {} : { answer: bent(answerFor(task.answerSchema, random, task.kind), random, ordinary?.[1]) }),
  };
  const deed = isQuiet() ? "none" : random.weighted<keyof typeof FAULT_ODDS>(FAULT_ODDS);
  if (deed !== "throws") environment.witness.did(task.key, { is: deed, code: null });
  switch (deed) {
    case "none":
      return work;
    case "lost":
      return { polls, lost: { transient: false } };
    case "evicted":
      return { polls, lost: { transient: true } };
    case "fails":
      return { polls, fails: { code: "agent_failed", message: "it gave up" } };
    case "out-of-quota":
      return { polls, outOfQuota: clock.now() + random.below(WINDOW_MS) };
    case "throws": {
      const error = refusal(random, clock);
      environment.witness.did(task.key, { is: deed, code: error.code });
      return { throws: error };
    }
    case "asks":
      return { polls, question: { question: "which one?", options: ["this", "that"] } };
    case "lies":
      return { polls, say: "all done", ...(work.answer === undefined ? {} : { answer: work.answer }) };
    case "unreadable":
      return { ...work, say: "I would rather not say", answer: "I would rather not say" };
  }
}

function refusal(random: Random, clock: Clock): MillraceError {
  const code = random.pick(["unavailable", "model_failed", "quota_exhausted", "rate_limited", "forge_down"] as const);
  const isWindow = code === "quota_exhausted" || code === "rate_limited" || code === "forge_down";
  // Providers do not always tell the time of the reset.
  const details = isWindow && random.chance(0.7) ? { resetAt: clock.now() + random.below(WINDOW_MS) } : {};
  return new MillraceError(code, "not now", { details });
}

function worked(contract: CompletionContract, task: AgentTask, random: Random, environment: Environment): ScriptedTurn {
  const feature = `feature-${task.block.id}`;
  const number = random.below(1_000_000);
  switch (contract.delivers) {
    case "nothing":
      return {};
    case "update":
      return random.chance(0.5) ? {} : { change: { [`notes-${task.block.id}`]: `noted ${number}` } };
    case "resolve":
      return { resolve: { shared: `both ${number}`, rule: "all welcome" } };
    case "change": {
      const isRepair = task.briefs.length > 0 && random.chance(0.8);
      if (isRepair) return { change: { ...repair(task, environment, number), [feature]: `good ${number}` } };
      const own = { [feature]: `${random.chance(0.8) ? "good" : "bad"} ${number}` };
      return { change: random.chance(0.2) ? { ...own, shared: `ours ${number}` } : own };
    }
  }
}

/** File changes that repair everything on the branch that its tests fail on. */
function repair(task: AgentTask, environment: Environment, number: number): Record<string, string> {
  const head = environment.forge.head(environment.repository, `millrace/${task.block.id}`);
  const tree = head === null ? {} : environment.forge.graph.get(head).tree;
  const bad = Object.keys(tree).filter((path) => tree[path]?.startsWith("bad") === true);
  return { rule: "all welcome", ...Object.fromEntries(bad.map((path) => [path, `good ${number}`])) };
}

/** Uniformly random grades would end most runs at their first companion: most answers are the ordinary one of their kind. */
function bent(answer: JsonValue, random: Random, ordinary: JsonValue = null): JsonValue {
  if (!isObject(answer) || !isObject(ordinary) || random.chance(0.35)) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, ordinary[name] ?? value]));
}

function isObject(value: JsonValue): value is Readonly<Record<string, JsonValue>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
