import {
  addModuleSchema,
  addTaskSchema,
  checkPolicySchema,
  repositoryRefSchema,
  serviceTestingSchema,
  updateBlockSchema,
  type Block,
  type BoardEventBody,
  type Capability,
  type CheckPolicy,
  type Position,
  type RepositoryRef,
  type ServiceTesting,
  type ServiceType,
  type UpdateBlock,
} from "@millrace/contracts";
import { MillraceError, blockChanged, blockRemoved, isMillraceError, notFound, type BlockPatch, type Change } from "@millrace/kernel";
import { appendBoardEvent, type Authorship } from "../../platform/board-event.logic.js";
import { emptyBlock } from "../../platform/empty-block.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { refusal } from "../../platform/refusal.logic.js";
import type { WrittenBy } from "../../platform/operations/written-by.js";
import { provePerson, type PersonPorts } from "../../run/commands/prove-person.js";
import { DependencyService } from "./dependency-service.js";
import { PlacementService } from "./placement-service.js";
import { RemovalService } from "./removal-service.js";
import {
  SERVICE_TITLES,
  changeOf,
  membersOf,
  moduleSlot,
  needsIdle,
  requireFieldsOf,
  requireService,
  requireTaskParent,
} from "./board.logic.js";
import type { BoardCalls } from "./board-calls.js";
import { BoardReads } from "./board-reads-service.js";

/** Most services of a board, and most tasks that are not done. */
const MOST_SERVICES = 200;
const MOST_OPEN_TASKS = 5000;
/** Places that are tried for a module, and times that a change is decided anew on a block that others change at the same time. */
const MOST_TRIES = 20;

/** A change of a block by a person; `input` is untrusted. */
type BlockChange = WrittenBy & { readonly workspaceId: string; readonly blockId: string; readonly input: unknown };
type ServiceChange = Omit<BlockChange, "blockId"> & { readonly serviceId: string };

/** What a person's change writes beside the new revision. */
interface Decided {
  readonly patch: BlockPatch;
  readonly event: BoardEventBody;
  /** Guards and changes in the same commit. Default: none. */
  readonly more?: readonly Change[];
}

/** Ports of the board. */
export type BoardPorts = PersonPorts & Pick<OrchestrationPorts, "ids" | "log">;

/** The blocks of boards. */
export class BoardService {
  readonly #ports: BoardPorts;
  readonly #calls: BoardCalls;
  readonly placement: PlacementService;
  readonly dependencies: DependencyService;
  readonly removal: RemovalService;
  readonly reads: BoardReads;

  constructor(ports: BoardPorts, calls: BoardCalls) {
    this.#ports = ports;
    this.reads = new BoardReads(ports, calls);
    this.#calls = calls;
    this.placement = new PlacementService(ports, calls);
    this.dependencies = new DependencyService(ports, calls.resolve);
    this.removal = new RemovalService(ports, calls);
  }

  /**
   * Adds a service, with its repository and what counts as checked there. A board has 200 at most.
   * @throws MillraceError `not_found`, `limit_reached`, `already_exists`.
   */
  async addService(
    request: WrittenBy & {
      readonly workspaceId: string;
      /** Default: the name of its type. */
      readonly title?: string | undefined;
      /** Default: `service`. */
      readonly type?: ServiceType;
      readonly description?: string;
      readonly position?: Position | null;
      readonly repository: RepositoryRef | null;
      readonly checks: CheckPolicy;
      /** How it is brought up for its tests. Default: not stated. */
      readonly testing?: ServiceTesting | null;
    },
  ): Promise<Block> {
    const { workspaceId, type = "service", repository, checks } = request;
    const service = this.#block(request, {
      level: "service",
      parentId: null,
      type,
      title: request.title ?? SERVICE_TITLES[type],
      description: request.description ?? "",
      position: request.position ?? null,
      repository,
      checks,
      testing: request.testing ?? null,
      fragmentIds: [...(await this.#calls.defaultFragments(workspaceId))],
    });
    await this.#calls.claimService(service);
    await this.#insert({ change: "insert-block", block: service, max: MOST_SERVICES }, request);
    await this.#calls.confirmService(service, this.#by(request));
    return service;
  }

  /**
   * Adds a module to a service, at the next free place where none is given. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`.
   */
  async addModule(
    request: WrittenBy & { readonly workspaceId: string; readonly serviceId: string; readonly input: unknown },
  ): Promise<Block> {
    const { workspaceId, serviceId } = request;
    const input = addModuleSchema.safeParse(request.input);
    if (!input.success) throw refusal("the module cannot be added", input.error, "a module has a title of 1 to 120 characters");
    const service = await this.#onBoard(workspaceId, serviceId);
    requireService(service);
    const homeId = service.workspaceId;
    const given = this.#block({ ...request, workspaceId: homeId }, { level: "module", parentId: serviceId, ...input.data });
    if (given.position !== null) return this.#insert({ change: "insert-block", block: given }, request);
    const first = await this.#ports.store.blocks.countModules(homeId, serviceId);
    for (let slot = first; ; slot += 1) {
      try {
        return await this.#insert({ change: "insert-block", block: { ...given, position: moduleSlot(slot) }, isPlaceFree: true }, request);
      } catch (error) {
        const isTaken = isMillraceError(error, "conflict") && error.details?.["blockId"] === given.id;
        if (!isTaken || slot - first >= MOST_TRIES) throw error;
      }
    }
  }

  /**
   * Adds a task to a service or a module. A board has 5,000 open ones at most. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `limit_reached`, `cycle`, `not_configured`.
   */
  async addTask(request: WrittenBy & { readonly workspaceId: string; readonly parentId: string; readonly input: unknown }): Promise<Block> {
    const input = addTaskSchema.safeParse(request.input);
    if (!input.success) throw refusal("the task cannot be added", input.error, "a task has a title of 1 to 200 characters");
    const { dependsOn, ...said } = input.data;
    requireFieldsOf(said.taskType, said.fields);
    const parent = await this.#onBoard(request.workspaceId, request.parentId);
    requireTaskParent(parent);
    const atHome = { ...request, workspaceId: parent.workspaceId };
    await this.#requireChoices(atHome, said);
    const task = this.#block(atHome, { level: "task", parentId: parent.id, ...said });
    return this.#insert({ change: "insert-block", block: task, max: MOST_OPEN_TASKS }, request, waitsFor(task, dependsOn));
  }

  /**
   * Changes what people said about a block; what is left out stays. What the agents of a task have read is not changed while a run of it is
   * live. `require` is asked for the capability that a service needs; default: the caller may.
   * @throws MillraceError `validation`, `not_found`, `run_in_progress`, `stale_revision`, `forbidden`.
   */
  async update(request: BlockChange & { readonly require?: (capability: Capability) => void }): Promise<Block> {
    const { blockId } = request;
    const input = updateBlockSchema.safeParse(request.input);
    if (!input.success) throw refusal("the block cannot be changed", input.error, "a title has 1 to 200 characters");
    return this.#change(request, blockId, async (block) => {
      if (block.level === "service") request.require?.("service.write");
      const patch = changeOf(block, input.data);
      const fields = membersOf(patch);
      if (fields.length === 0) return null;
      await this.#requireChoices({ ...request, workspaceId: block.workspaceId }, patch);
      return {
        patch,
        event: { type: "block-changed", blockId, fields: [...fields], revision: block.revision + 1 },
        more: needsIdle(block, patch) ? [{ change: "keep-block-idle", workspaceId: block.workspaceId, id: blockId }] : [],
      };
    });
  }

  /**
   * Replaces the statement of how a service is brought up for its tests; null withdraws it. Runs read it before each step. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `stale_revision`.
   */
  async putTesting(request: ServiceChange): Promise<Block> {
    const { serviceId } = request;
    const parsed = serviceTestingSchema.nullable().safeParse(request.input);
    if (!parsed.success)
      throw refusal(
        "the service's tests cannot be set up",
        parsed.error,
        "name a compose file inside the repository, or say that the tests need nothing",
      );
    return this.#change(request, serviceId, async (service) => {
      requireService(service);
      const testing = { before: service.testing, after: parsed.data };
      return { patch: { testing: parsed.data }, event: { type: "service-changed", blockId: serviceId, testing } };
    });
  }

  /**
   * Sets what counts as checked in a service. Verdicts under the old policy are void: runs go back to their gates. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `stale_revision`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async putChecks(request: ServiceChange): Promise<Block> {
    const { workspaceId, serviceId } = request;
    const parsed = checkPolicySchema.safeParse(request.input);
    if (!parsed.success)
      throw refusal("the checks cannot be set", parsed.error, "name the checks that must be green, or say that there are none");
    requireService(await this.#onBoard(workspaceId, serviceId));
    const actor = await provePerson(this.#ports, request, { deed: "set-checks", workspaceId, run: null });
    return this.#change({ ...request, actor }, serviceId, async (service) => {
      const checks = { before: service.checks, after: parsed.data };
      return { patch: { checks: parsed.data }, event: { type: "service-changed", blockId: serviceId, checks } };
    });
  }

  /**
   * Sets where the code of a service lives; null: nowhere yet. Refused while a run of it or of a task in it is live. `input` is untrusted.
   * @throws MillraceError `validation`, `not_found`, `stale_revision`, `run_in_progress`, `already_exists`.
   */
  async putRepository(request: ServiceChange): Promise<Block> {
    const { serviceId } = request;
    const parsed = repositoryRefSchema.nullable().safeParse(request.input);
    if (!parsed.success) throw refusal("the repository cannot be set", parsed.error, "name its forge, its id there and the base branch");
    return this.#change(request, serviceId, async (service) => {
      requireService(service);
      const repository = { before: service.repository, after: parsed.data };
      return {
        patch: { repository: parsed.data },
        event: { type: "service-changed", blockId: serviceId, repository },
        more: [{ change: "keep-block-idle", workspaceId: service.workspaceId, id: serviceId }],
      };
    });
  }

  /** Everything that a block names is there: one that is missing would quietly be replaced by a default. */
  async #requireChoices({ workspaceId, actor }: WrittenBy & { readonly workspaceId: string }, said: Partial<UpdateBlock>): Promise<void> {
    const { pipelineId, presetId, modelId, responsibleId, fragmentIds = [] } = said;
    if (pipelineId != null && (await this.#calls.pipeline(workspaceId, pipelineId)) === null)
      throw notFound("pipeline", pipelineId, "list pipelines with: millrace pipelines");
    if (presetId != null && (await this.#ports.store.presets.get(workspaceId, presetId)) === null)
      throw notFound("preset", presetId, "name a preset of this workspace, or none: its default holds then");
    if (modelId != null && !(await this.#calls.modelIsKnown(workspaceId, modelId)))
      throw notFound("model", modelId, "name a model of the catalogue, or none: each kind has its own then");
    const roles = ["product", "developer"] as const;
    if (responsibleId != null && !(await this.#calls.memberHasRole({ workspaceId, userId: responsibleId, roles, actor })))
      throw new MillraceError("validation", `'${responsibleId}' is no member with the role product or developer`, {
        fix: "name one who is, or none",
        details: { responsibleId },
      });
    const [unknown] = fragmentIds.length === 0 ? [] : await this.#calls.unknownFragments(workspaceId, fragmentIds);
    if (unknown !== undefined) throw notFound("fragment", unknown, "name fragments of this workspace, its account, or built-in ones");
  }

  /** A block that is on the board, its own or of a service of another board that it shows: that one is changed at home. */
  async #onBoard(workspaceId: string, id: string): Promise<Block> {
    const own = await this.#ports.store.blocks.get(workspaceId, id);
    const block = own ?? (await this.#ofOtherBoard(workspaceId, id));
    if (block.removedAt !== null) throw blockRemoved(id);
    return block;
  }

  async #ofOtherBoard(workspaceId: string, id: string): Promise<Block> {
    const workspace = await this.#ports.store.workspaces.get(workspaceId);
    if (workspace === null) throw notFound("block", id);
    return (await this.#calls.resolve(workspace, id)).block;
  }

  /**
   * Commits what a person decided on a block, on the revision that it was decided on. A caller that named none decides anew when the
   * block has changed meanwhile.
   */
  async #change(
    request: WrittenBy & { readonly workspaceId: string },
    id: string,
    decide: (block: Block) => Promise<Decided | null>,
  ): Promise<Block> {
    const { expected = null } = request;
    for (let tries = 1; ; tries += 1) {
      const block = await this.#onBoard(request.workspaceId, id);
      const { workspaceId } = block;
      if (expected !== null && expected !== block.revision) throw blockChanged(id, expected, block.revision);
      const decided = await decide(block);
      if (decided === null) return block;
      const { patch, event, more = [] } = decided;
      const isListed = block.level === "service" && (patch.title ?? patch.type ?? patch.repository) !== undefined;
      if (isListed) await this.#calls.claimService({ ...block, ...definedIn(patch) });
      try {
        await this.#ports.store.commit([
          ...more,
          { change: "revise-block", workspaceId, id, of: "block", expected: block.revision },
          { change: "patch-block", workspaceId, id, patch },
          appendBoardEvent(workspaceId, this.#by(request), event),
        ]);
        const changed = await this.#onBoard(workspaceId, id);
        if (isListed) await this.#calls.confirmService(changed, this.#by(request));
        return changed;
      } catch (error) {
        if (!isMillraceError(error, "stale_revision") || tries >= MOST_TRIES) throw error;
      }
    }
  }

  #block({ workspaceId, actor, onBehalfOf }: WrittenBy & { readonly workspaceId: string }, known: NewBlock): Block {
    const createdBy = onBehalfOf ?? (actor.type === "human" ? actor.id : null);
    return emptyBlock({ ...known, id: this.#ports.ids.next("blk"), workspaceId, createdBy, createdAt: this.#ports.clock.now() });
  }

  async #insert(
    insert: Change<"insert-block">,
    request: WrittenBy & { readonly workspaceId: string },
    more: readonly Change[] = [],
  ): Promise<Block> {
    const { block } = insert;
    const { id, level, title, parentId } = block;
    const remembered = (await request.remember?.(block)) ?? [];
    const isAtHome = block.workspaceId === request.workspaceId;
    await this.#ports.store.commit([
      insert,
      ...more,
      appendBoardEvent(block.workspaceId, this.#by(request), { type: "block-added", blockId: id, level, title, parentId }),
      ...(isAtHome ? remembered : []),
    ]);
    // The request is remembered on the board that it was made on, which no commit spans with another.
    if (!isAtHome) await this.#ports.store.commit(remembered);
    return block;
  }

  #by({ actor, onBehalfOf }: WrittenBy): Authorship {
    return { at: this.#ports.clock.now(), actor, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
  }
}

type NewBlock = Pick<Block, "level" | "parentId" | "title"> & Partial<Block>;

/** The members that a patch sets. */
function definedIn(patch: BlockPatch): Partial<Block> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
}

/** What makes a new task wait for others: nothing waits for it yet, so there is no cycle. */
function waitsFor({ workspaceId, id, createdAt }: Block, ids: readonly string[]): readonly Change[] {
  return [...new Set(ids)].map((onId) => ({ change: "add-dependency", dependency: { workspaceId, blockId: id, onId, createdAt } }));
}
