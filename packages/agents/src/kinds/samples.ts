/** Answers of the built-in agent kinds by their meaning, the ordinary one first: one for every way a step may go on, not what a model would write. */
import type { Sample } from "./kind.js";

/** Grades of a companion. */
export const gradeSamples: readonly Sample[] = [
  ["good", { rating: 0.9, summary: "good", comments: [] }],
  ["good with comments", { rating: 0.9, summary: "nearly", comments: [{ body: "name it" }] }],
  ["good but for one thing", { rating: 0.9, summary: "nearly", comments: [{ body: "name it", severity: "must-fix" }] }],
  ["bad", { rating: 0.1, summary: "bad" }],
  ["bad for nits", { rating: 0.1, summary: "bad", comments: [{ body: "name it", severity: "nit" }] }],
];

/** Assessments of a merger. */
export const mergeSamples: readonly Sample[] = [
  ["within the thresholds", { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" }],
  ["over the thresholds", { complexity: 0.9, risk: 0.1, impact: 0.1, rationale: "large" }],
  ["without rationale", { complexity: 0, risk: 0, impact: 0, rationale: " " }],
];

/** Estimates. */
export const estimateSamples: readonly Sample[] = [
  ["small", { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "it is small" }],
  ["large", { complexity: 0.9, risk: 0.9, impact: 0.9, rationale: "" }],
];

/** Reports of a tester. */
export const testReportSamples: readonly Sample[] = [
  ["greenlight", { greenlight: true, summary: "", concerns: [] }],
  ["a concern", { greenlight: false, summary: "", concerns: [{ title: "it breaks", detail: "always", severity: "high" }] }],
  ["untested", { greenlight: false, summary: "", couldNotTest: "the environment is down" }],
];

/** Findings of a reviewer. */
export const reviewSamples: readonly Sample[] = [
  ["nothing", { items: [] }],
  ["a finding", { items: [{ category: "gap", severity: "high", title: "missing", detail: "what?" }] }],
];

/** Assessments of an on-call agent. */
export const onCallSamples: readonly Sample[] = [
  ["guilty", { culpritConfidence: 0.9, recommendation: "revert", rationale: "", evidence: [] }],
];

/** Specifications. */
export const specificationSamples: readonly Sample[] = [["a specification", { service: "s" }]];

/** Maps of a service. */
export const blueprintSamples: readonly Sample[] = [["a map", { name: "s", modules: [{ name: "Everything" }] }]];
