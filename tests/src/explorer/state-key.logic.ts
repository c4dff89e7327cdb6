/**
 * Key of a state: states with equal keys have the same future.
 *
 * Left out, because no decision reads them: times, the revision, counters of attempts and effects (they only make keys), texts, logs,
 * ratings, models, and the state of a finished step except for its CI verdict, its output and whether it asked. Commits are renamed by
 * order of appearance, so that only their equality matters.
 */
import { stepStateSchema, type Activity, type Run, type Step } from "@millrace/contracts";
import { ofHistory } from "./history.logic.js";
import type { Environment } from "./environment.logic.js";

/** Key of a run without its environment. Of finished and stopping runs, only the parts that still matter are in it. */
export function runKey(run: Run): string {
  return renamed(JSON.stringify(ofRun(run)));
}

export function stateKey(run: Run, environment: Environment): string {
  const finished = run.phase.is !== "live";
  const { head, base, change, allowed, assessed, place, pullRequest, into, behind, conflicted, jobs, proven, settings } = environment;
  const { spent, isLanded, peopleMerge } = environment;
  const permission = allowed?.change === change ? allowed.by : null;
  const commits = [head, base, proven === null ? null : Object.values(proven), change, permission, assessed === change];
  const around = finished
    ? [pullRequest, into, jobs.length, isLanded]
    : [isLanded, pullRequest, into, behind, conflicted, jobs.length, settings, peopleMerge, spent, place, ...commits];
  return renamed(JSON.stringify([ofRun(run), around]));
}

function ofRun(run: Run): unknown {
  const { phase } = run;
  if (phase.is === "stopping")
    return [phase.is, phase.then.is, codeOf(phase.then), activityKind(run.steps[run.cursor]), run.merged !== null];
  if (phase.is !== "live") return [phase.is, codeOf(phase), run.merged !== null];
  return [run.cursor, run.pullRequest !== null, run.merged !== null, run.steps.map((step, index) => ofStep(step, index - run.cursor))];
}

function codeOf(phase: { readonly is: string; readonly failure?: { readonly code: string } }): string | null {
  return phase.failure?.code ?? null;
}

function activityKind(step: Step | undefined): string {
  const activity = step?.activity;
  return activity?.is === "effect" ? activity.effect.request.do : (activity?.is ?? "");
}

function ofStep(step: Step, fromCursor: number): unknown {
  if (fromCursor < 0) {
    const evidence = step.state["gate"] === "ci" ? ofVerdict(step.state["verdict"]) : null;
    return [step.output?.digest, evidence, step.decisions.length > 0];
  }
  if (fromCursor > 0) return [ofState(step.state), step.decisions.length > 0];
  return [step.output?.digest, ofState(step.state), step.decisions.length > 0, step.approved !== null, ofActivity(step.activity)];
}

function ofVerdict(verdict: unknown): unknown {
  if (typeof verdict !== "object" || verdict === null) return null;
  const { says, head, base, settings } = verdict as Readonly<Record<string, unknown>>;
  return [says, head, base, settings];
}

function ofState(state: Step["state"]): unknown {
  const {
    log: _log,
    ratings: _ratings,
    repairs: _repairs,
    assessment: _assessment,
    withheld: _withheld,
    verdict,
    watching,
    reworks,
    maxReworks,
    ...rest
  } = state;
  if (state.kind === "review") return ofReview(state);
  if (state.kind === "consensus") return [ofState(stepStateSchema.parse(rest["inner"])), ofPanel(rest["panel"])];
  const watched = typeof watching === "object" && watching !== null && "head" in watching ? watching.head : null;
  const rounds = [reworks === 0, Number(maxReworks) - Number(reworks)];
  return { ...rest, verdict: ofVerdict(verdict), watched, rounds, history: ofHistory(state) };
}

/** Drafts of a panel by participant and round, and its ballots. */
function ofPanel(panel: unknown): unknown {
  if (typeof panel !== "object" || panel === null || !("drafts" in panel) || !Array.isArray(panel.drafts)) return null;
  const drafts = panel.drafts.map(({ participant, round, product }) => [participant, round, product]);
  return [drafts, "ballots" in panel ? panel.ballots : null];
}

/** A review without the number and id of its iteration; how many remain is kept. */
function ofReview({ cap, now, ...rest }: Step["state"]): unknown {
  const text = JSON.stringify(now).replaceAll(/rev_[a-z]+/g, "rev");
  const iteration = Number(/"iteration":(\d+)/.exec(text)?.[1] ?? 0);
  return { ...rest, now: text.replaceAll(/"iteration":\d+/g, ""), left: Number(cap) - iteration };
}

function ofActivity(activity: Activity): unknown {
  switch (activity.is) {
    case "effect": {
      const { request, hold } = activity.effect;
      const tries = [activity.effect.tries, hold?.because];
      if (request.do === "merge") return [request.do, request.head, request.base, tries];
      if (request.do === "update-branch") return [request.do, request.head, tries];
      if (request.do === "call") return [request.do, request.name, tries];
      if (request.do === "probe") return [request.do, request.gate, request.evenBehind, tries];
      return [request.do, request.kind, request.do === "ask-agent" ? request.participant?.id : null, tries];
    }
    case "job":
      return ["job", activity.job.kind, activity.unreadable];
    case "wait":
      // Without an output, the subject of a wait contains the attempt.
      return [
        "wait",
        activity.wait.on,
        activity.wait.subject.replace(/^run\/.*$/, "attempt"),
        activity.wait.approvers,
        activity.wait.approvedBy,
      ];
    default:
      return activity.is;
  }
}

/** Replaces commit ids by their order of appearance. */
function renamed(text: string): string {
  const names = new Map<string, string>();
  return text.replace(/[0-9a-f]{40}/g, (sha) => {
    const name = names.get(sha) ?? `c${names.size}`;
    names.set(sha, name);
    return name;
  });
}
