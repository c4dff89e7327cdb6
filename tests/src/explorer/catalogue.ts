/** The pipelines to explore: those that the samples of the step kinds have. */
import { builtInSamples, type SamplePipeline } from "@millrace/orchestration/samples";

/** A pipeline to explore, and the faults it is explored under. */
export type ExplorerPipeline = SamplePipeline;

/** Every step kind, and an approval in every position; the small ones first. */
export const explorerCatalogue: readonly ExplorerPipeline[] = builtInSamples
  .flatMap(({ pipelines }) => pipelines)
  .toSorted((a, b) => Number(a.isLarge ?? false) - Number(b.isLarge ?? false));
