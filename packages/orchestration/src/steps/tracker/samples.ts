import { ONE_APPROVER } from "../shared/sample-parts.js";
import type { StepSamples } from "../shared/step-samples.js";

/** Samples of the step that files a report as a ticket. */
export const trackerSamples: StepSamples = {
  stepKind: "tracker",
  pipelines: [{ name: "report and ticket", steps: [{ kind: "analysis" }, { kind: "tracker", approval: ONE_APPROVER }] }],
  outcomes: ["ticket filed"],
  services: ({ once }) => ({
    tracker: {
      isOn: true,
      fileIssue: ({ key }) => {
        const number = once(key, "ticket filed");
        return Promise.resolve({ externalId: `T-${number}`, url: `memory:T-${number}` });
      },
    },
  }),
};
