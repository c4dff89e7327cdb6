/** Engines that are broken on purpose, each in one way: an invariant that lets one through checks nothing. */
import type { PipelineInput, Run, RunEvent, RunEventBody } from "@millrace/contracts";
import {
  consequences,
  currentStep,
  decide,
  due,
  evolve,
  gateStateOf,
  openWait,
  type Command,
  type Decision,
} from "@millrace/orchestration";
import type { ExplorationOptions, ExplorationViolation } from "../index.js";
import { PRESET } from "./engine.logic.js";

type Engine = NonNullable<ExplorationOptions["engine"]>;
type Decide = typeof decide;

interface Mutant {
  readonly name: string;
  readonly engine: Engine;
  readonly steps: PipelineInput["steps"];
  readonly caughtBy: ExplorationViolation["invariant"];
}

const inline: PipelineInput["steps"] = [{ kind: "researcher", approval: { approvers: 2 } }, { kind: "documenter" }];
const reviewed: PipelineInput["steps"] = [{ kind: "coder" }, { kind: "reviewer" }];
const gated: PipelineInput["steps"] = [{ kind: "coder" }, { kind: "ci" }];
const merging: PipelineInput["steps"] = [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }];

/** Decides on a run, or a command, that was changed before the decider saw it. */
function seeing(change: (run: Run, command: Command) => readonly [Run, Command]): Decide {
  return (run, command, facts, registries) =>
    run === null ? decide(run, command, facts, registries) : decide(...change(run, command), facts, registries);
}

/** A fold that does something else, and a decider that goes on from there. */
function folding(change: (after: Run, event: RunEventBody, before: Run) => Run): Engine {
  const fold: typeof evolve = (run, entry, registries) => {
    const after = evolve(run, entry, registries);
    return run === null ? after : change(after, entry.event, run);
  };
  return { evolve: fold, decide: (run, ...rest) => refolded(run, decide(run, ...rest), (state, event) => fold(state, event, rest[2])) };
}

function refolded(run: Run | null, decision: Decision, fold: (run: Run, event: RunEvent) => Run): Decision {
  return run === null ? decision : { ...decision, run: decision.events.reduce(fold, run) };
}

function currentKey(run: Run): string {
  const { activity } = currentStep(run);
  return activity.is === "effect" ? activity.effect.key : activity.is === "job" ? activity.job.key : "";
}

const alive = (run: Run): Run => ({ ...run, phase: { is: "live" } });

/** The merger takes whatever base it sees for the one CI was green on. */
const anyBase: Decide = (run, command, facts, registries) => {
  if (run === null || command.command !== "returned" || command.result.of !== "probe" || currentStep(run).definition.kind !== "merger")
    return decide(run, command, facts, registries);
  const step = run.cursor - 1;
  const verdict = gateStateOf(run.steps[step]?.role ?? { role: "" })?.verdict ?? null;
  const { state } = command.result;
  if (verdict === null) return decide(run, command, facts, registries);
  const fact = { is: "verdict", verdict: { ...verdict, base: state.baseHead } };
  const told: RunEvent = { version: 1, at: command.at, actor: command.actor, event: { type: "fact-recorded", step, fact } };
  const blind: Command = { ...command, result: { ...command.result, state: { ...state, behind: false } } };
  const decision = decide(evolve(run, told, registries), blind, facts, registries);
  return { ...decision, events: [told, ...decision.events] };
};

/** A stop is final at once, whatever still runs. */
const hastyStop: Decide = (run, command, facts, registries) => {
  const first = decide(run, command, facts, registries);
  if (command.command !== "stop" || first.events.length === 0) return first;
  const then = decide(first.run, { command: "stopped", at: command.at, actor: command.actor }, facts, registries);
  return { ...then, events: [...first.events, ...then.events] };
};

/** Checks as the gate sees them, replaced where `from` says so. */
function misreading(isMisread: (states: readonly string[]) => boolean, conclusion: "success" | "failure"): Decide {
  return seeing((run, command) => {
    if (command.command !== "returned" || command.result.of !== "probe") return [run, command];
    if (!isMisread(command.result.checks.map(({ status }) => status))) return [run, command];
    const checks = [{ name: "test", status: "completed" as const, conclusion, url: null, completedAt: null, summary: null }];
    return [run, { ...command, result: { ...command.result, checks } }];
  });
}

function withPreset(change: Partial<typeof PRESET>): Decide {
  return (run, command, facts, registries) => decide(run, command, { ...facts, preset: { ...facts.preset, ...change } }, registries);
}

export const mutants: readonly Mutant[] = [
  {
    name: "takes a result under any key",
    engine: { decide: seeing((run, command) => [run, "key" in command ? { ...command, key: currentKey(run) } : command]) },
    steps: inline,
    caughtBy: "I1",
  },
  {
    name: "goes on although it was stopped",
    engine: { decide: seeing((run, command) => ["key" in command && run.phase.is === "stopping" ? alive(run) : run, command]) },
    steps: inline,
    caughtBy: "I1",
  },
  {
    name: "takes results after its end",
    engine: { decide: seeing((run, command) => ["key" in command && run.phase.is === "failed" ? alive(run) : run, command]) },
    steps: gated,
    caughtBy: "I4",
  },
  {
    name: "ignores the digest",
    engine: {
      decide: seeing((run, command) => [run, command.command === "answer" ? { ...command, shown: openWait(run)?.shown ?? "" } : command]),
    },
    steps: inline,
    caughtBy: "P5",
  },
  {
    name: "takes an answer for any wait",
    engine: {
      decide: seeing((run, command) => [run, command.command === "answer" ? { ...command, wait: openWait(run)?.id ?? "" } : command]),
    },
    steps: inline,
    caughtBy: "P5",
  },
  {
    name: "lets an agent approve",
    engine: {
      decide: seeing((run, command) => [
        run,
        command.command === "answer" ? { ...command, actor: { type: "human", id: command.actor.id } } : command,
      ]),
    },
    steps: inline,
    caughtBy: "P5",
  },
  {
    name: "finishes with one approval of two",
    engine: {
      decide: seeing((run, command) => [
        {
          ...run,
          steps: run.steps.map((step) =>
            step.activity.is === "wait" ? { ...step, activity: { is: "wait", wait: { ...step.activity.wait, approvers: 1 } } } : step,
          ),
        },
        command,
      ]),
    },
    steps: inline,
    caughtBy: "P5",
  },
  {
    name: "waits and keeps its wake-up",
    engine: {
      consequences: (transition, facts, stepKinds) =>
        consequences(transition, facts, stepKinds).map((change) =>
          change.change === "unwake" ? { ...change, change: "wake", at: transition.at } : change,
        ),
    },
    steps: inline,
    caughtBy: "I5",
  },
  {
    name: "waits and asks nobody",
    engine: {
      consequences: (transition, facts, stepKinds) =>
        consequences(transition, facts, stepKinds).filter(({ change }) => change !== "raise-notification"),
    },
    steps: inline,
    caughtBy: "I5",
  },
  {
    name: "says done when it asks for the merge",
    engine: {
      consequences: (transition, facts, stepKinds) => {
        const { activity } = currentStep(transition.after);
        const isMerging = activity.is === "effect" && activity.effect.request.do === "merge";
        return consequences(transition, facts, stepKinds).map((change) =>
          change.change === "patch-block" && isMerging ? { ...change, patch: { ...change.patch, status: "done" } } : change,
        );
      },
    },
    steps: merging,
    caughtBy: "I3",
  },
  {
    name: "rework leaves the later steps done",
    engine: folding((after, event) =>
      event.type === "rework-requested"
        ? {
            ...after,
            steps: after.steps.map((step, index) =>
              index > event.from && index <= event.to ? { ...step, activity: { is: "done" } } : step,
            ),
          }
        : after,
    ),
    steps: reviewed,
    caughtBy: "I7",
  },
  {
    name: "rework uses the keys of the attempt before",
    engine: {
      decide: (run, ...rest) => {
        const decision = decide(run, ...rest);
        const again = (key: string): string => key.replace(/\/\d+\/([a-z-]+)\.\d+$/, "/1/$1.1");
        const rekeyed = decision.events.map((entry): RunEvent => {
          const { event } = entry;
          return event.type === "effect-requested"
            ? { ...entry, event: { ...event, effect: { ...event.effect, key: again(event.effect.key) } } }
            : entry;
        });
        return refolded(run, { ...decision, events: rekeyed }, (state, event) => evolve(state, event, rest[2]));
      },
    },
    steps: reviewed,
    caughtBy: "I10",
  },
  {
    name: "rework forgets the approval a step needs",
    engine: folding((after, event) =>
      event.type === "rework-requested"
        ? { ...after, steps: after.steps.map((step) => ({ ...step, definition: { ...step.definition, approval: null } })) }
        : after,
    ),
    steps: [{ kind: "coder", approval: { approvers: 1 } }, { kind: "reviewer" }],
    caughtBy: "I13",
  },
  {
    name: "its events do not tell of the pull request",
    engine: {
      decide: (...args) => {
        const decision = decide(...args);
        return { ...decision, events: decision.events.filter(({ event }) => event.type !== "pull-request-recorded") };
      },
    },
    steps: gated,
    caughtBy: "I11",
  },
  { name: "merges into any base", engine: { decide: anyBase }, steps: merging, caughtBy: "I3" },
  { name: "merges above the thresholds", engine: { decide: withPreset({ maxComplexity: 1 }) }, steps: merging, caughtBy: "I3" },
  {
    name: "takes no checks for green",
    engine: { decide: misreading((states) => states.length === 0, "success") },
    steps: merging,
    caughtBy: "I3",
  },
  {
    name: "sends a helper while checks still run",
    engine: { decide: misreading((states) => states.includes("in_progress"), "failure") },
    steps: gated,
    caughtBy: "P1",
  },
  {
    name: "sends one helper too many",
    engine: { decide: withPreset({ ciMaxAttempts: PRESET.ciMaxAttempts + 1 }) },
    steps: gated,
    caughtBy: "I6",
  },
  {
    name: "does not count its visits to the gates",
    engine: folding((after, event, before) =>
      event.type === "fact-recorded" && event.fact.is === "revisit" ? { ...before, revision: after.revision } : after,
    ),
    steps: merging,
    caughtBy: "I6",
  },
  { name: "is stopped before the exit was seen", engine: { decide: hastyStop }, steps: gated, caughtBy: "P9" },
  {
    name: "forgets the job when it stops",
    engine: {
      due: (run) => {
        const next = due(run);
        return next.is === "stop" ? { ...next, job: null } : next;
      },
    },
    steps: gated,
    caughtBy: "P9",
  },
  {
    name: "takes a job for running that nobody started",
    engine: {
      decide: seeing((run, command) => {
        if (command.command !== "failed" || !command.passing) return [run, command];
        return [run, { ...command, command: "returned", result: { of: "start-job", handle: { key: command.key, ref: "", model: null } } }];
      }),
    },
    steps: gated,
    caughtBy: "I2",
  },
];
