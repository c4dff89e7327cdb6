/** What a kind's agent and a registered effect may say: the samples that each of them brings along. */
import type { AgentKind } from "@millrace/agents";
import type { Participant } from "@millrace/contracts";
import type { AnswerProduct, RecordedAnswer } from "@millrace/orchestration";
import { NOW, registries } from "./engine.logic.js";
import { returned, type Happening, type Environment } from "./environment.logic.js";

/** Values with a label that says what they mean. */
export type LabelledValues<T> = readonly (readonly [label: string, value: T])[];

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
const CONTRADICTORY = { greenlight: true, summary: "", concerns: [], outcomes: [{ name: "it works", status: "failed" }] };
const INVALID: AnswerProduct = { is: "invalid", issues: "no shape" };

/** Structured answers that a kind may give. */
export function products(kind: AgentKind): LabelledValues<AnswerProduct> {
  const valid = (value: unknown): AnswerProduct => ({ is: "valid", value });
  if (kind.samples.length === 0) return [["text", NONE]];
  const samples = [...kind.samples, ...(CONTRADICTIONS.get(kind.id) ?? [])];
  return [...samples.map(([label, value]) => [label, valid(value)] as const), ["unreadable", INVALID]];
}

/** Answers that claim one thing and report another. */
const CONTRADICTIONS: ReadonlyMap<string, AgentKind["samples"]> = new Map([
  ["tester", [["greenlight with a failed check", CONTRADICTORY]]],
]);

export function spoken(kind: AgentKind, answers: Participant["answers"]): LabelledValues<AnswerProduct> {
  if (answers === "prose") return [["text", NONE]];
  if (answers === "kind") return products(kind);
  return [
    ["scores", { is: "valid", value: { scores: [{ draft: 2, value: 1 }] } }],
    ["unreadable", INVALID],
  ];
}

/** Samples of every effect that a step kind brings along. */
const effectSamples = new Map(
  registries.stepKinds.list().flatMap(({ effects }) => effects.map(({ name, samples = [] }) => [name, samples])),
);

/** Everything a call effect may return, at once or later. */
export function called(environment: Environment, key: string, name: string): readonly Happening[] {
  const results = effectSamples.get(name) ?? [];
  if (results.length === 0) throw new TypeError(`the effect '${name}' has no samples of what it may return`);
  return results.map(([label, value, afterMs = 0], index): Happening => ({
    label: `${name}: ${label}`,
    environment,
    command: returned(key, { of: "call", name, value }, NOW + afterMs),
    ...(index === 0 ? {} : { harm: "fault" }),
  }));
}
