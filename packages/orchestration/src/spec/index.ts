/** @packageDocumentation Given / when / then over the decider: for tests of step kinds, gates and pipelines. Needs no test runner. */
export { given, summaryOf, UnmetExpectation } from "./decider-spec.js";
export type { DeciderSpec, Expectation, SpecOptions } from "./decider-spec.js";
export { testUser } from "./defaults.js";
export type { SpecStep } from "./defaults.js";
export type { Expected } from "./differences.logic.js";
export { answers, fails, hasStopped, jobReturns, releases, returns, stops, timesOut } from "./stimuli.js";
export type { Stimulus } from "./stimuli.js";
export {
  agentAnswer,
  checkRun,
  finishedJob,
  lostJob,
  outputRef,
  probeResult,
  pullRequest,
  recordedAnswer,
  sha,
  unchangedWork,
  validProduct,
  workObservation,
} from "./results.js";
