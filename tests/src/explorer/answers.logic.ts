/** Everything an agent and a call effect may answer, out of the samples of the step kinds. */
import type { AgentKind } from "@millrace/agents";
import type { Participant } from "@millrace/contracts";
import type { AnswerProduct, RecordedAnswer } from "@millrace/orchestration";
import type { Sample } from "@millrace/orchestration/samples";
import { answersOf, ballotsOf, resultsOf } from "../samples/lookup.logic.js";
import { NOW, registries } from "./engine.logic.js";
import { returned, type Environment, type Happening } from "./environment.logic.js";

/** Meanings and the answers that have them. */
type LabelledValues<T> = readonly (readonly [label: string, value: T])[];

export function answer(kind: string, product: AnswerProduct, question = false): RecordedAnswer {
  return {
    output: { key: `out-${kind}`, digest: `digest-${kind}`, chars: 4 },
    excerpt: "text",
    product,
    question: question ? { question: "which?", options: ["a", "b"] } : null,
    model: "model",
  };
}

export const NONE: AnswerProduct = { is: "none" };
const INVALID: AnswerProduct = { is: "invalid", issues: "no shape" };

/** The structured answers a kind may give, by what they mean. */
export function products(kind: AgentKind): LabelledValues<AnswerProduct> {
  const samples = answersOf(kind);
  return samples.length === 0 ? [["text", NONE]] : shaped(samples);
}

/** Valid answers, and one that has no shape. */
function shaped(samples: readonly Sample[]): LabelledValues<AnswerProduct> {
  return [...samples.map(({ label, value }) => [label, { is: "valid", value }] as const), ["unreadable", INVALID]];
}

export function spoken(kind: AgentKind, answers: Participant["answers"]): LabelledValues<AnswerProduct> {
  if (answers === "prose") return [["text", NONE]];
  return answers === "kind" ? products(kind) : shaped(ballotsOf(registries.stepKinds));
}

/** Everything a call effect may return, at once or later. */
export function called(environment: Environment, key: string, name: string): readonly Happening[] {
  return resultsOf(name).map(({ label, value, afterMs = 0 }) => ({
    label: `${name}: ${label}`,
    environment,
    command: returned(key, { of: "call", name, value }, NOW + afterMs),
  }));
}
