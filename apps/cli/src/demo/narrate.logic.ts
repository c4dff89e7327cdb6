import type { Run, RunEvent, StepFact } from "@millrace/contracts";

const short = (sha: unknown): string => String(sha).slice(0, 10);

/** What an event means to somebody who watches; null for the engine's own bookkeeping. `kinds` are the run's steps. */
export function narrate(entry: RunEvent, run: Run): string | null {
  const { event } = entry;
  const kind = (step: number): string => `${step + 1} ${run.steps[step]?.definition.kind ?? "?"}`.padEnd(14);
  switch (event.type) {
    case "run-started":
      return `run ${event.run.id} started: ${event.run.steps.map((step) => step.definition.kind).join(" → ")}`;
    case "job-started":
      return `${kind(event.step)} ${event.job.kind} at work (${event.job.model ?? "agent"})`;
    case "fact-recorded":
      return narrateFact(event.fact, kind(event.step));
    case "pull-request-recorded":
      return `${kind(event.step)} pull request #${event.pullRequest.number} opened from ${event.pullRequest.branch}`;
    case "rework-requested":
      return `${kind(event.step)} sends it back to ${kind(event.from).trim()}: ${event.why}`;
    case "human-asked":
      return `${kind(event.step)} asks a person: ${event.wait.question}`;
    case "merged":
      return `${kind(event.step)} merged ${short(event.record.head)} into ${event.record.pullRequest.base} as ${short(event.record.commit)}`;
    case "step-finished":
      return `${kind(event.step)} done`;
    case "effect-failed":
      return `${kind(event.step)} ${event.code}: ${event.message}`;
    case "run-failed":
      return `run failed: ${event.failure.message}`;
    case "run-finished":
      return "run finished";
    default:
      return null;
  }
}

function narrateFact(fact: StepFact, kind: string): string | null {
  const known = fact as Readonly<Record<string, unknown>> & StepFact;
  switch (fact.is) {
    case "verdict": {
      const verdict = known["verdict"] as { readonly says: string; readonly head: string; readonly because: string };
      return `${kind} ${verdict.says.toUpperCase()} for ${short(verdict.head)}: ${verdict.because}`;
    }
    case "helper-sent":
      return `${kind} sends the ${String(known["helper"])} for ${short(known["head"])}`;
    case "helper-returned":
      return `${kind} helper ${String(known["outcome"])}: ${String(known["summary"]).split("\n")[0] ?? ""}`;
    case "behind":
      return `${kind} branch is behind ${short(known["base"])}: bringing it up to date`;
    case "rated":
      return `${kind} rated ${String(known["rating"])} (bar ${String(known["bar"])}), ${known["passed"] === true ? "passes" : "not yet"}: ${String(known["summary"])}`;
    case "assessed":
      return `${kind} ${known["withheld"] === null ? "within the merge preset" : `needs a person: ${String(known["withheld"])}`}`;
    case "evicted":
      return `${kind} job lost: ${String(known["message"])}`;
    default:
      return null;
  }
}
