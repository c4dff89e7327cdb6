import type { OutputRef, Step } from "@millrace/contracts";
import { z } from "zod";
import { defineStepKind, type DefinedStepKind, type Move, type StepContext } from "../../run/model/step-kind.js";
import { answeredOwn } from "../shared/agent.logic.js";
import { tellWithoutEffect } from "../shared/without-effect.js";
import { describe, view } from "./describe.js";
import { filedSchema, fileIssue } from "./file-issue.effect.js";

const stateSchema = z.strictObject({ kind: z.literal("tracker"), notFiled: z.string().nullable() });
const factSchema = z.strictObject({ is: z.literal("not-filed"), why: z.string().max(4000) });
type State = z.infer<typeof stateSchema>;
type Fact = z.infer<typeof factSchema>;

/** A step that files the report before it as a ticket. It never fails a run: that a tracker did not answer is recorded. */
export const trackerStep: DefinedStepKind = defineStepKind<State, Fact>({
  name: "tracker",
  needsService: "tracker",
  state: stateSchema,
  fact: factSchema,
  effects: [fileIssue],
  initial: () => ({ kind: "tracker", notFiled: null }),
  fold: (state, fact) => ({ ...state, notFiled: fact.why }),
  enter: file,
  onResult(_context, _state, result) {
    if (result.of !== "call") return { to: "poll-again" };
    const { output, issue } = filedSchema.parse(result.value);
    const facts: Fact[] = issue === null ? [{ is: "not-filed", why: "no issue tracker takes tickets of this service" }] : [];
    return { facts, output: { output, model: null }, to: "finish" };
  },
  answered: (context, _state, _wait, answer) => answeredOwn(context, answer, file(context)),
  failed: (_context, _state, failure) => ({
    facts: [{ is: "not-filed", why: `${failure.code}: ${failure.message}`.slice(0, 4000) }],
    to: "finish",
  }),
  consequences: ({ why }, context) => tellWithoutEffect(context, "its report was not filed", why),
  dispatches: () => [],
  describe,
  view,
});

function file(context: StepContext): Extract<Move<Fact>, { to: "effect" }> {
  const report = lastReport(context);
  return {
    to: "effect",
    phase: "file",
    request: { do: "call", name: fileIssue.name, input: { report: report === null ? null : { ...report } } },
  };
}

/** The nearest earlier report that is not empty; null when there is none. */
function lastReport({ run, index, input }: StepContext): OutputRef | null {
  const isReport = ({ definition, output }: Step): boolean =>
    input.kinds.get(definition.kind)?.isReport === true && (output?.chars ?? 0) > 0;
  return run.steps.slice(0, index).findLast(isReport)?.output ?? null;
}
