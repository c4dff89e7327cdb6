import type { Check } from "@millrace/contracts";
import type { CheckRun, CommitStatus } from "./shapes.schema.js";

const MAX_NAME = 300;
const MAX_URL = 2000;
const MAX_SUMMARY = 4000;

/** A check the base branch asks for; `app` null: from whomever. */
export interface RequiredCheck {
  readonly name: string;
  readonly app: number | null;
}

/** A check with what is needed to tell who made it, and whether it is still what it was. */
export interface Reported {
  readonly check: Check;
  /** Its own name at GitHub, and what GitHub says of it, in capitals. */
  readonly id: string;
  readonly word: string;
  readonly app: number | null;
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

/** A check run. A conclusion that is not known here counts as one that needs somebody: never as green. */
export function fromCheckRun(run: CheckRun): Reported {
  const done = run.status === "completed";
  const { title, summary, text } = run.output;
  const said = [title, summary, text].filter((part) => part !== null && part.trim() !== "").join("\n");
  return {
    id: run.node_id,
    word: wordOf(run.status, run.conclusion),
    app: run.app?.id ?? null,
    check: {
      name: run.name.slice(0, MAX_NAME),
      status: done ? "completed" : run.status === "in_progress" ? "in_progress" : "queued",
      conclusion: done ? (CONCLUSIONS.get(run.conclusion ?? "") ?? "action_required") : null,
      url: urlOf(run.html_url ?? run.details_url),
      completedAt: done ? timeOf(run.completed_at) : null,
      summary: said === "" ? null : said.slice(-MAX_SUMMARY),
    },
  };
}

/** A commit status: the older way of reporting, still what many services use. */
export function fromStatus(status: CommitStatus): Reported {
  const done = status.state !== "pending";
  return {
    id: status.node_id,
    word: wordOf(status.state, null),
    app: null,
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
 * What was reported, and every required check that was not, as one that waits to be: GitHub shows it the same way. Without it,
 * the checks that came first would look like all there are.
 */
export function withExpected(reported: readonly Reported[], required: readonly RequiredCheck[]): readonly Check[] {
  const missing = required.filter(
    ({ name, app }) => !reported.some((one) => one.check.name === name.slice(0, MAX_NAME) && (app === null || one.app === app)),
  );
  return [
    ...reported.map(({ check }) => check),
    ...missing.map(({ name }): Check => ({
      name: name.slice(0, MAX_NAME),
      status: "queued",
      conclusion: null,
      url: null,
      completedAt: null,
      summary: "Required by the base branch; nobody has reported it yet.",
    })),
  ];
}

/** GraphQL writes in capitals what REST does not. */
export function wordOf(status: string, conclusion: string | null): string {
  return (conclusion === null ? status : `${status} ${conclusion}`).toUpperCase();
}

function urlOf(url: string | null): string | null {
  return url === null || url === "" || url.length > MAX_URL ? null : url;
}

function timeOf(text: string | null): number | null {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : at;
}
