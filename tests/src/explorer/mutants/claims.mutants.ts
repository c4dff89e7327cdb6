/** Engines that believe a claim, or let a step pass that did nothing. */
import { decide, evolve, parsePipeline, type AnswerProduct, type EffectResult } from "@millrace/orchestration";
import { z } from "zod";
import { bringing, refolded, seeing, type Decide, type Mutant } from "./mutant.logic.js";

type Fields = Readonly<Record<string, unknown>>;

/** Changes the structured part of every answer. */
function answered(change: (value: Fields) => Fields): Decide {
  return seeing((run, command) =>
    command.command === "returned" ? [run, { ...command, result: inResult(command.result, change) }] : [run, command],
  );
}

function inResult(result: EffectResult, change: (value: Fields) => Fields): EffectResult {
  const inProduct = (product: AnswerProduct): AnswerProduct =>
    product.is === "valid" && typeof product.value === "object" ? { is: "valid", value: change({ ...product.value }) } : product;
  if (result.of === "ask-agent") return { ...result, answer: { ...result.answer, product: inProduct(result.answer.product) } };
  if (result.of !== "job" || result.outcome.is !== "finished") return result;
  const { outcome } = result;
  return { ...result, outcome: { ...outcome, answer: { ...outcome.answer, product: inProduct(outcome.answer.product) } } };
}

const commentsSchema = z.array(z.object({ body: z.string(), severity: z.string().optional() }));

/** The comments of an answer with another severity. */
function graded(value: Fields, severity: string): Fields {
  const comments = commentsSchema.safeParse(value["comments"]);
  return comments.success ? { ...value, comments: comments.data.map(({ body }) => ({ body, severity })) } : value;
}

/** An edit of any proposal is taken: the text changes, the thing that it tells of does not. */
const takesEdits: Decide = (run, command, input, registries) => {
  if (run === null || command.command !== "answer" || command.answer.answer !== "approve" || command.answer.edited === null)
    return decide(run, command, input, registries);
  const { edited } = command.answer;
  const plain = decide(run, { ...command, answer: { answer: "approve", edited: null } }, input, registries);
  const event = { type: "output-recorded", step: run.cursor, output: edited, model: null } as const;
  const events = [...plain.events, { version: 1, at: command.at, actor: command.actor, event } as const];
  return refolded(run, { ...plain, events }, (state, entry) => evolve(state, entry, registries));
};

const stepsSchema = z.looseObject({ steps: z.array(z.looseObject({})) });

/** Takes every gating of a step, whatever else its definition says. */
const takesAnyGating: typeof parsePipeline = (value, registries) => {
  const pipeline = stepsSchema.parse(value);
  return parsePipeline({ ...pipeline, steps: pipeline.steps.map(({ gating: _, ...step }) => step) }, registries);
};

const companions: Mutant["steps"] = [{ kind: "architect" }, { kind: "architect-companion" }];
const quiet: Mutant["faults"] = { failures: false, moves: false, outsiders: false };

export const claimMutants: readonly Mutant[] = [
  {
    name: "F:A9 lets an estimate cancel a question to people",
    engine: { parsePipeline: takesAnyGating },
    steps: [
      { kind: "task-estimator" },
      { kind: "architect" },
      { kind: "architect-companion", approval: { approvers: 1 }, gating: { minRisk: 0.5 } },
    ],
    faults: quiet,
    caughtBy: "P5",
  },
  {
    name: "F:A11 believes a greenlight beside a failed check",
    engine: { decide: answered((value) => ("outcomes" in value ? { ...value, outcomes: [] } : value)) },
    steps: [{ kind: "coder" }, { kind: "tester" }],
    faults: quiet,
    caughtBy: "P2",
  },
  {
    name: "F:A12 takes an edit of what is more than its text",
    engine: { decide: takesEdits },
    steps: [{ kind: "spec-writer", approval: { approvers: 1 } }],
    faults: quiet,
    caughtBy: "P5",
  },
  {
    name: "F:A13 takes an environment for ready that is asked for",
    engine: {
      decide: seeing((run, command) => {
        if (command.command !== "returned" || command.result.of !== "call" || command.result.name !== "provision") return [run, command];
        const value = { is: "ready", provider: "previews", output: { key: "out", digest: "digest", chars: 1 } };
        return [run, { ...command, result: { ...command.result, value } }];
      }),
    },
    steps: [{ kind: "deployer" }],
    faults: quiet,
    caughtBy: "P2",
  },
  {
    name: "F:A14 passes a step that had no effect in silence",
    engine: bringing((change) =>
      change.change === "raise-notification" && change.notification.type === "step_without_effect" ? [] : [change],
    ),
    steps: [{ kind: "deployer" }],
    faults: quiet,
    caughtBy: "P2",
  },
  {
    name: "F:D1 does not tell a companion what it found before",
    engine: {
      decide: (run, ...rest) => {
        const decision = decide(run, ...rest);
        const events = decision.events.map((entry) => {
          const { event } = entry;
          if (event.type !== "effect-requested" || event.effect.request.do !== "ask-agent") return entry;
          return { ...entry, event: { ...event, effect: { ...event.effect, request: { ...event.effect.request, briefs: [] } } } };
        });
        return refolded(run, { ...decision, events }, (state, event) => evolve(state, event, rest[2]));
      },
    },
    steps: companions,
    faults: quiet,
    caughtBy: "I14",
  },
  {
    name: "F:D2 passes what must be fixed for its rating",
    engine: { decide: answered((value) => graded(value, "nit")) },
    steps: companions,
    faults: quiet,
    caughtBy: "P2",
  },
  {
    name: "F:D2 pays a rework for nits",
    engine: { decide: answered((value) => graded(value, "should-fix")) },
    steps: companions,
    faults: quiet,
    caughtBy: "I14",
  },
  {
    name: "F:D4 sends a fixer for what was not tested",
    engine: { decide: answered((value) => ("couldNotTest" in value ? { ...value, couldNotTest: "" } : value)) },
    steps: [{ kind: "coder" }, { kind: "tester" }],
    faults: quiet,
    caughtBy: "P1",
  },
];
