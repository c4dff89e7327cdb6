export { simulate } from "./simulate.js";
export type { SimulationReport } from "./simulate.js";
export { simulatedPipelines } from "./pipelines.js";
