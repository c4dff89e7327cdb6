/** Descriptions of a run's events for a reader. Pure; a fact is described by the step kind that recorded it. */
import type {
  EventDescription,
  DescribedEvent,
  EffectRequest,
  EventText,
  HumanAnswer,
  Run,
  RunEvent,
  RunEventBody,
  StepFact,
} from "@millrace/contracts";
import type { StepKinds } from "../model/step-kind.js";

/** Characters of a commit or a digest in a timeline. */
const SHA_CHARS = 10;

type Steps = Run["steps"];

/**
 * Description of an event for the timeline; null leaves it out. `steps` are those of its run. A fact of a kind that is
 * not registered, or of another version, is described by its name.
 */
export function describeEvent({ event }: Pick<RunEvent, "event">, steps: Steps, kinds: StepKinds): DescribedEvent | null {
  if (!("step" in event)) return ofRun(event, steps);
  const described = event.type === "fact-recorded" ? describeFact(event.fact, event.step, steps, kinds) : ofStep(event, steps);
  return described === null ? null : { step: event.step + 1, ...described };
}

/** The texts that belong to an event: the output it recorded, or what its fact carries. */
export function eventTexts({ event }: Pick<RunEvent, "event">, steps: Steps, kinds: StepKinds): readonly EventText[] {
  if (event.type === "output-recorded") return [{ title: "output", output: event.output }];
  if (event.type !== "fact-recorded") return [];
  const state = steps[event.step]?.state;
  return state === undefined ? [] : (kinds.find(state.kind)?.texts(event.fact, state) ?? []);
}

function describeFact(fact: StepFact, index: number, steps: Steps, kinds: StepKinds): EventDescription | null {
  const state = steps[index]?.state;
  const describe = state === undefined ? undefined : kinds.find(state.kind)?.describe;
  return state === undefined || describe === undefined ? { tone: "dim", text: fact.is } : describe(fact, state);
}

type StepEvent = Exclude<Extract<RunEventBody, { step: number }>, { type: "fact-recorded" }>;
type WholeRunEvent = Exclude<RunEventBody, { step: number }>;

function ofRun(event: WholeRunEvent, steps: Steps): DescribedEvent {
  switch (event.type) {
    case "run-started": {
      const { id, pipeline, steps: started } = event.run;
      const kinds = started.map(({ definition }) => definition.kind).join(" → ");
      return { step: null, tone: "plain", text: `run ${id} started`, detail: `${pipeline.name}, ${kinds}` };
    }
    case "stop-requested":
      return {
        step: null,
        ...because("ask", "stop requested", event.then.is === "failed" ? event.then.failure.message : event.then.reason),
      };
    case "run-finished":
      return { step: null, tone: "good", text: "run done" };
    case "run-failed": {
      const { step, code, message } = event.failure;
      return { step: null, tone: "bad", text: `run failed in ${nameOf(step, steps)}`, detail: `${code}: ${message}` };
    }
    case "run-cancelled":
      return { step: null, ...because("bad", "run cancelled", event.reason) };
  }
}

function ofStep(event: StepEvent, steps: Steps): EventDescription | null {
  switch (event.type) {
    case "step-entered":
      return { tone: "plain", text: "begins" };
    case "effect-requested":
      return requested(event.effect.request);
    case "effect-held":
      return because("ask", `paused (${event.hold.because})`, event.hold.message);
    case "effect-released":
      return { tone: "plain", text: "goes on" };
    case "effect-failed":
      return because("bad", event.code, event.message);
    case "job-started":
      return { tone: "plain", text: `${event.job.kind} at work (${event.job.model ?? "agent"})` };
    case "output-recorded":
      return { tone: "dim", text: `wrote ${event.output.chars} characters${event.model === null ? "" : ` (${event.model})`}` };
    case "pull-request-recorded": {
      const { number, branch, base } = event.pullRequest;
      return { tone: "plain", text: `pull request #${number}, ${branch} into ${base}` };
    }
    case "estimate-recorded": {
      const { complexity, risk, impact } = event.estimate;
      return { tone: "plain", text: `estimated complexity ${complexity}, risk ${risk}, impact ${impact}` };
    }
    case "human-asked":
      return because("ask", `waits for a person (${event.wait.on})`, event.wait.question);
    case "human-agreed":
      return { tone: "good", text: `${event.by} agrees; more approvals are needed` };
    case "human-answered":
      return { tone: "plain", text: `${event.by} answers`, detail: answerText(event.answer) };
    case "step-approved":
      return { tone: "good", text: `approved by ${event.approval.by.join(", ")} for ${short(event.approval.subject)}` };
    case "rework-requested":
      return because("ask", `sends the run back to ${nameOf(event.from, steps)}`, event.why);
    case "merged": {
      const { head, pullRequest, commit } = event.record;
      return { tone: "good", text: `merged ${short(head)} into ${pullRequest.base} as ${short(commit)}` };
    }
    case "step-finished":
      return { tone: "good", text: "done" };
    case "step-skipped":
      return because("dim", "skipped", event.reason);
  }
}

function requested(request: EffectRequest): EventDescription | null {
  switch (request.do) {
    case "ask-agent":
      return {
        tone: "plain",
        text: `asks the ${request.kind}${request.participant === undefined ? "" : ` as ${request.participant.id}`}`,
      };
    case "merge":
      return { tone: "plain", text: `merging ${short(request.head)} into ${short(request.base)}` };
    case "start-job":
    case "probe":
    case "update-branch":
    case "call":
      // The event of its result says it.
      return null;
  }
}

function answerText(answer: HumanAnswer): string {
  switch (answer.answer) {
    case "choose":
      return answer.option;
    case "approve":
      return answer.edited === null ? "approved" : "approved, edited";
    case "request-changes":
      return `changes: ${answer.revision.feedback}`;
    case "reject":
      return answer.reason === "" ? "rejected" : `rejected: ${answer.reason}`;
    case "extra-round":
      return "one more round";
    case "proceed":
      return "proceed as it is";
    case "incorporate":
      return answer.feedback === "" ? "fold the answers in" : `fold the answers in: ${answer.feedback}`;
  }
}

function because(tone: EventDescription["tone"], text: string, detail: string): EventDescription {
  return detail === "" ? { tone, text } : { tone, text, detail };
}

function nameOf(index: number, steps: Steps): string {
  return `step ${index + 1} ${steps[index]?.definition.kind ?? ""}`.trimEnd();
}

function short(sha: string): string {
  return sha.slice(0, SHA_CHARS);
}
