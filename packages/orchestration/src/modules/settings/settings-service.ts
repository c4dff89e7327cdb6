import { workspaceSettingsSchema, type WorkspaceSettings } from "@millrace/contracts";
import { notFound } from "@millrace/kernel";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import { refusal } from "../../platform/refusal.logic.js";
import { provePerson, type ByPerson, type PersonPorts } from "../../run/commands/prove-person.js";

/** The settings of workspaces. */
export class SettingsService {
  readonly #ports: PersonPorts;

  constructor(ports: PersonPorts) {
    this.#ports = ports;
  }

  /**
   * Replaces the settings of a workspace: a setting that is left out gets its default. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async put(request: ByPerson & { readonly workspaceId: string; readonly input: unknown }): Promise<WorkspaceSettings> {
    const { workspaceId } = request;
    const { store, clock } = this.#ports;
    const parsed = workspaceSettingsSchema.safeParse(request.input);
    if (!parsed.success) throw refusal("the settings cannot be used", parsed.error, "see the current ones with: millrace config list");
    if ((await store.workspaces.get(workspaceId)) === null) throw notFound("workspace", workspaceId);
    const actor = await provePerson(this.#ports, request, { deed: "set-settings", workspaceId, run: null });
    await store.commit([
      { change: "put-settings", workspaceId, settings: parsed.data, expected: null },
      appendBoardEvent(workspaceId, { at: clock.now(), actor }, { type: "settings-changed" }),
    ]);
    return parsed.data;
  }
}
