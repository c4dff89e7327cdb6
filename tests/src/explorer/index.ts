export { explore } from "./explore.js";
export { explorerCatalogue } from "./catalogue.js";
export type { ExplorerPipeline } from "./catalogue.js";
export { explorerMutants } from "./mutants/mutants.js";
