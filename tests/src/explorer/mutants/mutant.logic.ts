/** A mutant, and helpers to make one. */
import type { HumanWait, PipelineInput, Run, RunEvent, RunEventBody, Step } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import {
  consequences,
  currentStep,
  decide,
  evolve,
  openWait,
  type Command,
  type Decision,
  type TransitionResult,
} from "@millrace/orchestration";
import type { FaultSet } from "@millrace/orchestration/samples";
import type { PRESET, ExploredEngine } from "../engine.logic.js";
import type { Invariant } from "../invariants.logic.js";

type Engine = Partial<ExploredEngine>;
export type Decide = ExploredEngine["decide"];

/** An engine with one defect, a pipeline that exposes it, and the invariant that must catch it. */
export interface Mutant {
  readonly name: string;
  readonly engine: Partial<ExploredEngine>;
  readonly steps: PipelineInput["steps"];
  readonly faults?: Partial<FaultSet>;
  readonly caughtBy: Invariant;
}

export const inline: Mutant["steps"] = [{ kind: "researcher", approval: { approvers: 2 } }, { kind: "documenter" }];
export const gated: Mutant["steps"] = [{ kind: "coder" }, { kind: "ci" }];

/** A decider that is given a changed run or command. */
export function seeing(change: (run: Run, command: Command) => readonly [Run, Command]): Decide {
  return (run, command, input, registries) =>
    run === null ? decide(run, command, input, registries) : decide(...change(run, command), input, registries);
}

/** A different fold, and a decider that uses it. */
export function folding(change: (after: Run, event: RunEventBody, before: Run) => Run): Engine {
  const fold: typeof evolve = (run, entry, registries) => {
    const after = evolve(run, entry, registries);
    return run === null ? after : change(after, entry.event, run);
  };
  return { evolve: fold, decide: (run, ...rest) => refolded(run, decide(run, ...rest), (state, event) => fold(state, event, rest[2])) };
}

export function refolded(run: Run | null, decision: Decision, fold: (run: Run, event: RunEvent) => Run): Decision {
  return run === null ? decision : { ...decision, run: decision.events.reduce(fold, run) };
}

export function currentKey(run: Run): string {
  const { activity } = currentStep(run);
  return activity.is === "effect" ? activity.effect.key : activity.is === "job" ? activity.job.key : "";
}

export const alive = (run: Run): Run => ({ ...run, phase: { is: "live" } });

/** A decider that is given a different conclusion where `isMisread` says so. */
export function misreading(isMisread: (states: readonly string[]) => boolean, conclusion: "success" | "failure"): Decide {
  return seeing((run, command) => {
    if (command.command !== "returned" || command.result.of !== "probe") return [run, command];
    if (!isMisread(command.result.checks.map(({ status }) => status))) return [run, command];
    const checks = [{ name: "test", status: "completed" as const, conclusion, url: null, completedAt: null, summary: null }];
    return [run, { ...command, result: { ...command.result, checks } }];
  });
}

/** A decider with a changed merge preset. */
export function withPreset(change: Partial<typeof PRESET>): Decide {
  return (run, command, input, registries) => decide(run, command, { ...input, preset: { ...input.preset, ...change } }, registries);
}

/** Changed consequences of a commit: each change is replaced by others, or left out. */
export function bringing(change: (change: Change, transition: TransitionResult) => readonly Change[]): Engine {
  return {
    consequences: (transition, input, stepKinds) => consequences(transition, input, stepKinds).flatMap((one) => change(one, transition)),
  };
}

/** The run with another activity of its current step. */
export function withActivity(run: Run, activity: Step["activity"]): Run {
  return { ...run, steps: run.steps.with(run.cursor, { ...currentStep(run), activity }) };
}

export function withOpenWait(run: Run, change: Partial<HumanWait>): Run {
  const wait = openWait(run);
  return wait === null ? run : withActivity(run, { is: "wait", wait: { ...wait, ...change } });
}

export const withOneApprover = (run: Run): Run => withOpenWait(run, { approvers: 1 });
