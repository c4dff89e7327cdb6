/** Engines that accept what they must refuse. */
import { heldEffect, openWait } from "@millrace/orchestration";
import { alive, currentKey, gated, inline, seeing, withActivity, withOneApprover, withOpenWait, type Mutant } from "./mutant.logic.js";

export const answerMutants: readonly Mutant[] = [
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
      decide: seeing((run, command) => [
        run,
        command.command === "answer" ? { ...command, subject: openWait(run)?.subject ?? "" } : command,
      ]),
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
    engine: { decide: seeing((run, command) => [withOneApprover(run), command]) },
    steps: inline,
    caughtBy: "P5",
  },
  {
    name: "counts one person twice",
    engine: {
      decide: seeing((run, command) => [withOpenWait(run, { approvedBy: openWait(run)?.approvedBy.map(() => "nobody") ?? [] }), command]),
    },
    steps: inline,
    caughtBy: "P5",
  },
  {
    name: "lets one edit what two approve",
    engine: {
      decide: seeing((run, command) => [
        command.command === "answer" && command.answer.answer === "approve" && command.answer.edited !== null ? withOneApprover(run) : run,
        command,
      ]),
    },
    steps: inline,
    caughtBy: "P5",
  },
  {
    name: "finishes without asking for its approval",
    engine: {
      decide: seeing((run, command) => [
        {
          ...run,
          steps: run.steps.map((step) => ({ ...step, approved: step.approved ?? { by: [], subject: "", at: command.at } })),
        },
        command,
      ]),
    },
    steps: inline,
    caughtBy: "P5",
  },
  {
    name: "takes a result while it is paused",
    engine: {
      decide: seeing((run, command) => {
        const held = heldEffect(run);
        if (held === null || !("key" in command)) return [run, command];
        return [withActivity(run, { is: "effect", effect: { ...held, hold: null } }), command];
      }),
    },
    steps: inline,
    faults: { budget: true },
    caughtBy: "I1",
  },
];
