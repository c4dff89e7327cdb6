/** Engines whose commits are incomplete or wrong. */
import { decide, heldEffect, toRecord } from "@millrace/orchestration";
import { SECRET } from "../engine.logic.js";
import { bringing, folding, gated, inline, type Mutant } from "./mutant.logic.js";

export const commitMutants: readonly Mutant[] = [
  {
    name: "waits and keeps its wake-up",
    engine: bringing((change, { at }) => (change.change === "unwake" ? [{ ...change, change: "wake", at }] : [change])),
    steps: inline,
    caughtBy: "I5",
  },
  {
    name: "goes on without a wake-up",
    engine: bringing((change) =>
      change.change === "wake" ? [{ change: "unwake", workspaceId: change.workspaceId, runId: change.runId }] : [change],
    ),
    steps: inline,
    caughtBy: "I5",
  },
  {
    name: "waits and asks nobody",
    engine: bringing((change) => (change.change === "raise-notification" ? [] : [change])),
    steps: inline,
    caughtBy: "I5",
  },
  {
    name: "asks for what was answered",
    engine: bringing((change) => (change.change === "resolve-notification" ? [] : [change])),
    steps: inline,
    caughtBy: "I5",
  },
  {
    name: "pauses and tells nobody",
    engine: bringing((change) => (change.change === "raise-notification" && change.notification.type === "run_paused" ? [] : [change])),
    steps: inline,
    faults: { budget: true },
    caughtBy: "I5",
  },
  {
    name: "never takes a paused run up again",
    engine: {
      decide: (run, command, ...rest) =>
        run !== null && command.command === "release" && heldEffect(run) !== null
          ? { events: [], run, again: false }
          : decide(run, command, ...rest),
    },
    steps: inline,
    faults: { budget: true },
    caughtBy: "I5",
  },
  {
    name: "calls although the budget is spent",
    engine: { holdDecision: (decision) => decision },
    steps: inline,
    faults: { budget: true },
    caughtBy: "I9",
  },
  {
    name: "gives its block away while it stops",
    engine: {
      toRecord: (run, at) => {
        const record = toRecord(run, at);
        return record.status === "stopping" ? { ...record, status: "failed" } : record;
      },
    },
    steps: gated,
    caughtBy: "I8",
  },
  {
    name: "stores less than the run",
    engine: { toRecord: (run, at) => ({ ...toRecord(run, at), document: { ...run, pullRequest: null } }) },
    steps: gated,
    caughtBy: "I11",
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
  {
    name: "does not count an answer as a revision",
    engine: folding((after, event, before) => (event.type === "human-answered" ? { ...after, revision: before.revision } : after)),
    steps: inline,
    caughtBy: "I1",
  },
  {
    name: "copies the task's text into its run",
    engine: folding((after, event) =>
      event.type === "output-recorded" ? { ...after, pipeline: { ...after.pipeline, name: `for: use ${SECRET}` } } : after,
    ),
    steps: inline,
    caughtBy: "I12",
  },
];
