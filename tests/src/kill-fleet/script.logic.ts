/** Scripts of a fleet's agents: pure functions of the task and its key, so that repeated requests get the same answer. */
import type { AgentKind } from "@millrace/agents";
import { MillraceError, type AgentTask } from "@millrace/kernel";
import { createRegistries } from "@millrace/orchestration";
import type { ScriptedTurn } from "@millrace/testing";
import type { PlannedTask } from "./plan.logic.js";
import { hashOf } from "./random.logic.js";

/** File that all tasks of a contested repository write. */
const SHARED_FILE = "shared.txt";
/** First word of a file that fails the checks. */
export const BROKEN = "broken";

function fileOf(taskName: string): string {
  return `work/${taskName}.txt`;
}

interface Call {
  readonly task: AgentTask;
  readonly plan: PlannedTask;
  /** Number of the run among those of its block, from 1. */
  readonly run: number;
}

type Turn = (call: Call) => ScriptedTurn;

/** Kinds whose agents do what a story, a repository or a key decides; every other kind gives its ordinary answer. */
const TURNS: Readonly<Record<string, Turn>> = {
  coder,
  "ci-fixer": ({ task, plan }) => ({ change: { [fileOf(plan.name)]: `fixed ${task.key}` } }),
  "conflict-resolver": ({ task }) => ({ resolve: { [SHARED_FILE]: task.key } }),
  reviewer,
  merger: ({ plan }) => ({
    answer: { complexity: 0.1, risk: plan.story === "high-risk" ? 0.9 : 0.1, impact: 0.1, rationale: "one file" },
  }),
  "requirements-review": reviewOf,
  "clarity-review": reviewOf,
  "requirements-rework": ({ task }) => ({ say: `document ${task.key}` }),
  "clarity-rework": ({ task }) => ({ say: `document ${task.key}` }),
  "spec-writer": ({ task, plan }) => ({ change: { [`spec/${plan.name}.json`]: task.key }, answer: { service: "fleet" } }),
};

const { kinds, stepKinds } = createRegistries();

/** Agent kinds that have a script: those above, and those that a step asks and that need not change the repository. */
export const scriptedKinds: readonly string[] = kinds
  .list()
  .filter((kind) => TURNS[kind.id] !== undefined || (!isWithoutAgent(kind.id) && isOrdinary(kind)))
  .map(({ id }) => id);

/** An agent that need not change anything, and whose structured answer, if it gives one, has samples. */
function isOrdinary({ contract, answer, samples }: AgentKind): boolean {
  const { delivers } = contract;
  return (delivers === "nothing" || delivers === "update") && (answer === null || samples.length > 0);
}

/** A step that no agent works for. */
function isWithoutAgent(id: string): boolean {
  const kind = kinds.get(id);
  return kind !== null && stepKinds.get(kind.step).asks === null;
}

/**
 * The scripted turn for a task.
 *
 * @throws MillraceError `agent_missing` naming a kind without a script.
 */
export function turnOf(call: Call): ScriptedTurn {
  const { kind } = call.task;
  const turn = TURNS[kind]?.(call) ?? ordinaryTurn(kind);
  return { ...turn, usage: tokensOf(call.task.key) };
}

function ordinaryTurn(id: string): ScriptedTurn {
  const kind = kinds.get(id);
  if (kind === null || !scriptedKinds.includes(id)) throw missing(id);
  const [ordinary] = kind.samples;
  return ordinary === undefined ? { say: kind.intent } : { answer: ordinary[1] };
}

/**
 * Checks that every kind has a script.
 *
 * @throws MillraceError `agent_missing` naming the first that has none.
 */
export function requireScripts(ids: readonly string[]): void {
  const unknown = ids.find((id) => !scriptedKinds.includes(id) && !isWithoutAgent(id));
  if (unknown !== undefined) throw missing(unknown);
}

/** Cost of every call and job, in millionths. */
export const COST_MICROS = 1;

/** Usage of a key. It depends on the key only, so that double counting is noticed. */
function tokensOf(key: string): NonNullable<ScriptedTurn["usage"]> {
  const tokens = { inputTokens: 1 + hashOf(key, 1000), outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return { model: "scripted:scripted", tokens, costMicros: COST_MICROS };
}

function coder({ task, plan, run }: Call): ScriptedTurn {
  const { story } = plan;
  if (story === "broken" || (story === "retried" && run === 1))
    return { fails: { code: "scripted_failure", message: "it fails as its script says" } };
  if (story === "job-lost" && task.key.endsWith("/1/work.1")) return { lost: { transient: true } };
  if (story === "question" && task.decisions.length === 0) return { question: { question: "left or right?", options: ["left", "right"] } };
  const mine = { [fileOf(plan.name)]: story === "red-ci" ? `${BROKEN} ${task.key}` : task.key };
  return { change: story === "conflict" ? { ...mine, [SHARED_FILE]: task.key } : mine };
}

function reviewer({ task, plan }: Call): ScriptedTurn {
  const [, , attempt = "1"] = task.key.split("/");
  if (plan.story === "unreadable" && !task.key.endsWith("+repair")) return { answer: { opinion: "fine" } };
  if (plan.story === "capped") return { answer: { rating: 0.3, summary: "never good enough" } };
  if (plan.story === "rework" && attempt === "1")
    return { answer: { rating: 0.4, summary: "say why", comments: [{ body: "explain it" }] } };
  return { answer: { rating: 0.95, summary: "good" } };
}

/** One finding in the first review, none in the next. */
function reviewOf({ task }: Call): ScriptedTurn {
  const first = task.key.endsWith("/review.2");
  return { answer: { items: first ? [{ category: "question", severity: "high", title: "Why", detail: "why is it wanted?" }] : [] } };
}

function missing(kind: string): MillraceError {
  return new MillraceError("agent_missing", `the fleet has no script for the agent kind '${kind}'`, {
    fix: "give it samples, or add its turns to tests/src/kill-fleet/script.logic.ts",
  });
}
