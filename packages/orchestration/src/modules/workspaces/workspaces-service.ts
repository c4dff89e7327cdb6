import { workspaceSchema, type Block, type MergePreset, type Pipeline, type Workspace, type WorkspaceSnapshot } from "@millrace/contracts";
import { notFound, positionOf, type BlockPage, type Change, type Page } from "@millrace/kernel";
import { appendBoardEvent } from "../../platform/board-event.logic.js";
import type { WrittenBy } from "../../platform/operations/written-by.js";
import { withRevision } from "../../platform/operations/with-revision.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { BALANCED_PRESET } from "../../run/rules/merge-thresholds.logic.js";
import { sampleBoard } from "./sample-board.logic.js";
import { requireName, requireNotMounted, workspaceChange } from "./workspaces.logic.js";

/** Ports of the module. */
export type WorkspacesPorts = Pick<OrchestrationPorts, "store" | "clock" | "ids" | "log">;

/** What the module needs of others. */
export interface WorkspacesCalls {
  /** A page of the blocks of a board, in the order in which they were added. */
  readonly firstBlocks: (workspaceId: string, page: Page) => Promise<BlockPage<Block>>;
  /** The merge presets of a workspace. */
  readonly presets: (workspaceId: string) => Promise<readonly MergePreset[]>;
  /** The pipelines that a workspace can start, by id: what a build brings today, with what hosts and people added to it. */
  readonly pipelines: (workspaceId: string) => Promise<readonly Pick<Pipeline, "id" | "name">[]>;
  /** Ids of the other workspaces whose boards show a service of this one. */
  readonly mountedOn: (workspaceId: string) => Promise<readonly string[]>;
  /** Takes the services of a workspace off all other boards. */
  readonly detach: (workspaceId: string) => Promise<void>;
  /**
   * Closes the services of a workspace that is about to change its account.
   * @throws MillraceError `in_use` while another board shows one.
   */
  readonly close: (before: Workspace) => Promise<void>;
  /** Lets the directory of services follow a workspace into its new account. */
  readonly follow: (before: Workspace, after: Workspace) => Promise<void>;
  /** Forgets a workspace that is gone in the directory of services. */
  readonly forget: (gone: Workspace) => Promise<void>;
  /** Id of the personal account that a user would have. */
  readonly personalAccountId: (userId: string) => string;
  /** Stops a live run and sees it end. */
  readonly bringDown: (run: { readonly workspaceId: string; readonly runId: string }, reason: string) => Promise<void>;
}

/** Workspaces of an account at most. */
const MAX_OF_ACCOUNT = 500;
const MAX_LIVE_RUNS = 200;
/** Blocks of a snapshot at most, and of one read. */
const MAX_BLOCKS = 500;
const MAX_PAGE = 200;

type InWorkspace = WrittenBy & { readonly workspaceId: string };

/** The boards themselves: their creation, name, account and end. */
export class WorkspacesService {
  readonly #ports: WorkspacesPorts;
  readonly #calls: WorkspacesCalls;

  constructor(ports: WorkspacesPorts, calls: WorkspacesCalls) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /** Id of the personal account that a user would have. */
  personalAccountOf(userId: string): string {
    return this.#calls.personalAccountId(userId);
  }

  /** One page of the workspaces of these accounts, null standing for none; the newest first. */
  async list(request: {
    readonly accountIds: readonly (string | null)[];
    readonly query?: string | undefined;
    readonly limit: number;
    readonly after?: string | undefined;
  }): Promise<{ items: Workspace[]; nextAfter: string | null }> {
    const { accountIds, query, ...page } = request;
    const items = await this.#ports.store.workspaces.ofAccounts(accountIds, query, page);
    const last = items.at(-1);
    return { items: [...items], nextAfter: last === undefined || items.length < page.limit ? null : positionOf(last) };
  }

  /**
   * Creates a workspace with the balanced merge preset as its default, and with a sample board if that is wanted: in one commit.
   * @throws MillraceError `limit_reached` when the account has 500; `conflict` when the id is in use.
   */
  async create(
    request: WrittenBy & {
      readonly name: string;
      readonly description?: string | null;
      readonly accountId?: string | null;
      readonly sample?: boolean;
      /** Default: a fresh one. */
      readonly id?: string;
    },
  ): Promise<Workspace> {
    const { workspace, changes } = this.#creation(request);
    await this.#ports.store.commit([...changes, ...((await request.remember?.(workspace)) ?? [])]);
    return workspace;
  }

  /**
   * The same, answered with what the new board shows.
   * @throws MillraceError as `create`.
   */
  async createAndShow(request: Parameters<WorkspacesService["create"]>[0] & { readonly id: string }): Promise<WorkspaceSnapshot> {
    const { workspace, preset, blocks, changes } = this.#creation(request);
    const [cursor, pipelines] = await Promise.all([this.#ports.store.events.end(), this.#calls.pipelines(workspace.id)]);
    const snapshot: WorkspaceSnapshot = {
      cursor,
      workspace,
      blocks: [...blocks],
      hasMoreBlocks: false,
      runs: [],
      notifications: { open: 0, urgent: 0 },
      presets: [preset],
      pipelines: pipelines.map(({ id, name }) => ({ id, name })),
    };
    await this.#ports.store.commit([...changes, ...((await request.remember?.(snapshot)) ?? [])]);
    return snapshot;
  }

  #creation(request: Parameters<WorkspacesService["create"]>[0]) {
    const { ids } = this.#ports;
    const { id = ids.next("ws"), name, description = null, accountId = null, sample = false } = request;
    const by = this.#by(request);
    const preset = { ...BALANCED_PRESET, id: ids.next("mpr"), workspaceId: id };
    const workspace = workspaceSchema.parse({ id, name, description, createdAt: by.at, defaultPresetId: preset.id, accountId });
    const blocks = sample ? sampleBoard({ workspaceId: id, createdAt: by.at, nextId: () => ids.next("blk") }) : [];
    const changes: readonly Change[] = [
      { change: "insert-workspace", workspace, maxOfAccount: MAX_OF_ACCOUNT },
      appendBoardEvent(id, by, { type: "workspace-created", name }),
      { change: "insert-preset", preset, createdAt: by.at },
      ...blocks.map((block) => ({ change: "insert-block", block }) as const),
    ];
    return { workspace, preset, blocks, changes };
  }

  /**
   * Reads a workspace.
   * @throws MillraceError `not_found`.
   */
  async get(workspaceId: string): Promise<Workspace> {
    const workspace = await this.#ports.store.workspaces.get(workspaceId);
    if (workspace === null) throw notFound("workspace", workspaceId);
    return workspace;
  }

  /**
   * Changes the name or description; what is left out stays.
   * @throws MillraceError `not_found`, `stale_revision`.
   */
  async update(
    request: InWorkspace & { readonly name?: string | undefined; readonly description?: string | null | undefined },
  ): Promise<Workspace> {
    const { workspaceId, name, description } = request;
    return withRevision(
      request.expected ?? null,
      () => this.get(workspaceId),
      async (workspace) => {
        const fields = workspaceChange(workspace, { name, description });
        if (fields.length === 0) return workspace;
        const revision = workspace.revision + 1;
        await this.#ports.store.commit([
          { change: "patch-workspace", workspaceId, patch: { name, description }, expected: workspace.revision },
          appendBoardEvent(workspaceId, this.#by(request), { type: "workspace-changed", fields: [...fields], revision }),
        ]);
        return { ...workspace, ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }), revision };
      },
    );
  }

  /**
   * What a board shows. The position is read first: an event that comes meanwhile may be in the snapshot and behind the position, and is
   * never missed.
   * @throws MillraceError `not_found`.
   */
  async snapshot(workspaceId: string): Promise<WorkspaceSnapshot> {
    const { events, runs, notifications } = this.#ports.store;
    const cursor = await events.end();
    const [workspace, { blocks, hasMore }, live, counts, presets, pipelines] = await Promise.all([
      this.get(workspaceId),
      this.#firstBlocks(workspaceId),
      runs.list(workspaceId, { live: true }, { limit: MAX_LIVE_RUNS }),
      notifications.countOpen(workspaceId),
      this.#calls.presets(workspaceId),
      this.#calls.pipelines(workspaceId),
    ]);
    return {
      cursor,
      workspace,
      blocks: [...blocks],
      hasMoreBlocks: hasMore,
      runs: live.flatMap(({ id, blockId, status, createdAt, updatedAt }) =>
        status === "done" || status === "failed" || status === "cancelled" ? [] : [{ id, blockId, status, createdAt, updatedAt }],
      ),
      notifications: { ...counts },
      presets: [...presets],
      pipelines: pipelines.map(({ id, name }) => ({ id, name })),
    };
  }

  /**
   * Asks for the deletion of a workspace. From then on it is read only; `workspaces.delete` goes on with it. Asking again changes nothing.
   * @throws MillraceError `not_found`, `validation` unless `confirm` is its name, `in_use`, `stale_revision`.
   */
  async delete(request: InWorkspace & { readonly confirm: string; readonly detach?: boolean }): Promise<Workspace> {
    const { workspaceId, confirm, detach = false } = request;
    return withRevision(
      (await this.get(workspaceId)).deletingAt === null ? (request.expected ?? null) : null,
      () => this.get(workspaceId),
      async (workspace) => {
        if (workspace.deletingAt !== null) return workspace;
        requireName(workspace, confirm);
        if (detach) await this.#calls.detach(workspaceId);
        requireNotMounted(await this.#calls.mountedOn(workspaceId), "take them off those boards, or delete it with detach");
        const by = this.#by(request);
        await this.#ports.store.commit([
          { change: "patch-workspace", workspaceId, patch: { deletion: { at: by.at, by: by.actor } }, expected: workspace.revision },
          appendBoardEvent(workspaceId, by, { type: "workspace-deletion-requested", name: workspace.name }),
        ]);
        return { ...workspace, deletingAt: by.at, deletingBy: by.actor, revision: workspace.revision + 1 };
      },
    );
  }

  /**
   * Moves a workspace to another account. What was spent stays with the account it was spent in.
   * @throws MillraceError `not_found`, `in_use`, `run_in_progress`, `limit_reached`.
   */
  async transfer(request: InWorkspace & { readonly toAccountId: string }): Promise<Workspace> {
    const { workspaceId, toAccountId } = request;
    return withRevision(
      request.expected ?? null,
      () => this.get(workspaceId),
      async (workspace) => {
        const { accountId, revision } = workspace;
        if (accountId === toAccountId) return workspace;
        requireNotMounted(await this.#calls.mountedOn(workspaceId), "take them off those boards first");
        await this.#calls.close(workspace);
        const changed: Workspace = { ...workspace, accountId: toAccountId, revision: revision + 1 };
        const guards = { maxOfAccount: MAX_OF_ACCOUNT, isIdle: true, expected: revision };
        await this.#ports.store.commit([
          { change: "patch-workspace", workspaceId, patch: { accountId: toAccountId }, ...guards },
          appendBoardEvent(workspaceId, this.#by(request), { type: "workspace-transferred", from: accountId, to: toAccountId }),
          ...((await request.remember?.(changed)) ?? []),
        ]);
        await this.#calls.follow(workspace, changed);
        return changed;
      },
    );
  }

  /** At most three reads, whatever the size of the board. */
  async #firstBlocks(workspaceId: string): Promise<{ readonly blocks: readonly Block[]; readonly hasMore: boolean }> {
    const blocks: Block[] = [];
    let after: string | null = null;
    do {
      const limit = Math.min(MAX_PAGE, MAX_BLOCKS - blocks.length);
      const page: BlockPage<Block> = await this.#calls.firstBlocks(workspaceId, { limit, ...(after === null ? {} : { after }) });
      blocks.push(...page.rows);
      after = page.next;
    } while (after !== null && blocks.length < MAX_BLOCKS);
    return { blocks, hasMore: after !== null };
  }

  #by({ actor, onBehalfOf }: WrittenBy) {
    return { at: this.#ports.clock.now(), actor, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
  }
}
