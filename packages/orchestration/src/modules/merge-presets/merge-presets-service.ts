import { mergePresetSchema, updatePresetSchema, type MergePreset } from "@millrace/contracts";
import { notFound } from "@millrace/kernel";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import { refusal } from "../../platform/refusal.logic.js";
import { provePerson, type ByPerson, type PersonPorts } from "../../run/commands/prove-person.js";
import { presetChange } from "./merge-presets.logic.js";

/** The merge presets of a workspace. */
export class PresetsService {
  readonly #ports: PersonPorts;

  constructor(ports: PersonPorts) {
    this.#ports = ports;
  }

  /**
   * Reads a preset; null reads the workspace's default.
   * @throws MillraceError `not_found`.
   */
  async get(request: { readonly workspaceId: string; readonly presetId: string | null }): Promise<MergePreset> {
    const { workspaceId, presetId } = request;
    const { presets } = this.#ports.store;
    const preset = await (presetId === null ? presets.getDefault(workspaceId) : presets.get(workspaceId, presetId));
    if (preset === null) throw notFound("merge preset", presetId ?? "default");
    return preset;
  }

  /**
   * Changes a preset; what is left out stays. Live runs read it before they merge, so a lowered ceiling counts at once. `input` is
   * untrusted.
   * @throws MillraceError `validation`, `not_found`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async update(
    request: ByPerson & {
      readonly workspaceId: string;
      readonly presetId: string | null;
      readonly input: unknown;
    },
  ): Promise<MergePreset> {
    const { workspaceId, presetId } = request;
    const input = updatePresetSchema.safeParse(request.input);
    if (!input.success) throw refusal("the merge preset cannot be changed", input.error, "see the current one with: millrace config list");
    const preset = await this.get({ workspaceId, presetId });
    const actor = await provePerson(this.#ports, request, { deed: "set-preset", workspaceId, run: null });
    const { before, after } = presetChange(preset, input.data);
    if (Object.keys(after).length === 0) return preset;
    const changed = mergePresetSchema.parse({ ...preset, ...after });
    await this.#ports.store.commit([
      { change: "put-preset", preset: changed },
      appendBoardEvent(workspaceId, { at: this.#ports.clock.now(), actor }, { type: "preset-changed", presetId: preset.id, before, after }),
    ]);
    return changed;
  }
}
