import type { Run, RunEvent, RunEventBody, StepFact } from "@millrace/contracts";
import { verdictSchema } from "@millrace/contracts";
import { z } from "zod";
import { clockTime, oneLine, short } from "../output/format.logic.js";
import { reviewFactLine } from "./review-event.logic.js";

/** How a line feels; the terminal's colours follow from it. */
export type Tone = "plain" | "good" | "bad" | "ask" | "dim";

export interface EventLine {
  readonly text: string;
  readonly tone: Tone;
}

const CHARS = 240;

/** What an event means to a person who looks on; null for the engine's bookkeeping. */
export function eventLine({ event }: RunEvent, steps: Run["steps"]): EventLine | null {
  const line = describe(event, (index) => `step ${index + 1} ${steps[index]?.definition.kind ?? ""}`.trimEnd());
  return line === null ? null : { tone: line[0], text: oneLine(line[1], CHARS) };
}

/** An event as a line of a log: when, what. */
export function timelineLine(event: RunEvent, steps: Run["steps"]): EventLine | null {
  const line = eventLine(event, steps);
  if (line === null) return null;
  const by = event.actor.type === "human" ? `  (${event.actor.id})` : "";
  return { tone: line.tone, text: `${clockTime(event.at)}  ${line.text}${by}` };
}

type Described = readonly [Tone, string] | null;

function describe(event: RunEventBody, name: (step: number) => string): Described {
  switch (event.type) {
    case "run-started":
      return [
        "plain",
        `run ${event.run.id} started: ${event.run.pipeline.name}, ${event.run.steps.map((step) => step.definition.kind).join(" → ")}`,
      ];
    case "step-entered":
      return ["plain", `${name(event.step)}: begins`];
    case "effect-requested":
      return requested(event.effect.request, name(event.step));
    case "effect-held":
      return ["ask", `${name(event.step)}: paused (${event.hold.because}): ${event.hold.message}`];
    case "effect-released":
      return ["plain", `${name(event.step)}: goes on`];
    case "effect-failed":
      return ["bad", `${name(event.step)}: ${event.code}: ${event.message}`];
    case "job-started":
      return ["plain", `${name(event.step)}: ${event.job.kind} at work (${event.job.model ?? "agent"})`];
    case "fact-recorded":
      return learnt(event.fact, name(event.step));
    case "output-recorded":
      return ["dim", `${name(event.step)}: wrote ${event.output.chars} characters${event.model === null ? "" : ` (${event.model})`}`];
    case "pull-request-recorded":
      return [
        "plain",
        `${name(event.step)}: pull request #${event.pullRequest.number}, ${event.pullRequest.branch} into ${event.pullRequest.base}`,
      ];
    case "estimate-recorded": {
      const { complexity, risk, impact } = event.estimate;
      return ["plain", `${name(event.step)}: estimated complexity ${complexity}, risk ${risk}, impact ${impact}`];
    }
    case "human-asked":
      return ["ask", `${name(event.step)}: waits for a person (${event.wait.on}): ${event.wait.question}`];
    case "human-agreed":
      return ["good", `${name(event.step)}: ${event.by} agrees; more approvals are needed`];
    case "human-answered":
      return ["plain", `${name(event.step)}: ${event.by} answers: ${answered(event.answer)}`];
    case "step-approved":
      return ["good", `${name(event.step)}: approved by ${event.approval.by.join(", ")} for ${short(event.approval.subject)}`];
    case "rework-requested":
      return ["ask", `${name(event.step)}: sends the run back to ${name(event.from)}${event.why === "" ? "" : `: ${event.why}`}`];
    case "merged":
      return [
        "good",
        `${name(event.step)}: merged ${short(event.record.head)} into ${event.record.pullRequest.base} as ${short(event.record.commit)}`,
      ];
    case "step-finished":
      return ["good", `${name(event.step)}: done`];
    case "step-skipped":
      return ["dim", `${name(event.step)}: skipped: ${event.reason}`];
    case "stop-requested":
      return ["ask", `stop requested: ${event.then.is === "failed" ? event.then.failure.message : event.then.reason}`];
    case "run-finished":
      return ["good", "run done"];
    case "run-failed":
      return ["bad", `run failed in ${name(event.failure.step)}: ${event.failure.code}: ${event.failure.message}`];
    case "run-cancelled":
      return ["bad", `run cancelled: ${event.reason}`];
  }
}

function requested(request: Extract<RunEventBody, { type: "effect-requested" }>["effect"]["request"], step: string): Described {
  switch (request.do) {
    case "ask-agent":
      return ["plain", `${step}: asks the ${request.kind}${request.participant === undefined ? "" : ` as ${request.participant.id}`}`];
    case "merge":
      return ["plain", `${step}: merging ${short(request.head)} into ${short(request.base)}`];
    case "start-job":
    case "probe":
    case "update-branch":
    case "call":
      // Told by what comes of it.
      return null;
  }
}

function answered(answer: Extract<RunEventBody, { type: "human-answered" }>["answer"]): string {
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

const comparedSchema = z.looseObject({ fresh: z.number(), repeated: z.number(), reseeded: z.number() });

/** Facts of the built-in kinds. One of another kind is shown by its name. */
const factSchema = z.discriminatedUnion("is", [
  z.looseObject({ is: z.literal("budgeted") }),
  z.looseObject({ is: z.literal("verdict"), verdict: verdictSchema }),
  z.looseObject({ is: z.literal("behind"), head: z.string(), base: z.string() }),
  z.looseObject({ is: z.literal("helper-sent"), head: z.string().nullish(), helper: z.string() }),
  z.looseObject({ is: z.literal("helper-returned"), attempt: z.number(), outcome: z.string(), summary: z.string() }),
  z.looseObject({
    is: z.literal("rated"),
    rating: z.number(),
    bar: z.number(),
    passed: z.boolean(),
    summary: z.string(),
    compared: comparedSchema.optional(),
  }),
  z.looseObject({
    is: z.literal("tested"),
    report: z.looseObject({ accepted: z.boolean(), because: z.string(), summary: z.string() }),
    compared: comparedSchema,
  }),
  z.looseObject({ is: z.literal("sent-back") }),
  z.looseObject({ is: z.literal("round-granted") }),
  z.looseObject({ is: z.literal("assessed"), withheld: z.string().nullable() }),
  z.looseObject({ is: z.literal("revisit"), because: z.string() }),
  z.looseObject({ is: z.literal("evicted"), message: z.string().optional() }),
]);

function learnt(unknownFact: StepFact, step: string): Described {
  const ofReview = reviewFactLine(unknownFact, step);
  if (ofReview !== undefined) return ofReview === null ? null : [ofReview.tone, ofReview.text];
  const parsed = factSchema.safeParse(unknownFact);
  if (!parsed.success) return ["dim", `${step}: ${unknownFact.is}`];
  const fact = parsed.data;
  switch (fact.is) {
    case "budgeted":
    case "sent-back":
      return null;
    case "verdict": {
      const { says, head, because } = fact.verdict;
      const tone = says === "green" ? "good" : says === "red" ? "bad" : "dim";
      return [tone, `${step}: ${says} for ${short(head)}: ${because}`];
    }
    case "behind":
      return ["plain", `${step}: the branch is behind ${short(fact.base)}; bringing it up to date`];
    case "helper-sent":
      return ["plain", `${step}: sends the ${fact.helper}${fact.head == null ? "" : ` for ${short(fact.head)}`}`];
    case "helper-returned":
      return [fact.outcome === "completed" ? "plain" : "bad", `${step}: helper attempt ${fact.attempt} ${fact.outcome}: ${fact.summary}`];
    case "rated":
      return [
        fact.passed ? "good" : "ask",
        `${step}: rates the work ${fact.rating} (bar ${fact.bar}), ${fact.passed ? "passes" : "not yet"}${again(fact.compared)}: ${fact.summary}`,
      ];
    case "tested": {
      const { accepted, because, summary } = fact.report;
      return [
        accepted ? "good" : "ask",
        `${step}: ${accepted ? "accepted" : "not accepted"}, ${because}${again(fact.compared)}: ${summary}`,
      ];
    }
    case "round-granted":
      return ["plain", `${step}: one more round granted`];
    case "assessed":
      return fact.withheld === null
        ? ["good", `${step}: within the merge thresholds`]
        : ["ask", `${step}: does not merge by itself: ${fact.withheld}`];
    case "revisit":
      return ["plain", `${step}: looks again: ${fact.because}`];
    case "evicted":
      return ["bad", `${step}: the job was lost${fact.message === undefined ? "" : `: ${fact.message}`}`];
  }
}

/** What a round says that earlier ones said already. */
function again(compared: z.infer<typeof comparedSchema> | undefined): string {
  if (compared === undefined || compared.repeated + compared.reseeded === 0) return "";
  const back = compared.reseeded === 0 ? "" : `, ${compared.reseeded} came back`;
  return ` (${compared.fresh} new, ${compared.repeated} repeated${back})`;
}
