/** Answers of the built-in agent kinds by what they mean: what a step may make of them, not what a model would write. */
import type { Sample } from "./kind.js";

export const gradeSamples: readonly Sample[] = [
  ["good", { rating: 0.9, summary: "good", comments: [] }],
  ["good with comments", { rating: 0.9, summary: "nearly", comments: [{ body: "name it" }] }],
  ["bad", { rating: 0.1, summary: "bad" }],
];

export const mergeSamples: readonly Sample[] = [
  ["within the thresholds", { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" }],
  ["over the thresholds", { complexity: 0.9, risk: 0.1, impact: 0.1, rationale: "large" }],
  ["without rationale", { complexity: 0, risk: 0, impact: 0, rationale: " " }],
];

export const estimateSamples: readonly Sample[] = [
  ["small", { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "it is small" }],
  ["large", { complexity: 0.9, risk: 0.9, impact: 0.9, rationale: "" }],
];

export const testReportSamples: readonly Sample[] = [
  ["greenlight", { greenlight: true, summary: "", concerns: [] }],
  ["a concern", { greenlight: false, summary: "", concerns: [{ title: "it breaks", detail: "always", severity: "high" }] }],
];

export const reviewSamples: readonly Sample[] = [
  ["nothing", { items: [] }],
  ["a finding", { items: [{ category: "gap", severity: "high", title: "missing", detail: "what?" }] }],
];

export const onCallSamples: readonly Sample[] = [
  ["guilty", { culpritConfidence: 0.9, recommendation: "revert", rationale: "", evidence: [] }],
];

export const specificationSamples: readonly Sample[] = [["a specification", { service: "s" }]];

export const blueprintSamples: readonly Sample[] = [["a map", { name: "s", modules: [{ name: "Everything" }] }]];
