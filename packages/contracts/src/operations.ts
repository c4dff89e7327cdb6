/** Every operation of the platform. A module declares its own in `<module>/operations.ts` and adds one line here. */
import { operationsOfBoard } from "./board/operations.js";
import { operationsOfFragments } from "./fragments/operations.js";
import { operationsOfModels } from "./models/operations.js";
import { operationsOfPipelines } from "./pipelines/operations.js";
import { operationsOfHost } from "./host/operations.js";
import { operationsOfPresets } from "./merge-presets/operations.js";
import { operationsOfReviews } from "./reviews/operations.js";
import { operationsOfRuns } from "./run/operations.js";
import { operationsOfWorkspaces } from "./workspaces/operations.js";

/** The operations by their names. */
export const operations = {
  ...operationsOfWorkspaces,
  ...operationsOfBoard,
  ...operationsOfPipelines,
  ...operationsOfModels,
  ...operationsOfFragments,
  ...operationsOfPresets,
  ...operationsOfRuns,
  ...operationsOfReviews,
  ...operationsOfHost,
} as const;
/** Name of an operation, e.g. `reviews.latest`: the key of its contract in `operations`. */
export type OperationName = keyof typeof operations;
