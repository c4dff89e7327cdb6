/** Engines that merge, or record a merge, when they must not. */
import type { Run, RunEvent, Verdict } from "@millrace/contracts";
import type { MergeResult, PullRequestState } from "@millrace/kernel";
import type { Command } from "@millrace/orchestration";
import { currentStep, decide, evolve, gateStateOf } from "@millrace/orchestration";
import { bringing, misreading, refolded, seeing, withOneApprover, withPreset, type Decide, type Mutant } from "./mutant.logic.js";

const steps: Mutant["steps"] = [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }];
/** Pushes by others suffice to expose defects of a merger. */
const faults: Mutant["faults"] = { failures: false, outsiders: false };

/** The merger takes the current base for the one that CI was green on. */
const anyBase: Decide = (run, command, input, registries) => {
  if (run === null || command.command !== "returned" || command.result.of !== "probe" || currentStep(run).definition.kind !== "merger")
    return decide(run, command, input, registries);
  const step = run.cursor - 1;
  const verdict = gateStateOf(run.steps[step]?.state ?? { kind: "" })?.verdict ?? null;
  const { state } = command.result;
  if (verdict === null) return decide(run, command, input, registries);
  const fact = { is: "verdict", verdict: { ...verdict, base: state.baseHead } };
  const told: RunEvent = { version: 1, at: command.at, actor: command.actor, event: { type: "fact-recorded", step, fact } };
  const blind: Command = { ...command, result: { ...command.result, state: { ...state, behind: false } } };
  const decision = decide(evolve(run, told, registries), blind, input, registries);
  return { ...decision, events: [told, ...decision.events] };
};

/** Changes what a look at the pull request says to the merger, with the verdict of the gate before it at hand. */
function seen(change: (state: PullRequestState, verdict: Verdict) => PullRequestState): Decide {
  return seeing((run, command) => {
    if (command.command !== "returned" || command.result.of !== "probe" || currentStep(run).definition.kind !== "merger")
      return [run, command];
    const verdict = verdictBefore(run);
    return [run, verdict === null ? command : { ...command, result: { ...command.result, state: change(command.result.state, verdict) } }];
  });
}

function verdictBefore(run: Run): Verdict | null {
  return gateStateOf(run.steps[run.cursor - 1]?.state ?? { kind: "" })?.verdict ?? null;
}

/** The merger takes the settings now in force for those that CI was green under. */
const blindToSettings: Decide = (run, command, input, registries) => {
  const verdict = run === null ? null : verdictBefore(run);
  return decide(run, command, verdict === null ? input : { ...input, checkPolicyDigest: verdict.settings }, registries);
};

/** A run whose merge may have landed fails without a look. */
const hastyEnd: Decide = (run, command, input, registries) => {
  const decision = decide(run, command, input, registries);
  if (run === null || command.command !== "failed") return decision;
  const events = decision.events.map((entry): RunEvent => {
    const { event } = entry;
    if (event.type !== "stop-requested" || event.then.is !== "failed") return entry;
    return { ...entry, event: { type: "run-failed", failure: event.then.failure } };
  });
  return refolded(run, { ...decision, events }, (state, event) => evolve(state, event, registries));
};

/** The merger does not see that an earlier run has landed its task. */
const landedTwice: Decide = (run, command, input, registries) =>
  decide(run, command, { ...input, block: { ...input.block, merged: null } }, registries);

/** The end of a run does not see that its change has landed. */
const blindStop: Decide = seeing((run, command) => [run, command.command === "stopped" ? { ...command, merged: null } : command]);

/** Changes the forge's answer to a merge. */
function mergeAnswered(change: (result: MergeResult) => MergeResult): Decide {
  return seeing((run, command) => {
    if (command.command !== "returned" || command.result.of !== "merge") return [run, command];
    return [run, { ...command, result: { of: "merge", result: change(command.result.result) } }];
  });
}

export const mergeMutants: readonly Mutant[] = [
  {
    name: "says done when it asks for the merge",
    engine: bringing((change, { after }) => {
      const { activity } = currentStep(after);
      const isMerging = activity.is === "effect" && activity.effect.request.do === "merge";
      return change.change === "patch-block" && isMerging ? [{ ...change, patch: { ...change.patch, status: "done" } }] : [change];
    }),
    steps,
    faults,
    caughtBy: "I3",
  },
  {
    name: "takes a refused merge for a merge",
    engine: {
      decide: mergeAnswered((result) =>
        result.is === "refused" ? { is: "merged", commit: "a".repeat(40), head: "a".repeat(40), base: "b".repeat(40) } : result,
      ),
    },
    steps,
    faults,
    caughtBy: "I3",
  },
  {
    name: "F:A1 merges a pull request that points at another base",
    engine: { decide: seen((state) => (state.state === "open" ? { ...state, base: "main" } : state)) },
    steps,
    faults: { ...faults, moves: false, outsiders: true },
    caughtBy: "I3",
  },
  {
    name: "F:A1 takes a merge into another base for its own",
    engine: { decide: seen((state) => (state.state === "merged" ? { ...state, base: "main" } : state)) },
    steps,
    faults: { ...faults, moves: false, outsiders: true },
    caughtBy: "I3",
  },
  {
    name: "F:A2 merges although the forge judges by other checks",
    engine: { decide: seen((state, { checkSettings }) => ({ ...state, checkSettings })) },
    steps,
    faults: { ...faults, moves: false, settings: true },
    caughtBy: "I3",
  },
  {
    name: "F:A3 merges under settings that are no longer in force",
    engine: { decide: blindToSettings },
    steps,
    faults: { ...faults, moves: false, settings: true },
    caughtBy: "I3",
  },
  {
    name: "F:A10 merges by its scores where people are to merge",
    engine: { decide: withPreset({ who: "automatic" }) },
    steps,
    faults: { ...faults, moves: false, settings: true },
    caughtBy: "I3",
  },
  {
    name: "F:A6 does not hear at rest that its change has landed",
    engine: {
      decide: (run, command, ...rest) =>
        run !== null && command.command === "landed" ? { events: [], run, pollAgain: false } : decide(run, command, ...rest),
    },
    steps,
    faults: { ...faults, moves: false, outsiders: true },
    caughtBy: "I3",
  },
  {
    name: "F:A7 ends at once although its merge may have landed",
    engine: { decide: hastyEnd },
    steps,
    faults: { ...faults, moves: false, failures: true },
    caughtBy: "I3",
  },
  {
    name: "F:A6 does not see at its end that its change has landed",
    engine: { decide: blindStop },
    steps,
    faults: { ...faults, outsiders: true },
    caughtBy: "I3",
  },
  {
    name: "asks for a merge although the task has landed",
    engine: { decide: landedTwice },
    steps,
    faults: { ...faults, lateMerges: true },
    caughtBy: "I3",
  },
  { name: "merges into any base", engine: { decide: anyBase }, steps, faults, caughtBy: "I3" },
  { name: "merges above the thresholds", engine: { decide: withPreset({ maxComplexity: 1 }) }, steps, faults, caughtBy: "I3" },
  {
    name: "merges with one approval of two",
    engine: { decide: seeing((run, command) => [withOneApprover(run), command]) },
    steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger", approval: { approvers: 2 } }],
    faults,
    caughtBy: "I3",
  },
  {
    name: "takes no checks for green",
    engine: { decide: misreading((states) => states.length === 0, "success") },
    steps,
    faults,
    caughtBy: "I3",
  },
];
