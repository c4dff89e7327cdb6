/** Timeline of a run, one line per event. */
import { verdictSchema, type RunEvent } from "@millrace/contracts";

type Event = RunEvent["event"];

export function timeline(startedAt: number, events: readonly RunEvent[]): readonly string[] {
  return events.flatMap(({ at, event }) => {
    const text = lineOf(event);
    return text === null ? [] : [`${((at - startedAt) / 1000).toFixed(1).padStart(6)} s   ${text}`];
  });
}

/** The agent kind an event puts to work; null when it does not. */
export function kindAtWork(event: Event): string | null {
  if (event.type !== "effect-requested") return null;
  const { request } = event.effect;
  return request.do === "ask-agent" || request.do === "start-job" ? request.kind : null;
}

function lineOf(event: Event): string | null {
  switch (event.type) {
    case "effect-requested": {
      const kind = kindAtWork(event);
      return kind === null ? null : `${kind} starts`;
    }
    case "fact-recorded":
      return factLine(event.fact);
    case "effect-failed":
      return `${event.key} failed: ${event.message}`;
    case "rework-requested":
      return `rework of step ${event.from + 1}: ${event.why}`;
    case "human-asked":
      return `asks a person: ${event.wait.question}`;
    case "pull-request-recorded":
      return `pull request ${event.pullRequest.url}`;
    case "merged":
      return `merged as ${event.record.commit}`;
    case "run-failed":
      return `failed: ${event.failure.message} ${event.failure.detail ?? ""}`;
    default:
      return null;
  }
}

function factLine(fact: Extract<Event, { type: "fact-recorded" }>["fact"]): string | null {
  const verdict = verdictSchema.safeParse(fact["verdict"]);
  if (verdict.success)
    return `${verdict.data.gate} says ${verdict.data.says} of ${verdict.data.head.slice(0, 10)}: ${verdict.data.because}`;
  if (fact.is === "rated") return `reviewer rates ${String(fact["rating"])}, bar ${String(fact["bar"])}`;
  return fact.is === "assessed" ? `merger says ${JSON.stringify(fact["assessment"])}` : null;
}
