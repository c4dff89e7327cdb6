import {
  createPresetSchema,
  updatePresetSchema,
  type MergePreset,
  type PresetView,
  type StoredPreset,
  type Workspace,
} from "@millrace/contracts";
import { isMillraceError, MillraceError, notFound, type Page } from "@millrace/kernel";
import { appendBoardEvent, type Authorship } from "../../platform/board-event.logic.js";
import { pageOf, type PageAnswer } from "../../platform/page.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { refusal } from "../../platform/refusal.logic.js";
import { tellRevision } from "../../platform/revision-now.js";
import type { WrittenBy } from "../../platform/operations/written-by.js";
import { provePerson, type PersonPorts } from "../../run/commands/prove-person.js";
import { MAX_PRESETS, presetChange, presetValues } from "./merge-presets.logic.js";

type Ports = PersonPorts & Pick<OrchestrationPorts, "ids">;

interface PresetAddress {
  readonly workspaceId: string;
  readonly presetId: string;
}

/** Tasks that a refusal names. */
const MAX_NAMED = 10;

/** The merge presets of a workspace. Each deed on one is a person's: they decide what merges by itself. */
export class PresetsService {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** The presets, the oldest first. */
  async list({ workspaceId, ...page }: Page & { readonly workspaceId: string }): Promise<PageAnswer<PresetView>> {
    const { presets } = this.#ports.store;
    const all = await presets.list(workspaceId);
    const uses = await presets.uses(workspaceId);
    const { defaultPresetId } = await this.#workspace(workspaceId);
    return pageOf(
      all.map((preset) => ({ ...preset, isDefault: preset.id === defaultPresetId, tasks: uses.get(preset.id) ?? 0 })),
      page,
    );
  }

  /**
   * Reads a preset; null reads the workspace's default.
   * @throws MillraceError `not_found`.
   */
  async get(request: { readonly workspaceId: string; readonly presetId: string | null }): Promise<StoredPreset> {
    const { workspaceId, presetId } = request;
    const { presets } = this.#ports.store;
    const preset = await (presetId === null ? presets.getDefault(workspaceId) : presets.get(workspaceId, presetId));
    if (preset === null) throw notFound("merge preset", presetId ?? "default");
    return preset;
  }

  /**
   * Reads a preset with the number of tasks that name it.
   * @throws MillraceError `not_found`.
   */
  async view(request: PresetAddress): Promise<PresetView> {
    const preset = await this.get(request);
    const { defaultPresetId } = await this.#workspace(request.workspaceId);
    const tasks = (await this.#ports.store.presets.uses(request.workspaceId)).get(preset.id) ?? 0;
    return { ...preset, isDefault: preset.id === defaultPresetId, tasks };
  }

  /**
   * Adds a preset under a free name; it is never the default by that. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `already_exists`, `limit_reached`, `forbidden_actor`, `unauthenticated`,
   *   `invalid_credentials`.
   */
  async create(request: WrittenBy & { readonly workspaceId: string; readonly input: unknown }): Promise<PresetView> {
    const { workspaceId } = request;
    const input = createPresetSchema.safeParse(request.input);
    if (!input.success)
      throw refusal("the merge preset cannot be added", input.error, "a preset has a name and three ceilings from 0 to 1");
    const by = await this.#prove(request, workspaceId);
    const preset: MergePreset = { ...input.data, id: this.#ports.ids.next("mpr"), workspaceId };
    const answer: PresetView = { ...preset, isDefault: false, revision: 1, createdAt: by.at, tasks: 0 };
    await this.#ports.store.commit([
      { change: "insert-preset", preset, createdAt: by.at, max: MAX_PRESETS },
      appendBoardEvent(workspaceId, by, { type: "preset-created", presetId: preset.id, after: presetValues(preset) }),
      ...((await request.remember?.(answer)) ?? []),
    ]);
    return answer;
  }

  /**
   * Changes a preset; what is left out stays; null changes the workspace's default. Live runs read it before they merge, so a lowered
   * ceiling counts at once. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `already_exists`, `stale_revision`, `forbidden_actor`, `unauthenticated`,
   *   `invalid_credentials`.
   */
  async update(
    request: WrittenBy & {
      readonly workspaceId: string;
      readonly presetId: string | null;
      readonly input: unknown;
    },
  ): Promise<StoredPreset> {
    const { workspaceId, presetId, expected = null } = request;
    const input = updatePresetSchema.safeParse(request.input);
    if (!input.success) throw refusal("the merge preset cannot be changed", input.error, "see the current one with: millrace config list");
    const preset = await this.get({ workspaceId, presetId });
    const by = await this.#prove(request, workspaceId);
    const { before, after } = presetChange(preset, input.data);
    if (Object.keys(after).length === 0 && (expected ?? preset.revision) === preset.revision) return preset;
    const { createdAt, revision, ...policy } = preset;
    const changed: MergePreset = { ...policy, ...defined(input.data) };
    // Decided on what was read: what another one changed meanwhile is not written over.
    await tellRevision(
      () =>
        this.#ports.store.commit([
          { change: "update-preset", preset: changed, expected: expected ?? revision },
          appendBoardEvent(workspaceId, by, { type: "preset-changed", presetId: preset.id, before, after }),
        ]),
      () => this.#revisionOf({ workspaceId, presetId: preset.id }),
    );
    return { ...changed, createdAt, revision: revision + 1 };
  }

  /**
   * Makes a preset the default: the one that holds for tasks that name none. It is a column of the workspace, so there is always exactly
   * one; `expected` is the revision of the workspace.
   * @throws MillraceError `not_found`, `stale_revision`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async makeDefault(request: WrittenBy & PresetAddress): Promise<PresetView> {
    const { workspaceId, presetId, expected = null } = request;
    await this.get({ workspaceId, presetId });
    const by = await this.#prove(request, workspaceId);
    const { defaultPresetId: before, revision } = await this.#workspace(workspaceId);
    if (before !== presetId || (expected ?? revision) !== revision)
      await tellRevision(
        () =>
          this.#ports.store.commit([
            { change: "patch-workspace", workspaceId, patch: { defaultPresetId: presetId }, expected: expected ?? revision },
            appendBoardEvent(workspaceId, by, { type: "preset-default-changed", presetId, before }),
          ]),
        async () => (await this.#workspace(workspaceId)).revision,
      );
    return this.view({ workspaceId, presetId });
  }

  /**
   * Removes a preset; one that is not there is removed already. `replaceBy`: the preset that its tasks name from now on.
   * @throws MillraceError `in_use` for the default, and while a task names it; `not_found` when `replaceBy` is missing; `stale_revision`,
   *   `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async remove(request: WrittenBy & PresetAddress & { readonly replaceBy?: string | undefined }): Promise<void> {
    const { workspaceId, presetId, replaceBy = null, expected = null } = request;
    const { store } = this.#ports;
    const preset = await store.presets.get(workspaceId, presetId);
    if (preset === null) return;
    const by = await this.#prove(request, workspaceId);
    const removed = { type: "preset-removed", presetId, before: presetValues(preset) } as const;
    const change = () =>
      store.commit([
        { change: "delete-preset", workspaceId, id: presetId, expected, replaceBy },
        appendBoardEvent(workspaceId, by, replaceBy === null ? removed : { ...removed, replacedBy: replaceBy }),
      ]);
    try {
      await tellRevision(change, () => this.#revisionOf({ workspaceId, presetId }));
    } catch (error) {
      if (!isMillraceError(error, "in_use")) throw error;
      const tasks = await store.presets.usedBy(workspaceId, presetId, MAX_NAMED);
      const isDefault = (await this.#workspace(workspaceId)).defaultPresetId === presetId;
      throw new MillraceError("in_use", isDefault ? `'${preset.name}' is the default of the workspace` : error.message, {
        fix: isDefault ? "make another preset the default first" : "name another preset for its tasks with replaceBy",
        details: { ...error.details, isDefault, tasks: tasks.map((task) => ({ ...task })) },
      });
    }
  }

  async #workspace(workspaceId: string): Promise<Workspace> {
    const workspace = await this.#ports.store.workspaces.get(workspaceId);
    if (workspace === null) throw notFound("workspace", workspaceId);
    return workspace;
  }

  async #revisionOf({ workspaceId, presetId }: PresetAddress): Promise<number | null> {
    return (await this.#ports.store.presets.get(workspaceId, presetId))?.revision ?? null;
  }

  async #prove(
    { actor, credential, onBehalfOf }: WrittenBy,
    workspaceId: string,
  ): Promise<Required<Pick<Authorship, "actor">> & Authorship> {
    const proven = await provePerson(this.#ports, { actor, credential }, { deed: "set-preset", workspaceId, run: null });
    return { at: this.#ports.clock.now(), actor: proven, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
  }
}

/** Without the members that are left out. */
function defined<T extends object>(changes: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}
