import { ONE_APPROVER } from "../shared/sample-parts.js";
import type { StepSamples } from "../shared/step-samples.js";

/** Samples of the step that provisions an environment. */
export const deployerSamples: StepSamples = {
  stepKind: "deployer",
  pipelines: [
    {
      name: "map, ticket and environment",
      steps: [{ kind: "blueprints" }, { kind: "tracker", approval: ONE_APPROVER }, { kind: "deployer", approval: ONE_APPROVER }],
    },
  ],
  outcomes: ["environment provisioned"],
  services: ({ chance, once }) => ({
    environments: {
      isOn: true,
      provision: ({ key }) => {
        const id = `env-${once(key, "environment provisioned")}`;
        return Promise.resolve({ provider: "memory", id, status: chance(0.3) ? "provisioning" : "ready", url: null, expiresAt: null });
      },
      takeDown: () => Promise.resolve(),
    },
  }),
};
