import type { Check } from "@millrace/contracts";
import type { CheckRun, CommitStatus } from "./shapes.schema.js";

const MAX_NAME = 300;
const MAX_URL = 2000;
const MAX_SUMMARY = 4000;

/** A check that the base branch requires. */
export interface RequiredCheck {
  readonly name: string;
  /** Id of the App that must report it; null if any reporter will do. */
  readonly app: number | null;
}

/** A check as GitHub reports it, with the id of its reporter and a state that shows a change. */
export interface ReportedCheck {
  readonly check: Check;
  /** GitHub's node id. */
  readonly id: string;
  /** Status and conclusion in capitals, as `checkStateOf` writes them. */
  readonly state: string;
  /** Id of the reporting App; null for a commit status. */
  readonly app: number | null;
  /** Id of the check run, which grows with time; 0 for a commit status, of which GitHub reports the newest only. */
  readonly run: number;
}

const CONCLUSIONS: ReadonlyMap<string, NonNullable<Check["conclusion"]>> = new Map([
  ["success", "success"],
  ["failure", "failure"],
  ["neutral", "neutral"],
  ["cancelled", "cancelled"],
  ["skipped", "skipped"],
  ["timed_out", "timed_out"],
  ["action_required", "action_required"],
  ["stale", "stale"],
  ["startup_failure", "failure"],
]);

/** Translates a check run. An unknown conclusion becomes `action_required`, never a success. */
export function fromCheckRun(run: CheckRun): ReportedCheck {
  const done = run.status === "completed";
  const { title, summary, text } = run.output;
  const output = [title, summary, text].filter((part) => part !== null && part.trim() !== "").join("\n");
  return {
    id: run.node_id,
    state: checkStateOf(run.status, run.conclusion),
    app: run.app?.id ?? null,
    run: run.id,
    check: {
      name: run.name.slice(0, MAX_NAME),
      status: done ? "completed" : run.status === "in_progress" ? "in_progress" : "queued",
      conclusion: done ? (CONCLUSIONS.get(run.conclusion ?? "") ?? "action_required") : null,
      url: urlOf(run.html_url ?? run.details_url),
      completedAt: done ? timeOf(run.completed_at) : null,
      summary: output === "" ? null : output.slice(-MAX_SUMMARY),
    },
  };
}

/** Translates a commit status, the API that many services still report by. */
export function fromStatus(status: CommitStatus): ReportedCheck {
  const done = status.state !== "pending";
  return {
    id: status.node_id,
    state: checkStateOf(status.state, null),
    app: null,
    run: 0,
    check: {
      name: status.context.slice(0, MAX_NAME),
      status: done ? "completed" : "in_progress",
      conclusion: done ? (status.state === "success" ? "success" : "failure") : null,
      url: urlOf(status.target_url),
      completedAt: done ? timeOf(status.updated_at) : null,
      summary: status.description === null || status.description === "" ? null : status.description.slice(-MAX_SUMMARY),
    },
  };
}

/**
 * The newest report of each check. A check is an App with a name: two suites of one App may report the same name, of which the later one
 * counts, whatever the earlier one said. Checks of two Apps are two, though they have one name.
 */
export function newestChecks(reported: readonly ReportedCheck[]): readonly ReportedCheck[] {
  const newest = new Map<string, ReportedCheck>();
  for (const one of reported) {
    const identity = JSON.stringify([one.run === 0, one.app, one.check.name]);
    const known = newest.get(identity);
    if (known === undefined || known.run < one.run) newest.set(identity, one);
  }
  return [...newest.values()];
}

/** Whether a required check is among the reported ones. */
export function isReported({ name, app }: RequiredCheck, reported: readonly ReportedCheck[]): boolean {
  return reported.some((one) => one.check.name === name.slice(0, MAX_NAME) && (app === null || one.app === app));
}

/**
 * The reported checks, plus one with status `queued` for each required check that is not reported yet, as GitHub shows
 * it. Without these, the first checks to finish would look like all checks of the commit.
 */
export function withExpected(reported: readonly ReportedCheck[], required: readonly RequiredCheck[]): readonly Check[] {
  const missing = required.filter((one) => !isReported(one, reported));
  return [
    ...reported.map(({ check }) => check),
    ...missing.map(({ name }): Check => ({
      name: name.slice(0, MAX_NAME),
      status: "queued",
      conclusion: null,
      url: null,
      completedAt: null,
      summary: "Required by the base branch; not reported yet.",
    })),
  ];
}

/** State of a check in capitals, as GraphQL writes it, so that REST and GraphQL answers can be compared. */
export function checkStateOf(status: string, conclusion: string | null): string {
  return (conclusion === null ? status : `${status} ${conclusion}`).toUpperCase();
}

function urlOf(url: string | null): string | null {
  return url === null || url === "" || url.length > MAX_URL ? null : url;
}

function timeOf(text: string | null): number | null {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : at;
}
