/** The evidence a merger acts on: the last verdict of every gate before it that gives evidence. */
import type { Digest, Run, Verdict } from "@millrace/contracts";
import type { PullRequestState } from "@millrace/kernel";
import { gateStateOf } from "../gate/state.js";

/** The last verdict of one gate. */
export interface GateEvidence {
  /** Position of the gate's step in the run. */
  readonly index: number;
  /** Null unless it is green: only a green verdict is evidence. */
  readonly verdict: Verdict | null;
}

/** The nearest step of each gate before `index` that gives evidence, the nearest first. */
export function evidenceBefore(run: Run, index: number, gives: (gate: string) => boolean): readonly GateEvidence[] {
  const found = new Map<string, GateEvidence>();
  for (let at = index - 1; at >= 0; at -= 1) {
    const step = run.steps[at];
    const gate = step === undefined ? null : gateStateOf(step.state);
    if (gate === null || !gives(gate.gate) || found.has(gate.gate)) continue;
    found.set(gate.gate, { index: at, verdict: gate.verdict?.says === "green" ? gate.verdict : null });
  }
  return [...found.values()];
}

/** The verdict to merge by: the nearest one, when all of them are green. Null otherwise, and without any. */
export function greenVerdict(evidence: readonly GateEvidence[]): Verdict | null {
  return evidence.every(({ verdict }) => verdict !== null) ? (evidence[0]?.verdict ?? null) : null;
}

/** Why evidence does not hold any more. */
export interface Staleness {
  readonly because: string;
  /** True when nothing but the base moved: another change got on meanwhile. */
  readonly baseMoved: boolean;
}

type LookedAt = Pick<PullRequestState, "head" | "baseHead" | "behind" | "checkSettings">;

/** Why the evidence does not hold for the pull request as it is now; null when all of it does (P1). A moved head goes before a moved base. */
export function staleness(evidence: readonly GateEvidence[], pullRequest: LookedAt, settings: Digest): Staleness | null {
  const stale = evidence.flatMap(({ verdict }) => (verdict === null ? [] : (verdictStaleness(verdict, pullRequest, settings) ?? [])));
  return stale.find(({ baseMoved }) => !baseMoved) ?? stale[0] ?? null;
}

function verdictStaleness({ head, base, settings, checkSettings }: Verdict, now: LookedAt, settingsNow: Digest): Staleness | null {
  if (head !== now.head) return { because: `the head moved from ${short(head)} to ${short(now.head)}`, baseMoved: false };
  if (settings !== settingsNow || checkSettings !== now.checkSettings)
    return { because: "the settings of the checks changed", baseMoved: false };
  if (base !== now.baseHead) return { because: `the base moved from ${short(base)} to ${short(now.baseHead)}`, baseMoved: true };
  return now.behind ? { because: `the branch is behind its base ${short(now.baseHead)}`, baseMoved: true } : null;
}

/**
 * The step to go back to for fresh evidence: the first of the gates directly before `index` when all evidence is among them, so that they
 * run in their order; else the earliest step that gives evidence.
 */
export function gatesToRevisit(run: Run, index: number, evidence: readonly GateEvidence[]): number {
  let first = index;
  while (isGate(run, first - 1)) first -= 1;
  return Math.min(first, ...evidence.map((gate) => gate.index));
}

function isGate(run: Run, index: number): boolean {
  const step = run.steps[index];
  return step !== undefined && gateStateOf(step.state) !== null;
}

function short(sha: string): string {
  return sha.slice(0, 10);
}
