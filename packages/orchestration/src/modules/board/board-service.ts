import {
  addTaskSchema,
  serviceTestingSchema,
  workspaceSettingsSchema,
  EVENT_SHAPE_VERSION,
  type Actor,
  type Block,
  type BoardEvent,
  type CheckPolicy,
  type Pipeline,
  type RepositoryRef,
  type ServiceTesting,
  type Workspace,
  type WorkspaceSettings,
} from "@millrace/contracts";
import { MillraceError, notFound, type Change } from "@millrace/kernel";
import type { z } from "zod";
import type { Registries } from "../../run/model/evolve.logic.js";
import { builtInPipelines } from "../../run/pipelines/built-in.js";
import { parsePipeline } from "../../run/pipelines/shape.logic.js";
import { BALANCED_PRESET } from "../../run/rules/merge-thresholds.logic.js";
import { emptyBlock } from "../../platform/empty-block.js";
import type { OrchestrationPorts } from "../../platform/ports.js";

/** What a board holds and how it comes to be there. */
export class BoardService {
  readonly #ports: OrchestrationPorts;
  readonly #registries: Registries;

  constructor(ports: OrchestrationPorts, registries: Registries) {
    this.#ports = ports;
    this.#registries = registries;
  }

  /** A workspace with the built-in pipelines and the balanced merge preset. */
  async createWorkspace(request: { readonly name: string; readonly actor: Actor }): Promise<Workspace> {
    const workspace: Workspace = {
      id: this.#ports.ids.next("ws"),
      name: request.name,
      createdAt: this.#ports.clock.now(),
      settings: workspaceSettingsSchema.parse({}),
    };
    await this.#ports.store.commit([
      { change: "insert-workspace", workspace },
      this.#event(workspace.id, request.actor, { type: "workspace-created", name: workspace.name }),
      ...builtInPipelines.map((pipeline): Change => ({ change: "put-pipeline", workspaceId: workspace.id, pipeline })),
      { change: "put-preset", preset: { ...BALANCED_PRESET, id: this.#ports.ids.next("mpr"), workspaceId: workspace.id, isDefault: true } },
    ]);
    return workspace;
  }

  /** A service: the service its tasks live in, with its repository and what counts as checked there. */
  async addService(request: {
    readonly workspaceId: string;
    readonly title: string;
    readonly repository: RepositoryRef | null;
    readonly checks: CheckPolicy;
    /** How it is brought up for its tests. Default: nobody has said. */
    readonly testing?: ServiceTesting | null;
    readonly actor: Actor;
  }): Promise<Block> {
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
      request.actor,
    );
  }

  /**
   * Says anew how a service is brought up for its tests; null: nobody says any more. Runs read it before each step. `input` is untrusted.
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
    const service = await this.#ports.store.blocks.get(workspaceId, serviceId);
    if (service === null) throw notFound("block", serviceId);
    if (service.level !== "service")
      throw new MillraceError("validation", `'${service.title}' is no service`, { fix: "name the service the task lives in" });
    await this.#ports.store.commit([
      { change: "patch-block", workspaceId, id: serviceId, patch: { testing: parsed.data } },
      this.#event(workspaceId, actor, { type: "service-changed", blockId: serviceId }),
    ]);
    return { ...service, testing: parsed.data };
  }

  /** A task in a service or module. `input` is untrusted. @throws MillraceError `validation`, `not_found`. */
  async addTask(request: {
    readonly workspaceId: string;
    readonly parentId: string;
    readonly input: unknown;
    readonly actor: Actor;
  }): Promise<Block> {
    const input = addTaskSchema.safeParse(request.input);
    if (!input.success) throw refusal("the task cannot be added", input.error, "a task has a title of 1 to 200 characters");
    const parent = await this.#ports.store.blocks.get(request.workspaceId, request.parentId);
    if (parent === null) throw notFound("block", request.parentId);
    if (parent.level === "task") throw new MillraceError("validation", `'${parent.title}' is a task; tasks live in a service or a module`);
    const { pipelineId } = input.data;
    if (pipelineId !== null && (await this.#ports.store.pipelines.get(request.workspaceId, pipelineId)) === null)
      throw notFound("pipeline", pipelineId);
    return this.#insert(this.#block(request.workspaceId, { level: "task", parentId: parent.id, ...input.data }), request.actor);
  }

  /** Replaces the workspace's settings: what is left out gets its default. `input` is untrusted. @throws MillraceError `validation`, `not_found`. */
  async putSettings(request: { readonly workspaceId: string; readonly input: unknown; readonly actor: Actor }): Promise<WorkspaceSettings> {
    const { workspaceId } = request;
    const parsed = workspaceSettingsSchema.safeParse(request.input);
    if (!parsed.success) throw refusal("the settings cannot be used", parsed.error, "see the current ones with: millrace settings");
    if ((await this.#ports.store.workspaces.get(workspaceId)) === null) throw notFound("workspace", workspaceId);
    await this.#ports.store.commit([
      { change: "put-settings", workspaceId, settings: parsed.data },
      this.#event(workspaceId, request.actor, { type: "settings-changed" }),
    ]);
    return parsed.data;
  }

  /** Adds or replaces a pipeline. `input` is untrusted. Runs that started keep their own copy. @throws MillraceError `pipeline_invalid`. */
  async putPipeline(request: { readonly workspaceId: string; readonly input: unknown }): Promise<Pipeline> {
    if ((await this.#ports.store.workspaces.get(request.workspaceId)) === null) throw notFound("workspace", request.workspaceId);
    const pipeline = parsePipeline(request.input, this.#registries);
    await this.#ports.store.commit([{ change: "put-pipeline", workspaceId: request.workspaceId, pipeline }]);
    return pipeline;
  }

  #block(workspaceId: string, known: Pick<Block, "level" | "parentId" | "title"> & Partial<Block>): Block {
    return emptyBlock({ ...known, id: this.#ports.ids.next("blk"), workspaceId, createdAt: this.#ports.clock.now() });
  }

  async #insert(block: Block, actor: Actor): Promise<Block> {
    await this.#ports.store.commit([
      { change: "insert-block", block },
      this.#event(block.workspaceId, actor, { type: "block-added", blockId: block.id, level: block.level, title: block.title }),
    ]);
    return block;
  }

  #event(workspaceId: string, actor: Actor, event: BoardEvent["event"]): Change {
    return {
      change: "append-board-event",
      workspaceId,
      event: { version: EVENT_SHAPE_VERSION, at: this.#ports.clock.now(), actor, event },
    };
  }
}

/** Bad input, with the first thing that is wrong about it. */
function refusal(what: string, error: z.ZodError, fix: string): MillraceError {
  const [issue] = error.issues;
  return new MillraceError("validation", `${what}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`, { fix });
}
