import { eventsOfWorkspaces } from "@millrace/contracts";
import { defineEvents, defineModule, type Module, type Sweep } from "../../platform/module.js";
import { Deletions } from "./deletions.js";
import { describeWorkspaceEvent } from "./workspaces.logic.js";
import { WorkspacesService, type WorkspacesCalls, type WorkspacesPorts } from "./workspaces-service.js";

/** Workspaces: the boards themselves. */
export function workspacesModule(ports: WorkspacesPorts, calls: WorkspacesCalls): Module<WorkspacesService> {
  const deletions = new Deletions(ports, calls);
  const sweep: Sweep = { name: "workspaces.delete", run: (_now, limit, signal) => deletions.proceed(limit, signal) };
  return defineModule({
    name: "workspaces",
    service: new WorkspacesService(ports, calls),
    sweeps: [sweep],
    events: defineEvents(eventsOfWorkspaces, describeWorkspaceEvent),
  });
}
