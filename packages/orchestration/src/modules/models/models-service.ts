import type { Actor, CatalogueModel, ModelDefaultView } from "@millrace/contracts";
import { MillraceError, modelCatalogueOff, notFound, type AgentRequest, type ModelCatalogue, type Page } from "@millrace/kernel";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import { pageOf, type PageAnswer } from "../../platform/page.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { tellRevision } from "../../platform/revision-now.js";
import type { WrittenBy } from "../../platform/operations/written-by.js";
import { provePerson, type PersonPorts } from "../../run/commands/prove-person.js";
import { findModel } from "../../run/rules/resolve-model.logic.js";

/** An agent that asks a model, and the request it makes. */
export interface AskingKind {
  readonly kind: string;
  readonly request: AgentRequest;
}

/** The model of a kind as the start guard judges it. */
export type JudgedModel = Pick<ModelDefaultView, "resolved" | "from" | "usable" | "why" | "fix">;

/** What the module needs of the engine. */
export interface ModelCalls {
  /** Every agent kind that asks a model, helpers too, in the order of registration. */
  readonly asking: () => readonly AskingKind[];
  /** The resolver of the start guard, for a task that pins none. `defaults`: the models that the workspace sets, by kind. */
  readonly judge: (
    asked: AskingKind & { readonly workspaceId: string; readonly defaults: Readonly<Record<string, string>>; readonly initiator: Actor },
  ) => Promise<JudgedModel>;
}

type Ports = PersonPorts & Pick<OrchestrationPorts, "catalogue">;

interface KindAddress {
  readonly workspaceId: string;
  readonly kind: string;
}

/** The models of the deployment, and the model that a workspace sets for each agent kind: one row for each, so that no change loses another. */
export class ModelsService {
  readonly #ports: Ports;
  readonly #calls: ModelCalls;
  readonly #catalogue: ModelCatalogue;

  constructor(ports: Ports, calls: ModelCalls) {
    this.#ports = ports;
    this.#calls = calls;
    this.#catalogue = ports.catalogue ?? modelCatalogueOff;
  }

  /** The models of the deployment, in the order of its catalogue. */
  catalogue(page: Page): PageAnswer<CatalogueModel> {
    return pageOf(this.#catalogue.models, page);
  }

  /** True if the catalogue has the model, under its id or a `provider:model` label; a host without a catalogue takes any name. */
  isKnown(model: string): boolean {
    return this.#catalogue.models.length === 0 || findModel(this.#catalogue, model) !== null;
  }

  /** The model of each agent kind, with what it resolves to for a task that pins none. */
  async defaults({
    workspaceId,
    initiator,
    ...page
  }: Page & { readonly workspaceId: string; readonly initiator: Actor }): Promise<PageAnswer<ModelDefaultView>> {
    const rows = new Map((await this.#ports.store.modelDefaults.list(workspaceId)).map((row) => [row.kind, row]));
    const { items, nextAfter } = pageOf(
      this.#calls.asking().map((asked) => ({ id: asked.kind, ...asked })),
      page,
    );
    const defaults = await this.#inForce(workspaceId);
    const views: ModelDefaultView[] = [];
    for (const { kind, request } of items) {
      const { model = null, revision = 0 } = rows.get(kind) ?? {};
      views.push({ kind, model, revision, ...(await this.#calls.judge({ kind, request, workspaceId, defaults, initiator })) });
    }
    return { items: views, nextAfter };
  }

  /**
   * Sets the model of an agent kind. One that cannot be used now is saved: the answer says why, and a start refuses it.
   * @throws MillraceError `validation` for an unknown kind or model, `not_found`, `stale_revision`, `forbidden_actor`, `unauthenticated`,
   *   `invalid_credentials`.
   */
  async putDefault(request: WrittenBy & KindAddress & { readonly model: string }): Promise<ModelDefaultView> {
    const { workspaceId, kind, model, actor } = request;
    const asked = this.#requireKind(kind);
    if (!this.isKnown(model))
      throw new MillraceError("validation", `the catalogue has no model '${model}'`, {
        fix: "name one that models.catalogue lists",
        details: { model },
      });
    await this.#change(request, model);
    const row = await this.#ports.store.modelDefaults.get(workspaceId, kind);
    const defaults = await this.#inForce(workspaceId);
    const judged = await this.#calls.judge({ ...asked, workspaceId, defaults, initiator: actor });
    return { kind, model: row?.model ?? null, revision: row?.revision ?? 0, ...judged };
  }

  /**
   * Removes the model of an agent kind; without one does nothing.
   * @throws MillraceError `stale_revision`, `not_found`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async removeDefault(request: WrittenBy & KindAddress): Promise<void> {
    if ((await this.#ports.store.modelDefaults.get(request.workspaceId, request.kind)) !== null) await this.#change(request, null);
  }

  async #change(request: WrittenBy & KindAddress, model: string | null): Promise<void> {
    const { workspaceId, kind, expected = null, onBehalfOf } = request;
    const { store, clock } = this.#ports;
    const before = await store.modelDefaults.get(workspaceId, kind);
    const actor = await provePerson(this.#ports, request, { deed: "set-settings", workspaceId, run: null });
    const by = { at: clock.now(), actor, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
    const event = { type: "model-default-changed", kind, before: before?.model ?? null, after: model } as const;
    await tellRevision(
      () =>
        store.commit([
          model === null
            ? { change: "delete-model-default", workspaceId, kind, expected }
            : { change: "put-model-default", workspaceId, kind, model, expected },
          appendBoardEvent(workspaceId, by, event),
        ]),
      async () => (await store.modelDefaults.get(workspaceId, kind))?.revision ?? 0,
    );
  }

  /** The models that the workspace sets, by kind: its rows, and those that its settings still have. */
  async #inForce(workspaceId: string): Promise<Readonly<Record<string, string>>> {
    const workspace = await this.#ports.store.workspaces.get(workspaceId);
    if (workspace === null) throw notFound("workspace", workspaceId);
    const rows = await this.#ports.store.modelDefaults.list(workspaceId);
    return { ...workspace.settings.models, ...Object.fromEntries(rows.map(({ kind, model }) => [kind, model])) };
  }

  #requireKind(kind: string): AskingKind {
    const asked = this.#calls.asking().find((each) => each.kind === kind);
    if (asked !== undefined) return asked;
    throw new MillraceError("validation", `no agent kind '${kind}' asks a model`, {
      fix: "name one that pipelines.listKinds lists",
      details: { kind },
    });
  }
}
