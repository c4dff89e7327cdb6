import { FROZEN_BASE, RECOVERY_BUDGETS } from "../shared/sample-parts.js";
import type { StepSamples } from "../shared/step-samples.js";

const SIGNAL = { kind: "monitor", id: "errors", name: "errors", detail: null } as const;

/** Samples of the step that watches a release. */
export const releaseHealthSamples: StepSamples = {
  stepKind: "release-health",
  pipelines: [
    {
      name: "merger, then the watch",
      steps: [{ kind: "coder" }, { kind: "ci" }, { kind: "merger" }, { kind: "post-release-health" }],
      faults: FROZEN_BASE,
    },
  ],
  scenarios: [
    {
      id: "pl_released",
      name: "Released",
      steps: ["coder", "deployer", "conflicts", "ci", "merger", "post-release-health"].map((kind) => ({ kind })),
    },
  ],
  budgets: [
    { name: "helpers", counter: ["attempts"], max: { state: ["watch", "budget"] } },
    { name: "budget of helpers", counter: ["watch", "budget"], max: { preset: "releaseMaxAttempts" } },
    ...RECOVERY_BUDGETS,
  ],
  outcomes: ["release in alert", "incident enriched"],
  services: ({ chance, count, once }) => ({
    releases: {
      isOn: true,
      signals: () => {
        const isBad = chance(0.2);
        if (isBad) count("release in alert");
        return Promise.resolve([{ ...SIGNAL, state: isBad ? "alert" : "ok" }]);
      },
      evidence: () => Promise.resolve({ signals: [], errors: [], notes: [] }),
    },
    incidents: { isOn: true, enrich: ({ key }) => Promise.resolve(once(key, "incident enriched") > 0) },
  }),
};
