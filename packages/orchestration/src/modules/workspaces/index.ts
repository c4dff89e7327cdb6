import { eventsOfWorkspaces } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import { describeWorkspaceEvent } from "./workspaces.logic.js";
import { WorkspacesService, type WorkspacesPorts } from "./workspaces-service.js";

/** Workspaces: the boards themselves. */
export function workspacesModule(ports: WorkspacesPorts): Module<WorkspacesService> {
  return defineModule({
    name: "workspaces",
    service: new WorkspacesService(ports),
    events: defineEvents(eventsOfWorkspaces, describeWorkspaceEvent),
  });
}
