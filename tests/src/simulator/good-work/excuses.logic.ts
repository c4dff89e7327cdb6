/**
 * What excuses a run that ended without having arrived (I14). Each excuse is a fact of that run's history that the world itself witnessed:
 * something a person did to it, something its own agents did, something that is wrong with its own change, or a limit of patience that
 * was really used up by looking. That a fault was injected somewhere excuses nothing, nor does an outage: those are waited out.
 */
import type { Run, RunEvent, RunFailure } from "@millrace/contracts";
import type { SimulatedCi } from "../ci.js";
import { isGood } from "../good-tree.logic.js";
import type { Tree } from "@millrace/testing";
import type { Witness } from "./witness.js";

/** What is known of a run that has failed. */
export interface FailedRun {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  readonly branch: string;
  readonly witness: Witness;
  readonly ci: SimulatedCi;
  /** The head of its branch and what is in it; null when there is no branch. */
  readonly head: { readonly sha: string; readonly tree: Tree } | null;
  /** Whether its branch conflicts with the base in content. */
  readonly conflicts: boolean;
  /** Whether its change has landed, whoever merged it. */
  readonly hasLanded: boolean;
  /** Calls of the forge about its branch, and polls of its job, since its last effect was asked for. */
  readonly calls: number;
  readonly polls: number;
  /** Time since its last effect was asked for, in ms. */
  readonly waitedMs: number;
  /** What others did since the run began. */
  readonly since: { readonly baseMoves: number; readonly ruleChanges: number; readonly pushes: number };
  /** Whether the forge cannot say of its pull request what a gate asks. */
  readonly isUndecided: boolean;
}

/** Looks of one process that use up the patience of a gate, and of a job: two of them count as three poll intervals at most. */
const LOOKS_OF_A_GATE = 8;
const POLLS_OF_A_JOB = 14;
/** A job that nothing could be seen of for so long is overdue. */
const OUT_OF_SIGHT_MS = 24 * 60 * 60_000;
/** As in the merger: what may send a run back to its gates, and the base may move, before it gives up. */
const REVISITS = 10;
const BASE_MOVES = 100;

/** Why the run need not have arrived; null when nothing excuses it. */
export function excuseOf(failed: FailedRun): string | null {
  const { run, events, witness, branch, hasLanded } = failed;
  if (isStoppedByPerson(events)) return "a person stopped it";
  if (hasLanded) return "its change has landed";
  const failure = failureOf(run, events);
  if (failure === null) return null;
  const number = run.pullRequest?.number ?? 0;
  switch (failure.code) {
    case "timed_out":
      return when(failed.polls >= POLLS_OF_A_JOB || failed.waitedMs >= OUT_OF_SIGHT_MS, "its job was seen at work for too long");
    case "gate_timeout":
      return when(failed.calls >= LOOKS_OF_A_GATE && failed.isUndecided, "the forge had no answer, however often it was asked");
    case "merge_timeout":
      return when(failed.calls >= LOOKS_OF_A_GATE, "the forge's own queue did not land it");
    case "pull_request_closed":
      return when(witness.closed.has(number), "a person closed its pull request");
    case "pull_request_retargeted":
      return when(witness.retargeted.has(number), "a person pointed its pull request at another base");
    case "forge_refused":
      return (
        when(witness.dropped.has(number), "the forge's own queue took it out, or did not take it") ??
        when(witness.retargeted.has(number), "a person pointed its pull request at another base") ??
        when(failed.since.ruleChanges > 0 && failed.calls >= LOOKS_OF_A_GATE, "the rules of the base ask for what is never reported")
      );
    case "base_keeps_moving":
      return when(
        failed.since.baseMoves >= BASE_MOVES || failed.since.pushes + failed.since.ruleChanges >= REVISITS,
        "others kept changing what it stands on",
      );
    case "model_missing":
    case "agent_login":
      return when(
        witness.deedsOf(run.id, failure.step).some(({ is, code }) => is === "refused" && code === failure.code),
        "its model or its credential was taken away",
      );
    case "no_pull_request":
      return when(witness.isClosed(branch), "a person closed its pull request while its agent worked");
    default:
      return byKind(failed, failure);
  }
}

function byKind(failed: FailedRun, { kind, step }: Pick<RunFailure, "kind" | "code" | "step">): string | null {
  const { witness, run, events, head, ci, since } = failed;
  const did = witness.deedsOf(run.id, step);
  const erred = did.find(({ is }) => is !== "ordinary" && is !== "none");
  const answered = did.find(({ is }) => is === "none");
  const byAgent = erred === undefined ? null : `its agent did this: ${erred.is}`;
  switch (kind) {
    case "rejected":
      return when(
        events.some(({ event }) => event.type === "human-answered" && event.answer.answer === "reject"),
        "a person said no",
      );
    case "gate_exhausted":
      return (
        when(head !== null && !isGood(head.tree), "its tests fail") ??
        when(head !== null && ci.hasFlaked(head.sha), "its tests failed although nothing is wrong with it") ??
        when(failed.conflicts, "it conflicts with the base") ??
        when(since.pushes > 0, "somebody else pushed to its branch") ??
        byAgent
      );
    case "companion_rejected":
      return byAgent ?? (answered === undefined ? null : "an agent said no");
    default:
      return byAgent ?? (answered === undefined ? null : "an agent said no");
  }
}

/** The failure of a run, also of one that was not seen to end. */
function failureOf({ phase }: Run, events: readonly RunEvent[]): Pick<RunFailure, "kind" | "code" | "step"> | null {
  for (const { event } of events) if (event.type === "stop-requested" && event.then.is === "failed") return event.then.failure;
  return phase.is === "failed" ? phase.failure : null;
}

function isStoppedByPerson(events: readonly RunEvent[]): boolean {
  return events.some(({ event, actor }) => event.type === "stop-requested" && actor.type === "human");
}

function when(isSo: boolean, excuse: string): string | null {
  return isSo ? excuse : null;
}
