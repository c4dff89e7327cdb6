/** @packageDocumentation Samples of the built-in step kinds: pipelines, bounds and simulated services, for explorers and simulators. */
import { companionSamples } from "./companion/samples.js";
import { consensusSamples } from "./consensus/samples.js";
import { deployerSamples } from "./deployer/samples.js";
import { estimatorSamples } from "./estimator/samples.js";
import { gateSamples } from "./gate/samples.js";
import { inlineSamples } from "./inline/samples.js";
import { jobSamples } from "./job/samples.js";
import { mergerSamples } from "./merger/samples.js";
import { releaseHealthSamples } from "./release-health/samples.js";
import { reviewSamples } from "./review/samples.js";
import type { StepSamples } from "./shared/step-samples.js";
import { testerSamples } from "./tester/samples.js";
import { trackerSamples } from "./tracker/samples.js";

export type { FaultSet, SampleBudget, SamplePipeline, SimulationTools, StepSamples } from "./shared/step-samples.js";

/** The samples of every step kind Millrace ships. One line per kind. */
export const builtInSamples: readonly StepSamples[] = [
  inlineSamples,
  jobSamples,
  companionSamples,
  gateSamples,
  mergerSamples,
  testerSamples,
  estimatorSamples,
  deployerSamples,
  trackerSamples,
  releaseHealthSamples,
  reviewSamples,
  consensusSamples,
];
