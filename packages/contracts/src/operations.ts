/** Every operation of the platform. A module declares its own in `<module>/operations.ts` and adds one line here. */
import { operationsOfAudit } from "./audit/operations.js";
import { operationsOfAccounts } from "./accounts/operations.js";
import { operationsOfBoard } from "./board/operations.js";
import { operationsOfFragments } from "./fragments/operations.js";
import { operationsOfModels } from "./models/operations.js";
import { operationsOfPipelines } from "./pipelines/operations.js";
import { operationsOfInvitations } from "./invitations/operations.js";
import { operationsOfHost } from "./host/operations.js";
import { operationsOfPresets } from "./merge-presets/operations.js";
import { operationsOfRetention } from "./retention/operations.js";
import { operationsOfReviews } from "./reviews/operations.js";
import { operationsOfRuns } from "./run/operations.js";
import { operationsOfBoardScan } from "./board-scan/operations.js";
import { operationsOfStructure } from "./board/structure-operations.js";
import { operationsOfSharing } from "./sharing/operations.js";
import { operationsOfSettings } from "./settings/operations.js";
import { operationsOfSignIn } from "./sign-in/operations.js";
import { operationsOfUsers } from "./users/operations.js";
import { operationsOfWorkspaces } from "./workspaces/operations.js";

/** The operations by their names. */
export const operations = {
  ...operationsOfAccounts,
  ...operationsOfInvitations,
  ...operationsOfWorkspaces,
  ...operationsOfSettings,
  ...operationsOfRetention,
  ...operationsOfAudit,
  ...operationsOfBoard,
  ...operationsOfPipelines,
  ...operationsOfModels,
  ...operationsOfFragments,
  ...operationsOfStructure,
  ...operationsOfBoardScan,
  ...operationsOfSharing,
  ...operationsOfPresets,
  ...operationsOfRuns,
  ...operationsOfReviews,
  ...operationsOfUsers,
  ...operationsOfSignIn,
  ...operationsOfHost,
} as const;
/** Name of an operation, e.g. `reviews.latest`: the key of its contract in `operations`. */
export type OperationName = keyof typeof operations;
