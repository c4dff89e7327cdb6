/**
 * Liveness (I14): good work arrives. From every state that passing harm alone has led to there is a way to the goal that needs no more than
 * this: agents deliver, the forge answers, people agree.
 */
import type { Run } from "@millrace/contracts";
import { currentStep } from "@millrace/orchestration";
import { isLastTry, isSpent } from "../samples/budgets.logic.js";
import { registries } from "./engine.logic.js";
import type { Harm } from "./environment.logic.js";
import { trapped, type Edge } from "./graph.logic.js";

/** A transition, and what it is to a good change. */
export interface LabelledEdge extends Edge {
  readonly label: string;
  readonly harm?: Harm;
}

/** A state of good work, and a transition from it after which the work cannot arrive any more. */
export interface MissedMerge {
  readonly at: number;
  readonly label: string;
  readonly message: string;
}

/**
 * The first transition that costs good work its way to the goal although nothing is at fault; null when there is none. Only the bound of
 * what happened excuses it: contention is never counted as anything else.
 */
export function missedMerge(runs: readonly Run[], edges: readonly LabelledEdge[]): MissedMerge | null {
  const goals = runs.flatMap((run, index) => (hasArrived(run) ? [index] : []));
  const good = edges.filter(({ harm }) => harm === undefined);
  const lost = new Set(trapped(runs.length, good, goals));
  if (lost.has(0)) return { at: 0, label: "", message: "no good work can arrive" };
  const [missed] = edges
    .filter(({ from, to, harm }) => harm !== "fault" && !lost.has(from) && lost.has(to) && !isExcused(runs[from], harm))
    .toSorted((a, b) => a.from - b.from);
  if (missed === undefined) return null;
  return {
    at: missed.from,
    label: missed.label,
    message: `good work cannot arrive any more, after ${missed.harm ?? "an ordinary answer"}`,
  };
}

/** Where no step merges, the end of the pipeline is the goal. */
function hasArrived({ steps, merged, phase }: Run): boolean {
  const merges = steps.some(({ state }) => registries.stepKinds.of(state).landsChange);
  return merges ? merged !== null : phase.is === "done";
}

/** Counters whose bound excuses a harm. */
const EXCUSES: Readonly<Record<Exclude<Harm, "fault">, readonly string[]>> = {
  passing: ["crash recoveries", "host recoveries", "revisits"],
  outage: [],
  contention: ["base moves"],
};

function isExcused(run: Run | undefined, harm: Harm | undefined): boolean {
  if (run === undefined || harm === undefined || harm === "fault") return false;
  if (harm !== "contention" && isLastTry(currentStep(run), harm === "outage")) return true;
  return isSpent(run, registries.stepKinds, EXCUSES[harm]);
}
