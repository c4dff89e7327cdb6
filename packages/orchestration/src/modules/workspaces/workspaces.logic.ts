import type { eventsOfWorkspaces } from "@millrace/contracts";
import type { z } from "zod";

type OwnEvent = z.infer<(typeof eventsOfWorkspaces)[number]>;

/** What happened to a workspace, as one line. */
export function describeWorkspaceEvent(event: OwnEvent): string {
  switch (event.type) {
    case "workspace-created":
      return `workspace '${event.name}' created`;
    case "pipeline-changed":
      return `pipeline ${event.pipelineId} changed`;
    case "deed-refused":
      return `refused, without proof of a person: ${event.deed}, by ${event.claimed} (${event.code})`;
  }
}
