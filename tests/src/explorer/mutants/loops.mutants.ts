/** Engines that lose track of steps, loops and jobs. */
import type { RunEvent } from "@millrace/contracts";
import { currentStep, decide, due, evolve } from "@millrace/orchestration";
import { NOW, PRESET } from "../engine.logic.js";
import { folding, gated, inline, misreading, refolded, seeing, withPreset, type Decide, type Mutant } from "./mutant.logic.js";

const reviewed: Mutant["steps"] = [{ kind: "coder" }, { kind: "reviewer" }];
const merging: Mutant["steps"] = [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }];

/** Ends a run at its stop, although a job still runs. */
const hastyStop: Decide = (run, command, input, registries) => {
  const first = decide(run, command, input, registries);
  if (command.command !== "stop" || first.events.length === 0) return first;
  const then = decide(first.run, { command: "stopped", at: command.at, actor: command.actor }, input, registries);
  return { ...then, events: [...first.events, ...then.events] };
};

export const loopMutants: readonly Mutant[] = [
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
    faults: { failures: false, outsiders: false },
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
    name: "takes a job for running that was never started",
    engine: {
      decide: seeing((run, command) => {
        if (command.command !== "failed" || !command.passing) return [run, command];
        return [run, { ...command, command: "returned", result: { of: "start-job", handle: { key: command.key, ref: "", model: null } } }];
      }),
    },
    steps: gated,
    caughtBy: "I2",
  },
  {
    name: "asks for a second job when a reply is lost",
    engine: {
      decide: (run, command, input, registries) => {
        const decision = decide(run, command, input, registries);
        const { activity } = currentStep(decision.run);
        if (command.command !== "failed" || activity.is !== "effect" || activity.effect.request.do !== "start-job") return decision;
        const effect = { ...activity.effect, key: `${activity.effect.key}0` };
        const again: RunEvent = {
          version: 1,
          at: NOW,
          actor: command.actor,
          event: { type: "effect-requested", step: decision.run.cursor, effect },
        };
        return { ...decision, events: [...decision.events, again], run: evolve(decision.run, again, registries) };
      },
    },
    steps: gated,
    caughtBy: "I2",
  },
  {
    name: "is done after its first step",
    engine: folding((after, event) => (event.type === "step-finished" ? { ...after, phase: { is: "done", at: NOW } } : after)),
    steps: inline,
    caughtBy: "I7",
  },
  {
    name: "tries for ever",
    engine: folding((after, event, before) => (event.type === "effect-failed" ? { ...before, revision: after.revision } : after)),
    steps: inline,
    caughtBy: "I6",
  },
  {
    name: "lets a companion send back once more than it may",
    engine: {
      decide: seeing((run, command) => [
        {
          ...run,
          steps: run.steps.map((step) => ({
            ...step,
            state: typeof step.state["maxReworks"] === "number" ? { ...step.state, maxReworks: 9 } : step.state,
          })),
        },
        command,
      ]),
    },
    steps: reviewed,
    caughtBy: "I6",
  },
];
