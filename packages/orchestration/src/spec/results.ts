/** Results of effects and jobs. Each has a plain default; a test overrides the members that matter to it. */
import type { Check, Digest, OutputRef, PullRequestRef, WorkObservation } from "@millrace/contracts";
import type { PullRequestState } from "@millrace/kernel";
import type { EffectResult, RecordedAnswer } from "../run/model/command.js";

/** A commit id of 40 hex digits, all of them `digit`. */
export function sha(digit: string): string {
  return digit.repeat(40);
}

/** A reference to a stored text; two with the same digest are the same text. */
export function outputRef(digest: string): OutputRef {
  return { key: `out/${digest}`, digest, chars: 3 };
}

/** The pull request that observed work is pushed to. */
export const pullRequest: PullRequestRef = { id: "pr7", number: 7, url: "https://forge.invalid/7", branch: "work", base: "main" };

/** An agent's answer as it is recorded: prose, without a structured product and without a question, from `model-1`. */
export function recordedAnswer(text: string, patch: Partial<RecordedAnswer> = {}): RecordedAnswer {
  return { output: outputRef(text), excerpt: text, product: { is: "none" }, question: null, model: "model-1", ...patch };
}

/** For the last argument of `agentAnswer` and `finishedJob`: a structured answer that is valid for its agent kind. */
export function validProduct(value: unknown): Partial<RecordedAnswer> {
  return { product: { is: "valid", value } };
}

/** The answer of an agent that was asked in one call, without a job. */
export function agentAnswer(text: string, patch: Partial<RecordedAnswer> = {}): EffectResult {
  return { of: "ask-agent", answer: recordedAnswer(text, patch) };
}

/** Observation of a job that kept to its contract: one commit, `sha("1")` to `sha("2")`, pushed to `pullRequest`. */
export function workObservation(patch: Partial<WorkObservation> = {}): WorkObservation {
  return {
    branch: "work",
    headBefore: sha("1"),
    headAfter: sha("2"),
    commits: 1,
    treeChanged: true,
    uncommitted: [],
    rewritten: false,
    foreignCommits: [],
    strayRefs: [],
    outsideScope: [],
    undeliverable: [],
    conflictMarkers: [],
    remoteHead: sha("2"),
    pullRequest,
    exit: { code: 0, signal: null },
    turn: "completed",
    claims: { pullRequestUrl: null, commit: null },
    ...patch,
  };
}

/** Observation of a job that only read: no commit, the head as it was. */
export const unchangedWork: WorkObservation = workObservation({
  commits: 0,
  treeChanged: false,
  headAfter: sha("1"),
  remoteHead: sha("1"),
});

/** A job that ended by itself with an answer. Null as observation: its executor saw nothing of the work. */
export function finishedJob(
  text: string,
  observed: WorkObservation | null = workObservation(),
  patch: Partial<RecordedAnswer> = {},
): EffectResult {
  return { of: "job", outcome: { is: "finished", answer: recordedAnswer(text, patch), observed } };
}

/** A job that vanished without an outcome. `transient`: its host was taken away; otherwise it crashed. */
export function lostJob(transient: boolean, message = "gone"): EffectResult {
  return { of: "job", outcome: { is: "lost", transient, message } };
}

/** A check of a commit; a conclusion of null is a check that still runs. */
export function checkRun(conclusion: Check["conclusion"], name = "test", summary: string | null = null): Check {
  return { name, status: conclusion === null ? "in_progress" : "completed", conclusion, url: null, completedAt: null, summary };
}

/** Result of a probe of the pull request: open, clean and current at `sha("2")` on `sha("b")`, with one green check. */
export function probeResult(
  state: Partial<PullRequestState> = {},
  checks: readonly Check[] = [checkRun("success")],
  diff: Digest | null = null,
): EffectResult {
  return {
    of: "probe",
    state: {
      state: "open",
      base: "main",
      headBranch: "work",
      headRepository: null,
      ownQueue: false,
      checkSettings: "forge-1",
      head: sha("2"),
      baseHead: sha("b"),
      behind: false,
      mergeability: "clean",
      conflicts: [],
      mergedAs: null,
      mergedBase: null,
      ...state,
    },
    checks,
    diff,
  };
}
