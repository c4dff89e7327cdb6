import {
  putTaskLimitSchema,
  updateSettingsSchema,
  workspaceSettingsSchema,
  type Actor,
  type Pipeline,
  type SettingsView,
  type WorkspaceSettings,
} from "@millrace/contracts";
import { notFound } from "@millrace/kernel";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import type { WrittenBy } from "../../platform/operations/written-by.js";
import { withRevision } from "../../platform/operations/with-revision.js";
import { refusal } from "../../platform/refusal.logic.js";
import { provePerson, type PersonPorts } from "../../run/commands/prove-person.js";
import { settingsChange, settingsThatAreSet } from "./settings.logic.js";

/** What the module needs of others. */
export interface SettingsCalls {
  /** The pipeline of that id that holds in a workspace; null when there is none. */
  readonly pipeline: (workspaceId: string, id: string) => Promise<Pipeline | null>;
}

type Change = WrittenBy & { readonly workspaceId: string; readonly input: unknown };

const FIX = "see the current ones with: millrace config list";

/** The settings of workspaces. Changing them is a person's deed. */
export class SettingsService {
  readonly #ports: PersonPorts;
  readonly #calls: SettingsCalls;

  constructor(ports: PersonPorts, calls: SettingsCalls) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /**
   * Reads the settings, defaults filled in.
   * @throws MillraceError `not_found`.
   */
  async get(workspaceId: string): Promise<SettingsView> {
    const workspace = await this.#ports.store.workspaces.get(workspaceId);
    if (workspace === null) throw notFound("workspace", workspaceId);
    return view(workspace.settingsRevision, workspace.settings);
  }

  /**
   * Changes the settings that are given; the others stay. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `stale_revision`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async update(request: Change): Promise<SettingsView> {
    const parsed = updateSettingsSchema.safeParse(request.input);
    if (!parsed.success) throw refusal("the settings cannot be used", parsed.error, FIX);
    const given = Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
    return this.#change(request, (settings) => ({ ...settings, ...given }));
  }

  /**
   * Sets the limit of tasks. Numbers that are left out stay, so that a mode can be switched off and on again. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `stale_revision`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async putTaskLimit(request: Change): Promise<SettingsView> {
    const parsed = putTaskLimitSchema.safeParse(request.input);
    if (!parsed.success) throw refusal("the task limit cannot be used", parsed.error, FIX);
    const { mode, shared, perType } = parsed.data;
    return this.#change(request, (settings) => ({
      ...settings,
      taskLimit: {
        ...settings.taskLimit,
        mode,
        ...(shared === undefined ? {} : { shared }),
        ...(perType === undefined ? {} : { perType }),
      },
    }));
  }

  /**
   * Replaces all settings: one that is left out gets its default. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `stale_revision`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async put(request: Change): Promise<WorkspaceSettings> {
    const parsed = workspaceSettingsSchema.safeParse(request.input);
    if (!parsed.success) throw refusal("the settings cannot be used", parsed.error, FIX);
    return (await this.#change(request, () => parsed.data)).settings;
  }

  async #change(request: Change, edit: (settings: WorkspaceSettings) => unknown): Promise<SettingsView> {
    const { workspaceId } = request;
    await this.get(workspaceId);
    const actor = await provePerson(this.#ports, request, { deed: "set-settings", workspaceId, run: null });
    return withRevision(
      request.expected ?? null,
      () => this.get(workspaceId),
      (current) => this.#commit(request, actor, current, edit(current.settings)),
    );
  }

  async #commit(request: Change, actor: Actor, current: SettingsView, wanted: unknown): Promise<SettingsView> {
    const { workspaceId, onBehalfOf } = request;
    const { store, clock } = this.#ports;
    const parsed = workspaceSettingsSchema.safeParse(wanted);
    if (!parsed.success) throw refusal("the settings cannot be used", parsed.error, FIX);
    const { before, after } = settingsChange(current.settings, parsed.data);
    const { defaultPipelineId } = parsed.data;
    if (after["defaultPipelineId"] !== undefined && defaultPipelineId !== null) {
      if ((await this.#calls.pipeline(workspaceId, defaultPipelineId)) === null)
        throw notFound("pipeline", defaultPipelineId, "list pipelines with: millrace pipelines");
    }
    const revision = current.revision + 1;
    const by = { at: clock.now(), actor, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
    await store.commit([
      { change: "put-settings", workspaceId, settings: parsed.data, expected: current.revision },
      appendBoardEvent(workspaceId, by, { type: "settings-changed", before, after, revision }),
    ]);
    return view(revision, parsed.data);
  }
}

function view(revision: number, settings: WorkspaceSettings): SettingsView {
  return { revision, settings, set: [...settingsThatAreSet(settings)] };
}
