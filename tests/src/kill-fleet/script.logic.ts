/** What the agents of a fleet do: a function of the task and its key, so that it is the same however often it is asked. */
import { builtInAgentKinds, createAgentKinds, type AgentKind } from "@millrace/agents";
import { MillraceError, type AgentTask } from "@millrace/kernel";
import { builtInGates, builtInStepKinds, createStepKinds } from "@millrace/orchestration";
import type { ScriptedTurn } from "@millrace/testing";
import { answersOf } from "../samples/lookup.logic.js";
import type { PlannedTask } from "./plan.logic.js";
import { hashOf } from "./random.logic.js";

/** The file in which the tasks of a contested repository meet. */
const SHARED_FILE = "shared.txt";
/** What a file says that no check passes. */
export const BROKEN = "broken";

function fileOf(taskName: string): string {
  return `work/${taskName}.txt`;
}

interface Call {
  readonly task: AgentTask;
  readonly plan: PlannedTask;
  /** Which run of its block it is, from 1. */
  readonly run: number;
}

type Turn = (call: Call) => ScriptedTurn;

/** Kinds whose agents do something that a story, a repository or a key decides; every other kind gives the ordinary answer of its samples. */
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

const stepKinds = createStepKinds(builtInStepKinds(builtInGates));
const kinds = createAgentKinds(builtInAgentKinds);

/** Kinds of agents that have a script: those that a step asks and that need not change the repository, beside the ones above. */
export const scriptedKinds: readonly string[] = kinds
  .list()
  .filter((kind) => TURNS[kind.id] !== undefined || (stepKinds.get(kind.step).asks !== null && isOrdinary(kind)))
  .map(({ id }) => id);

/** An agent that changes nothing, and whose structured answer, if it has one, is in the samples. */
function isOrdinary(kind: AgentKind): boolean {
  const { delivers } = kind.contract;
  return (delivers === "nothing" || delivers === "update") && (kind.answer === null || answersOf(kind).length > 0);
}

/** @throws MillraceError `agent_missing` naming the kind: a fleet never guesses what a kind would do. */
export function turnOf(call: Call): ScriptedTurn {
  const { kind } = call.task;
  const turn = TURNS[kind]?.(call) ?? ordinaryTurn(kind);
  return { ...turn, usage: tokensOf(call.task.key) };
}

function ordinaryTurn(id: string): ScriptedTurn {
  const kind = kinds.get(id);
  if (kind === null || !scriptedKinds.includes(id)) throw missing(id);
  const [ordinary] = answersOf(kind);
  return ordinary === undefined ? { say: kind.intent } : { answer: ordinary.value };
}

/** @throws MillraceError `agent_missing` when a fleet has no script for one of them. */
export function requireScripts(ids: readonly string[]): void {
  const unknown = ids.find((id) => !scriptedKinds.includes(id) && !isWithoutAgent(id));
  if (unknown !== undefined) throw missing(unknown);
}

/** Steps that no agent works for. */
function isWithoutAgent(id: string): boolean {
  const kind = kinds.get(id);
  return kind !== null && stepKinds.get(kind.step).asks === null;
}

/** What a key costs: always the same, so that a key that is counted twice shows. */
function tokensOf(key: string): NonNullable<ScriptedTurn["usage"]> {
  return { model: "scripted:scripted", inputTokens: 1 + hashOf(key, 1000), outputTokens: 1, costMicros: 1 };
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

/** One finding at the first look, none at the next. */
function reviewOf({ task }: Call): ScriptedTurn {
  const first = task.key.endsWith("/review.2");
  return { answer: { items: first ? [{ category: "question", severity: "high", title: "Why", detail: "why is it wanted?" }] : [] } };
}

function missing(kind: string): MillraceError {
  return new MillraceError("agent_missing", `the fleet has no script for the agent kind '${kind}'`, {
    fix: "add its answer to the samples of its step kind, or what it does to tests/src/kill-fleet/script.logic.ts",
  });
}
