import { dependencyCycle, isMillraceError, MillraceError, type Dependency } from "@millrace/kernel";
import { appendBoardEvent, type Authorship } from "../../platform/board-event.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { LookedUpOn, ResolveBlock } from "../../platform/resolve-block.js";
import { requireTask } from "./board.logic.js";
import { pathBetween, requireOnBoard } from "./structure.logic.js";

/** Tasks whose dependencies are read at a time, and those that a cycle is looked for in at most. */
const PAGE = 200;
const MAX_SEARCHED = 5000;

/** A request about what a task waits for. */
export interface DependencyRequest {
  readonly workspace: LookedUpOn;
  readonly blockId: string;
  readonly onId: string;
  readonly by: Authorship;
}

/** What tasks wait for. */
export class DependencyService {
  readonly #store: OrchestrationPorts["store"];
  readonly #resolve: ResolveBlock;

  constructor({ store }: Pick<OrchestrationPorts, "store">, resolve: ResolveBlock) {
    this.#store = store;
    this.#resolve = resolve;
  }

  /**
   * Lets a task wait for another one of the same home. One that it waits for already stays as it is.
   * @throws MillraceError `not_found`, `validation`, `cycle` with the path, `limit_reached`.
   */
  async add({ workspace, blockId, onId, by }: DependencyRequest): Promise<Omit<Dependency, "workspaceId">> {
    const [task, on] = [await this.#task(workspace, blockId), await this.#task(workspace, onId)];
    if (task.homeId !== on.homeId)
      throw new MillraceError(
        "validation",
        `'${task.title}' and '${on.title}' are tasks of two boards: a task waits for tasks of its own`,
        {
          fix: "name a task of the same board",
          details: { blockId, onId },
        },
      );
    const dependency = { workspaceId: task.homeId, blockId, onId, createdAt: by.at };
    const added = { blockId, onId, createdAt: by.at };
    try {
      await this.#store.commit([
        { change: "add-dependency", dependency },
        appendBoardEvent(task.homeId, by, { type: "dependency-added", blockId, onId }),
      ]);
      return added;
    } catch (error) {
      if (isMillraceError(error, "cycle")) throw dependencyCycle([blockId, ...(await this.#pathBetween(task.homeId, onId, blockId))]);
      if (!isMillraceError(error, "already_exists")) throw error;
      const before = (await this.#store.dependencies.of(task.homeId, [blockId])).find((each) => each.onId === onId);
      return before === undefined ? added : { blockId, onId, createdAt: before.createdAt };
    }
  }

  /**
   * Lets a task wait for another one no longer. One that it does not wait for stays so.
   */
  async remove({ workspace, blockId, onId, by }: DependencyRequest): Promise<void> {
    try {
      const { homeId } = await this.#resolve(workspace, blockId);
      await this.#store.commit([
        { change: "remove-dependency", workspaceId: homeId, blockId, onId },
        appendBoardEvent(homeId, by, { type: "dependency-removed", blockId, onId }),
      ]);
    } catch (error) {
      if (!isMillraceError(error, "not_found")) throw error;
    }
  }

  async #task(workspace: LookedUpOn, id: string): Promise<{ readonly homeId: string; readonly title: string }> {
    const { homeId, block } = await this.#resolve(workspace, id);
    requireTask(block);
    requireOnBoard(block);
    return { homeId, title: block.title };
  }

  /** The way from one task to another, for people to see; only its ends when it is gone by now, or longer than is searched. */
  async #pathBetween(homeId: string, from: string, to: string): Promise<readonly string[]> {
    const edges = new Map<string, string[]>();
    let next: readonly string[] = [from];
    while (next.length > 0 && edges.size < MAX_SEARCHED) {
      for (const id of next) edges.set(id, []);
      for (const { blockId, onId } of await this.#store.dependencies.of(homeId, next)) edges.get(blockId)?.push(onId);
      const path = pathBetween(edges, from, to);
      if (path !== null) return path;
      next = [...new Set([...edges.values()].flat())].filter((id) => !edges.has(id)).slice(0, PAGE);
    }
    return [from, to];
  }
}
