import {
  addTaskSchema,
  checkPolicySchema,
  serviceTestingSchema,
  updateTaskSchema,
  workspaceSettingsSchema,
  type Actor,
  type Block,
  type CheckPolicy,
  type Pipeline,
  type RepositoryRef,
  type ServiceTesting,
  type Workspace,
  type WorkspaceSettings,
} from "@millrace/contracts";
import { blockRemoved, notFound } from "@millrace/kernel";
import { BALANCED_PRESET } from "../../run/rules/merge-thresholds.logic.js";
import { appendBoardEvent, type Authorship } from "../../platform/board-event.logic.js";
import { emptyBlock } from "../../platform/empty-block.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { refusal } from "../../platform/refusal.logic.js";
import type { WrittenBy } from "../../platform/operations/written-by.js";
import { provePerson, type ByPerson, type PersonPorts } from "../../run/commands/prove-person.js";
import { resolveNotification } from "../../run/model/notification.logic.js";
import { changedFields, requireService, requireTask, requireTaskParent } from "./board.logic.js";

/** What the module needs of others. */
export interface BoardCalls {
  /** The pipeline of that id that holds in a workspace, its own or a built-in one; null when there is neither. */
  readonly pipeline: (workspaceId: string, id: string) => Promise<Pipeline | null>;
}

/** Workspaces, their settings, and the blocks of their boards. */
export class BoardService {
  readonly #ports: PersonPorts & Pick<OrchestrationPorts, "ids">;
  readonly #calls: BoardCalls;

  constructor(ports: PersonPorts & Pick<OrchestrationPorts, "ids">, calls: BoardCalls) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /** Creates a workspace with the balanced merge preset. */
  async createWorkspace(request: { readonly name: string; readonly accountId?: string | null; readonly actor: Actor }): Promise<Workspace> {
    const workspace: Workspace = {
      id: this.#ports.ids.next("ws"),
      name: request.name,
      createdAt: this.#ports.clock.now(),
      settings: workspaceSettingsSchema.parse({}),
      accountId: request.accountId ?? null,
      deletingAt: null,
    };
    await this.#ports.store.commit([
      { change: "insert-workspace", workspace },
      appendBoardEvent(workspace.id, this.#by(request), { type: "workspace-created", name: workspace.name }),
      {
        change: "insert-preset",
        preset: { ...BALANCED_PRESET, id: this.#ports.ids.next("mpr"), workspaceId: workspace.id },
        createdAt: workspace.createdAt,
        isDefault: true,
      },
    ]);
    return workspace;
  }

  /**
   * Adds a service, with its repository and what counts as checked there.
   * @throws MillraceError `not_found`.
   */
  async addService(
    request: WrittenBy & {
      readonly workspaceId: string;
      readonly title: string;
      readonly repository: RepositoryRef | null;
      readonly checks: CheckPolicy;
      /** How it is brought up for its tests. Default: not stated. */
      readonly testing?: ServiceTesting | null;
    },
  ): Promise<Block> {
    if ((await this.#ports.store.workspaces.get(request.workspaceId)) === null) throw notFound("workspace", request.workspaceId);
    return this.#insert(
      this.#block(request.workspaceId, {
        level: "service",
        parentId: null,
        title: request.title,
        repository: request.repository,
        checks: request.checks,
        testing: request.testing ?? null,
      }),
      request,
    );
  }

  /**
   * Replaces the statement of how a service is brought up for its tests; null withdraws it. Runs read it before each step. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`.
   */
  async putTesting(request: {
    readonly workspaceId: string;
    readonly serviceId: string;
    readonly input: unknown;
    readonly actor: Actor;
  }): Promise<Block> {
    const { workspaceId, serviceId, actor } = request;
    const parsed = serviceTestingSchema.nullable().safeParse(request.input);
    if (!parsed.success)
      throw refusal(
        "the service's tests cannot be set up",
        parsed.error,
        "name a compose file inside the repository, or say that the tests need nothing",
      );
    const service = await this.#service(workspaceId, serviceId);
    await this.#ports.store.commit([
      { change: "patch-block", workspaceId, id: serviceId, patch: { testing: parsed.data } },
      appendBoardEvent(workspaceId, this.#by({ ...request, actor }), { type: "service-changed", blockId: serviceId }),
    ]);
    return { ...service, testing: parsed.data };
  }

  /**
   * Sets what counts as checked in a service. Verdicts under the old policy are void: runs go back to their gates. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async putChecks(
    request: ByPerson & {
      readonly workspaceId: string;
      readonly serviceId: string;
      readonly input: unknown;
    },
  ): Promise<Block> {
    const { workspaceId, serviceId } = request;
    const parsed = checkPolicySchema.safeParse(request.input);
    if (!parsed.success)
      throw refusal("the checks cannot be set", parsed.error, "name the checks that must be green, or say that there are none");
    const service = await this.#service(workspaceId, serviceId);
    const actor = await provePerson(this.#ports, request, { deed: "set-checks", workspaceId, run: null });
    await this.#ports.store.commit([
      { change: "patch-block", workspaceId, id: serviceId, patch: { checks: parsed.data } },
      appendBoardEvent(workspaceId, this.#by({ ...request, actor }), { type: "service-changed", blockId: serviceId }),
    ]);
    return { ...service, checks: parsed.data };
  }

  /**
   * Adds a task to a service or a module. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`.
   */
  async addTask(request: WrittenBy & { readonly workspaceId: string; readonly parentId: string; readonly input: unknown }): Promise<Block> {
    const input = addTaskSchema.safeParse(request.input);
    if (!input.success) throw refusal("the task cannot be added", input.error, "a task has a title of 1 to 200 characters");
    const parent = await this.#ports.store.blocks.get(request.workspaceId, request.parentId);
    if (parent === null) throw notFound("block", request.parentId);
    requireTaskParent(parent);
    await this.#requireChoices(request.workspaceId, input.data);
    return this.#insert(this.#block(request.workspaceId, { level: "task", parentId: parent.id, ...input.data }), request);
  }

  /**
   * Changes what a person said about a task; what is left out stays. Refused while a run of it is live, because its agents have read it.
   * `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `run_in_progress`.
   */
  async updateTask(request: {
    readonly workspaceId: string;
    readonly blockId: string;
    readonly input: unknown;
    readonly actor: Actor;
  }): Promise<Block> {
    const { workspaceId, blockId, actor } = request;
    const input = updateTaskSchema.safeParse(request.input);
    if (!input.success) throw refusal("the task cannot be changed", input.error, "a task has a title of 1 to 200 characters");
    const task = await this.#taskOnBoard(workspaceId, blockId);
    const fields = changedFields(task, input.data);
    await this.#requireChoices(workspaceId, {
      pipelineId: fields.includes("pipelineId") ? (input.data.pipelineId ?? null) : null,
      presetId: fields.includes("presetId") ? (input.data.presetId ?? null) : null,
    });
    if (fields.length === 0) return task;
    await this.#ports.store.commit([
      { change: "keep-block-idle", workspaceId, id: blockId },
      { change: "patch-block", workspaceId, id: blockId, patch: input.data },
      appendBoardEvent(workspaceId, this.#by({ ...request, actor }), { type: "block-changed", blockId, fields }),
    ]);
    return this.#taskOnBoard(workspaceId, blockId);
  }

  /**
   * Takes a task off the board. Its runs and their evidence stay readable, what they asked people for is dismissed; its branch and pull
   * request are left alone. Removing it again changes nothing.
   * @throws MillraceError `validation`, `not_found`, `run_in_progress`.
   */
  async removeTask(request: { readonly workspaceId: string; readonly blockId: string; readonly actor: Actor }): Promise<void> {
    const { workspaceId, blockId, actor } = request;
    const { store, clock } = this.#ports;
    const task = await store.blocks.get(workspaceId, blockId);
    if (task === null) throw notFound("task", blockId);
    requireTask(task);
    if (task.removedAt !== null) return;
    const notifications = task.runId === null ? [] : await store.notifications.ofRun(workspaceId, task.runId);
    const by = { at: clock.now(), actor };
    await store.commit([
      { change: "keep-block-idle", workspaceId, id: blockId },
      { change: "patch-block", workspaceId, id: blockId, patch: { removedAt: by.at } },
      ...notifications.map((notification) => resolveNotification(notification, "dismissed", by)),
      appendBoardEvent(workspaceId, by, { type: "block-removed", blockId, title: task.title }),
    ]);
  }

  /**
   * Replaces the settings of a workspace: a setting that is left out gets its default. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async putSettings(request: ByPerson & { readonly workspaceId: string; readonly input: unknown }): Promise<WorkspaceSettings> {
    const { workspaceId } = request;
    const parsed = workspaceSettingsSchema.safeParse(request.input);
    if (!parsed.success) throw refusal("the settings cannot be used", parsed.error, "see the current ones with: millrace config list");
    if ((await this.#ports.store.workspaces.get(workspaceId)) === null) throw notFound("workspace", workspaceId);
    const actor = await provePerson(this.#ports, request, { deed: "set-settings", workspaceId, run: null });
    await this.#ports.store.commit([
      { change: "put-settings", workspaceId, settings: parsed.data },
      appendBoardEvent(workspaceId, this.#by({ ...request, actor }), { type: "settings-changed" }),
    ]);
    return parsed.data;
  }

  /** Everything that a task names is there: one that is missing would quietly be replaced by a default. */
  async #requireChoices(workspaceId: string, { pipelineId, presetId }: Pick<Block, "pipelineId" | "presetId">): Promise<void> {
    if (pipelineId !== null && (await this.#calls.pipeline(workspaceId, pipelineId)) === null)
      throw notFound("pipeline", pipelineId, "list pipelines with: millrace pipelines");
    if (presetId !== null && (await this.#ports.store.presets.get(workspaceId, presetId)) === null)
      throw notFound("preset", presetId, "name a preset of this workspace, or none: its default holds then");
  }

  async #service(workspaceId: string, serviceId: string): Promise<Block> {
    const service = await this.#ports.store.blocks.get(workspaceId, serviceId);
    if (service === null) throw notFound("block", serviceId);
    requireService(service);
    return service;
  }

  async #taskOnBoard(workspaceId: string, blockId: string): Promise<Block> {
    const task = await this.#ports.store.blocks.get(workspaceId, blockId);
    if (task === null) throw notFound("task", blockId);
    requireTask(task);
    if (task.removedAt !== null) throw blockRemoved(blockId);
    return task;
  }

  #block(workspaceId: string, known: Pick<Block, "level" | "parentId" | "title"> & Partial<Block>): Block {
    return emptyBlock({ ...known, id: this.#ports.ids.next("blk"), workspaceId, createdAt: this.#ports.clock.now() });
  }

  async #insert(block: Block, request: WrittenBy): Promise<Block> {
    await this.#ports.store.commit([
      { change: "insert-block", block },
      appendBoardEvent(block.workspaceId, this.#by(request), {
        type: "block-added",
        blockId: block.id,
        level: block.level,
        title: block.title,
      }),
      ...((await request.remember?.(block)) ?? []),
    ]);
    return block;
  }

  #by({ actor, onBehalfOf }: WrittenBy): Authorship {
    return { at: this.#ports.clock.now(), actor, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
  }
}
