import type { HandlersOf } from "../../platform/operations/handler.js";
import { writtenBy } from "../../platform/operations/written-by.js";
import type { RetentionService } from "./retention-service.js";

/** The operations on what a workspace keeps. */
export function retentionHandlers(retention: RetentionService): HandlersOf<"retention"> {
  return {
    "retention.policy": (_context, { workspaceId }) => retention.policy(workspaceId),
    "retention.putPolicy": (context, { workspaceId, policy }) => retention.putPolicy({ workspaceId, input: policy, ...writtenBy(context) }),
    "retention.preview": ({ by }, { workspaceId }) => retention.preview(workspaceId, by.at),
    "retention.hold": (context, input) => {
      context.require("settings.write");
      return retention.hold({ ...input, ...writtenBy(context) });
    },
  };
}
