import type { Block, Notification, Pipeline } from "@millrace/contracts";
import { blockRemoved, isMillraceError, MillraceError, notFound, type RunSummary, type Store } from "@millrace/kernel";
import { pipelinesInForce } from "@millrace/orchestration";
import { taskNamed } from "./names.logic.js";
import type { Cradle } from "../wiring/container.js";

const PAGE = 200;
/** Bounds a listing at 10,000 rows, more than the board of one team holds. */
const MAX_PAGES = 50;

/** The board a command works on: its store, and the ids of its workspace and its service. */
export interface Board {
  readonly store: Store;
  readonly workspaceId: string;
  readonly serviceId: string;
}

async function allOf<T extends { readonly id: string }>(page: (after: string | undefined) => Promise<readonly T[]>): Promise<readonly T[]> {
  const rows: T[] = [];
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const next = await page(rows.at(-1)?.id);
    rows.push(...next);
    if (next.length < PAGE) break;
  }
  return rows;
}

/** The board of a command; opens the runtime. */
export async function boardOf({ project, runtime }: Pick<Cradle, "project" | "runtime">): Promise<Board> {
  const { store } = await runtime.open();
  return { store, workspaceId: project.config.workspaceId, serviceId: project.config.serviceId };
}

/** Tasks of the board at any depth below its service, oldest first: a merged task may have moved into a module. */
export async function tasksOf(board: Board): Promise<readonly Block[]> {
  return (await blocksOf(board)).filter(({ level }) => level === "task");
}

/** Modules and tasks of the board at any depth below its service, oldest first. */
export async function blocksOf({ store, workspaceId, serviceId }: Board): Promise<readonly Block[]> {
  const found: Block[] = [];
  // Tasks have no children, so there is one listing for the service and one for each module.
  const parents = [serviceId];
  for (let parent = parents.shift(); parent !== undefined; parent = parents.shift()) {
    const parentId = parent;
    const children = await allOf((after) => store.blocks.children(workspaceId, parentId, { limit: PAGE, after }));
    found.push(...children);
    parents.push(...children.filter(({ level }) => level !== "task").map(({ id }) => id));
  }
  return found.toSorted((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1));
}

/** Runs of the board, newest first. */
export function runsOf({ store, workspaceId }: Board, filter: { readonly live?: boolean } = {}): Promise<readonly RunSummary[]> {
  return allOf((after) => store.runs.list(workspaceId, filter, { limit: PAGE, after }));
}

/** Pipelines of the board, its own and the built-in ones. */
export async function pipelinesOf({ store, workspaceId }: Board): Promise<readonly Pipeline[]> {
  return pipelinesInForce(await allOf((after) => store.pipelines.list(workspaceId, { limit: PAGE, after })));
}

/**
 * The board with another service of its workspace in the place of its own, by its id or its title; the board itself without a name.
 *
 * @throws MillraceError `not_found`.
 */
export async function boardOfService(board: Board, name: string | undefined): Promise<Board> {
  if (name === undefined) return board;
  const services = await allOf((after) => board.store.blocks.children(board.workspaceId, null, { limit: PAGE, after }));
  const found = services.find(({ id, title }) => id === name || title === name);
  if (found !== undefined) return { ...board, serviceId: found.id };
  throw notFound("service", name, `it is one of: ${services.map(({ title }) => title).join(", ")}`);
}

/** Open notifications of the board, in the order they were raised. */
export function notificationsOf({ store, workspaceId }: Board): Promise<readonly Notification[]> {
  return allOf((after) => store.notifications.open(workspaceId, { limit: PAGE, after }));
}

/**
 * Id of the run named by its id, by the start of its id, or by `last`; a task names its last run.
 *
 * @throws MillraceError `not_found`, `validation` when several runs fit.
 */
export async function findRun(board: Board, text: string): Promise<string> {
  const exact = text === "last" ? null : await board.store.runs.get(board.workspaceId, text);
  if (exact !== null) return exact.id;
  const runs = await runsOf(board);
  if (text === "last") {
    const [newest] = runs;
    if (newest === undefined) throw new MillraceError("not_found", "there is no run yet", { fix: "start one with: millrace run <task>" });
    return newest.id;
  }
  const ids = runs.map((run) => run.id);
  if (ids.some((id) => startsWithName(id, text))) return uniqueMatch("run", text, ids, "millrace runs");
  const { id, runId } = await findTask(board, text).catch((error: unknown) => {
    throw isMillraceError(error, "not_found") ? notFound("run", text, "list them with: millrace runs") : error;
  });
  if (runId === null) throw new MillraceError("not_found", `task '${id}' has no run yet`, { fix: `start one with: millrace run ${id}` });
  return runId;
}

/**
 * The task named by its id, the start of it, or the start of its title in dashes.
 *
 * @throws MillraceError `not_found`, `validation` when several tasks fit, or for a service or a module.
 */
export async function findTask(board: Board, text: string): Promise<Block> {
  const exact = await board.store.blocks.get(board.workspaceId, text);
  if (exact !== null && exact.removedAt !== null) throw blockRemoved(exact.id);
  if (exact?.level === "task") return exact;
  if (exact !== null)
    throw new MillraceError("validation", `'${exact.title}' is a ${exact.level}, not a task`, {
      fix: "list the tasks with: millrace tasks",
    });
  return taskNamed(text, await tasksOf(board));
}

/**
 * The one id that starts with `text`, with or without its prefix (`run_`). `list` is the command that lists the ids.
 *
 * @throws MillraceError `not_found`, `validation` when several ids fit.
 */
export function uniqueMatch(entity: string, text: string, ids: readonly string[], list: string): string {
  const matches = ids.filter((id) => startsWithName(id, text));
  const [only] = matches;
  if (only === undefined) throw notFound(entity, text, `list them with: ${list}`);
  if (matches.length === 1) return only;
  const shown = matches.slice(0, 5).join(", ");
  throw new MillraceError("validation", `'${text}' is the start of ${matches.length} ids: ${shown}${matches.length > 5 ? ", …" : ""}`, {
    fix: "give more of the id",
    details: { entity, text },
  });
}

function startsWithName(id: string, text: string): boolean {
  return text !== "" && (id.startsWith(text) || id.slice(id.indexOf("_") + 1).startsWith(text));
}
