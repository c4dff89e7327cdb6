/** Engines that lose good work, or pay for it twice. */
import type { Run, RunEvent, StepState } from "@millrace/contracts";
import { currentStep, decide, evolve, type Command } from "@millrace/orchestration";
import { NOW } from "../engine.logic.js";
import { bringing, folding, gated, inline, refolded, seeing, type Decide, type Mutant } from "./mutant.logic.js";

const merging: Mutant["steps"] = [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }];
const quiet: Mutant["faults"] = { failures: false, moves: false, outsiders: false };
const contended: Mutant["faults"] = { ...quiet, contention: true };
const disturbed: Mutant["faults"] = { ...quiet, hostFaults: true };

type ReturnedCommand = Extract<Command, { command: "returned" }>;
type FailedCommand = Extract<Command, { command: "failed" }>;

const onReturn = (change: (command: ReturnedCommand) => Command): Decide =>
  seeing((run, command) => [run, command.command === "returned" ? change(command) : command]);
const onFailure = (change: (command: FailedCommand) => Command): Decide =>
  seeing((run, command) => [run, command.command === "failed" ? change(command) : command]);

/** A job whose executor is out of order is paused, as if it had not begun. */
const holdingPolls: Decide = (run, command, input, registries) => {
  const decision = decide(run, command, input, registries);
  if (run === null || command.command !== "failed" || command.code !== "unavailable" || currentStep(run).activity.is !== "job")
    return decision;
  const hold = { because: "outage", until: command.at + 1, message: command.message } as const;
  const held: RunEvent = {
    version: 1,
    at: command.at,
    actor: command.actor,
    event: { type: "effect-held", step: run.cursor, key: command.key, hold },
  };
  return refolded(run, { ...decision, events: [...decision.events, held] }, (state, event) => evolve(state, event, registries));
};

/** A defect ends the run beside the job that runs. */
const hastyDefect: Decide = (run, command, input, registries) => {
  const first = decide(run, command, input, registries);
  if (command.command !== "defect" || first.run.phase.is !== "stopping") return first;
  const then = decide(first.run, { command: "stopped", at: command.at, actor: command.actor }, input, registries);
  return { ...then, events: [...first.events, ...then.events] };
};

function withState(run: Run, index: number, change: Partial<StepState>): Run {
  return { ...run, steps: run.steps.map((step, at) => (at === index ? { ...step, state: { ...step.state, ...change } } : step)) };
}

/** A base that moved is counted, and bounded, as a visit for any other reason. */
const counting = folding((after, event, before) => {
  if (event.type !== "fact-recorded" || event.fact.is !== "revisit" || event.fact["baseMoved"] !== true) return after;
  const was = before.steps[event.step]?.state;
  return withState(after, event.step, { baseMoves: was?.["baseMoves"], revisits: Number(was?.["revisits"]) + 1 });
});
const MOST_VISITS = 10;
const MOST_MOVES = 100;
const countingContention: Mutant["engine"] = {
  ...counting,
  decide: (run, ...rest) => {
    if (run === null) return decide(run, ...rest);
    const steps = run.steps.map(({ state, ...step }) => {
      const isSpent = Number(state["revisits"]) >= MOST_VISITS;
      return { ...step, state: isSpent ? { ...state, baseMoves: MOST_MOVES } : state };
    });
    return refolded(run, decide({ ...run, steps }, ...rest), (state, event) => counting.evolve?.(state, event, rest[2]) ?? state);
  },
};

export const livenessMutants: readonly Mutant[] = [
  {
    name: "F:C1 counts a base that moved as a visit of its own",
    engine: countingContention,
    steps: merging,
    faults: contended,
    caughtBy: "I14",
  },
  {
    name: "F:C1 binds its assessment to the base",
    engine: {
      decide: onReturn((command) => (command.result.of === "probe" ? { ...command, result: { ...command.result, diff: null } } : command)),
    },
    steps: merging,
    faults: contended,
    caughtBy: "I14",
  },
  {
    name: "F:C1 keeps its place in line while it waits for people",
    engine: bringing((change) => (change.change === "leave-landing-queue" ? [] : [change])),
    steps: merging,
    faults: { ...quiet, settings: true },
    caughtBy: "I14",
  },
  {
    name: "F:C1 believes in a place that it gave up",
    engine: folding((after, event, before) => {
      if (event.type !== "fact-recorded" || event.fact.is !== "revisit") return after;
      return withState(after, event.step, { place: before.steps[event.step]?.state["place"] });
    }),
    steps: [{ kind: "coder" }, { kind: "ci", approval: { approvers: 1 } }, { kind: "merger" }],
    faults: { ...quiet, settings: true },
    caughtBy: "I14",
  },
  {
    name: "F:C1 takes any place in line for the first",
    engine: {
      decide: onReturn((command) =>
        command.result.of === "call" && command.result.name === "take-place"
          ? { ...command, result: { ...command.result, value: { ahead: 0 } } }
          : command,
      ),
    },
    steps: merging,
    faults: quiet,
    caughtBy: "I14",
  },
  {
    name: "F:C2 counts the time in which nothing looked",
    engine: { decide: onReturn(({ lookedMs: _, ...command }) => command) },
    steps: gated,
    faults: disturbed,
    caughtBy: "I14",
  },
  {
    name: "F:C2 fails when a service is out of order for long",
    engine: { decide: onFailure((command) => ({ ...command, code: command.code === "unavailable" ? "model_failed" : command.code })) },
    steps: inline,
    faults: disturbed,
    caughtBy: "I14",
  },
  {
    name: "F:C2 holds a job that cannot be asked",
    engine: { decide: holdingPolls },
    steps: gated,
    faults: disturbed,
    caughtBy: "I5",
  },
  {
    name: "F:C3 takes every failure for final",
    engine: { decide: onFailure((command) => ({ ...command, passing: false })) },
    steps: inline,
    faults: { ...quiet, failures: true },
    caughtBy: "I14",
  },
  {
    name: "F:C4 fails when the branch moved while it was updated",
    engine: {
      decide: seeing((run, command) => {
        const isMoved =
          command.command === "returned" && command.result.of === "update-branch" && command.result.result.is === "head-moved";
        if (!isMoved) return [run, command];
        const { at, actor, key } = command;
        return [run, { command: "failed", at, actor, key, code: "forge_refused", message: "it moved", passing: false }];
      }),
    },
    steps: gated,
    faults: { ...quiet, moves: true },
    caughtBy: "I14",
  },
  {
    name: "F:C6 tries again for ever when a step kind throws",
    engine: {
      decide: (run, command, ...rest) =>
        run !== null && command.command === "defect" ? { events: [], run, pollAgain: false } : decide(run, command, ...rest),
    },
    steps: inline,
    faults: quiet,
    caughtBy: "I5",
  },
  {
    name: "F:C6 ends beside its job when a step kind throws",
    engine: { decide: hastyDefect },
    steps: gated,
    faults: quiet,
    caughtBy: "P9",
  },
  {
    name: "F:C9 takes a clock that stepped back for time that passed",
    engine: {
      decide: onReturn(({ lookedMs: _, ...command }) => (command.at < NOW ? { ...command, at: NOW + (NOW - command.at) } : command)),
    },
    steps: gated,
    faults: disturbed,
    caughtBy: "I14",
  },
  {
    name: "F:C11 sends a fixer for what is red on the base as well",
    engine: {
      decide: onReturn((command) =>
        command.result.of === "probe" ? { ...command, result: { ...command.result, baseChecks: [] } } : command,
      ),
    },
    steps: gated,
    faults: disturbed,
    caughtBy: "P1",
  },
  {
    name: "F:C11 sends a fixer for a check that cannot run",
    engine: {
      decide: onReturn((command) => {
        if (command.result.of !== "probe") return command;
        const checks = command.result.checks.map((one) =>
          one.conclusion === "action_required" ? { ...one, conclusion: "failure" as const } : one,
        );
        return { ...command, result: { ...command.result, checks } };
      }),
    },
    steps: gated,
    faults: disturbed,
    caughtBy: "P1",
  },
];
