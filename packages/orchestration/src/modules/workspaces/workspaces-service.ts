import { workspaceSchema, type Workspace } from "@millrace/contracts";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import type { WrittenBy } from "../../platform/operations/written-by.js";
import { BALANCED_PRESET } from "../../run/rules/merge-thresholds.logic.js";

/** Ports of the module. */
export type WorkspacesPorts = Pick<OrchestrationPorts, "store" | "clock" | "ids">;

/** The boards themselves: their creation, name and end. */
export class WorkspacesService {
  readonly #ports: WorkspacesPorts;

  constructor(ports: WorkspacesPorts) {
    this.#ports = ports;
  }

  /** Creates a workspace with the balanced merge preset as its default. */
  async create(request: WrittenBy & { readonly name: string; readonly accountId?: string | null }): Promise<Workspace> {
    const { ids, clock, store } = this.#ports;
    const { name, accountId = null, actor } = request;
    const preset = { ...BALANCED_PRESET, id: ids.next("mpr"), workspaceId: ids.next("ws") };
    const at = clock.now();
    const workspace = workspaceSchema.parse({ id: preset.workspaceId, name, createdAt: at, defaultPresetId: preset.id, accountId });
    await store.commit([
      { change: "insert-workspace", workspace },
      { change: "put-preset", preset },
      appendBoardEvent(workspace.id, { at, actor }, { type: "workspace-created", name }),
    ]);
    return workspace;
  }
}
