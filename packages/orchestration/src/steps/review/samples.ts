import type { JsonValue, Review } from "@millrace/contracts";
import { ONE_APPROVER, SAMPLE_TEXT } from "../shared/sample-parts.js";
import type { StepSamples } from "../shared/step-samples.js";

/** Samples of the step that reviews what is asked for. */
export const reviewSamples: StepSamples = {
  stepKind: "review",
  pipelines: [
    {
      name: "requirements review, its approval ignored, then inline",
      steps: [{ kind: "requirements-review", approval: ONE_APPROVER }, { kind: "researcher" }],
    },
  ],
  answers: {
    "*": [
      { label: "nothing", value: { items: [] } },
      { label: "a finding", value: { items: [{ category: "gap", severity: "high", title: "missing", detail: "what?" }] } },
    ],
  },
  results: {
    "read-review": [
      { label: "finds none", value: { description: "d", nextId: "rev_next", latest: null, carried: null } },
      { label: "finds a closed one", value: earlierReview("incorporated", true) },
      { label: "finds one of another description", value: earlierReview("ready", false) },
      { label: "finds one with findings", value: earlierReview("ready", true) },
      { label: "finds one that was being folded", value: earlierReview("incorporating", true) },
      { label: "finds one at its cap", value: earlierReview("exceeded", true) },
    ],
    "collect-answers": [
      { label: "has answers", value: { is: "answers", texts: [{ ...SAMPLE_TEXT }], nextId: "rev_after" } },
      { label: "has nothing to fold", value: { is: "nothing" } },
      { label: "finds one open", value: { is: "open", count: 1 } },
    ],
  },
};

function earlierReview(status: Review["status"], isCurrent: boolean): JsonValue {
  return {
    description: "d",
    nextId: "rev_next",
    latest: { id: "rev_old", iteration: 1, status, document: null, isCurrent },
    carried: isCurrent && status !== "incorporated" ? { output: { ...SAMPLE_TEXT }, inShort: "one" } : null,
  };
}
