/** What people and agents do on a board, by its size: open it, turn a page, search, add a task, start it. */
import { join } from "node:path";
import { blockSchema, type Actor } from "@millrace/contracts";
import type { Change, Store } from "@millrace/kernel";
import { localOwner, type Orchestration } from "@millrace/orchestration";
import { openSqliteStore } from "@millrace/store-sql";
import { openPostgresStore } from "@millrace/store-sql/postgres";
import { INLINE_STEP, composeBenchEngine } from "./engine-steps.ts";
import { alternate, median, number, ratio, temporaryFolder, type BenchOptions, type Question } from "./measure.ts";
import { startBenchServer } from "./postgres-server.ts";

/** Tasks of the small board: more than a page. */
const SMALL = 100;
/** Open tasks of a board at most, less those that are added while it is measured. */
const MOST_OPEN = 4900;
/** Operations of a kind at most: each adds a task that stays open. */
const MOST_TURNS = 80;
/** Tasks with a run, which the first page of a board shows. */
const RUNS = 50;
const BATCH = 500;

const actor: Actor = { type: "human", id: "bench" };
const caller = localOwner(actor);
const clock = { now: () => Date.now() };

interface Board {
  readonly engine: Orchestration;
  readonly workspaceId: string;
  readonly serviceId: string;
  /** Position of the second page. */
  readonly second: string;
  /** Index entries and rows that the database has read so far; null: it does not say. */
  readonly rowsRead: (() => Promise<number>) | null;
}

interface Doing {
  readonly name: string;
  readonly once: (board: Board) => Promise<unknown>;
}

const DOINGS: readonly Doing[] = [
  { name: "open", once: ({ engine, workspaceId }) => engine.call("board.page", caller, { workspaceId }) },
  { name: "open done", once: ({ engine, workspaceId }) => engine.call("board.page", caller, { workspaceId, status: ["done"] }) },
  {
    name: "second page",
    once: ({ engine, workspaceId, second }) => engine.call("board.list", caller, { workspaceId, level: "task", after: second }),
  },
  { name: "search", once: ({ engine, workspaceId }) => engine.call("board.list", caller, { workspaceId, text: "no title has it" }) },
  { name: "add", once: addTask },
  {
    name: "add and start",
    async once(board) {
      const { id } = await addTask(board);
      await board.engine.execution.start({ workspaceId: board.workspaceId, blockId: id, pipelineId: "pl_bench", actor });
    },
  },
];

function addTask({ engine, workspaceId, serviceId }: Board): Promise<{ readonly id: string }> {
  return engine.call("board.addTask", caller, { workspaceId, parentId: serviceId, title: "one more" });
}

/** Milliseconds of each operation on a small and a large board, on SQLite and PostgreSQL, and what PostgreSQL read for it. */
export const boards: Question = async (options) => {
  await using resources = new AsyncDisposableStack();
  const sizes = [SMALL, Math.max(2 * SMALL, ...options.boards)] as const;
  const server = await startBenchServer(resources);
  const databases = [
    { name: "SQLite", open: (size: number) => openSqlite(resources, options, size) },
    { name: "PostgreSQL", open: async (size: number) => openPostgres(resources, await server.createDatabase(), size) },
  ];
  const rows: (readonly string[])[] = [];
  for (const { name, open } of databases) {
    const subjects = [];
    for (const size of sizes) subjects.push(await open(size));
    for (const doing of DOINGS) rows.push([`${name}: ${doing.name}`, ...(await measure(doing, subjects, options))]);
  }
  return {
    title: "Operations on a board, by its tasks",
    conditions:
      `Medians, in turns, on SQLite NORMAL and ${server.about}. Of the large board ${MOST_OPEN.toLocaleString("en")} tasks are open, the others done. ` +
      `Read: index entries and table rows that PostgreSQL counts, of each operation.`,
    head: [
      "operation",
      ...sizes.map((size) => `ms of ${size.toLocaleString("en")}`),
      "ratio",
      ...sizes.map((size) => `read of ${size.toLocaleString("en")}`),
    ],
    rows,
  };
};

async function measure({ once }: Doing, boardsOf: readonly Board[], { steps, rounds }: BenchOptions): Promise<readonly string[]> {
  const subjects = boardsOf.map((board) => ({ board, costs: [] as number[], read: Number.NaN }));
  for (const { board } of subjects) await once(board);
  const turns = Math.max(1, Math.min(Math.floor(MOST_TURNS / DOINGS.length), steps, 4 * rounds));
  await alternate(turns, subjects, async ({ board, costs }) => {
    const started = performance.now();
    await once(board);
    costs.push(performance.now() - started);
  });
  for (const subject of subjects) {
    const { rowsRead } = subject.board;
    if (rowsRead === null) continue;
    const before = await rowsRead();
    await once(subject.board);
    subject.read = (await rowsRead()) - before;
  }
  const costs = subjects.map((subject) => median(subject.costs));
  return [
    ...costs.map((cost) => number(cost, 2)),
    ratio(costs.at(-1) ?? Number.NaN, costs[0] ?? Number.NaN),
    ...subjects.map(({ read }) => number(read)),
  ];
}

async function openSqlite(resources: AsyncDisposableStack, { folder }: BenchOptions, size: number): Promise<Board> {
  const path = join(await temporaryFolder(resources, folder), "board.db");
  const opened = resources.use(await openSqliteStore({ path, durability: "normal", clock }));
  return fill(composeBenchEngine({ ...opened, clock }), opened.store, size, null);
}

/** One connection, so that what it read can be asked of it. */
async function openPostgres(resources: AsyncDisposableStack, url: string, size: number): Promise<Board> {
  const opened = resources.use(await openPostgresStore({ url, poolSize: 1, clock }));
  const rowsRead = async (): Promise<number> => {
    await opened.query("select pg_stat_force_next_flush()", []);
    await opened.query("select pg_stat_clear_snapshot()", []);
    const { rows } = await opened.query(
      `select (select sum(idx_tup_read) from pg_stat_user_indexes)::float8 + (select sum(seq_tup_read) from pg_stat_user_tables)::float8 as read`,
      [],
    );
    return Number((rows[0] as { readonly read: number }).read);
  };
  const board = await fill(composeBenchEngine({ ...opened, clock }), opened.store, size, rowsRead);
  await opened.query("analyze", []);
  return board;
}

async function fill(engine: Orchestration, store: Store, size: number, rowsRead: Board["rowsRead"]): Promise<Board> {
  const { id: workspaceId } = await engine.workspaces.create({ name: "bench", actor });
  await engine.pipelines.put({ workspaceId, input: { id: "pl_bench", name: "Bench", steps: [INLINE_STEP] }, actor });
  const { id: serviceId } = await engine.call("board.addService", caller, { workspaceId, checks: { ci: "none" } }, { key: "service" });
  const runs = Math.min(RUNS, size);
  for (let index = 0; index < runs; index += 1) {
    const { id } = await engine.call("board.addTask", caller, { workspaceId, parentId: serviceId, title: "with a run" });
    await engine.execution.start({ workspaceId, blockId: id, pipelineId: "pl_bench", actor });
  }
  for (let at = runs; at < size; at += BATCH) {
    const tasks = Array.from({ length: Math.min(BATCH, size - at) }, (_, index): Change => {
      const status = at + index < Math.min(MOST_OPEN, size / 2 + RUNS / 2) ? "planned" : "done";
      return { change: "insert-block", block: taskOf({ id: `blk_${at + index}`, workspaceId, parentId: serviceId, status }) };
    });
    await store.commit(tasks);
  }
  const { nextAfter } = await engine.call("board.list", caller, { workspaceId, level: "task" });
  return { engine, workspaceId, serviceId, second: nextAfter ?? "", rowsRead };
}

function taskOf(known: {
  readonly id: string;
  readonly workspaceId: string;
  readonly parentId: string;
  readonly status: "planned" | "done";
}) {
  const empty = { runId: null, pullRequest: null, merged: null, repository: null, checks: null, presetId: null, pipelineId: null };
  return blockSchema.parse({
    ...empty,
    ...known,
    level: "task",
    title: "a task",
    description: "What is to be done.",
    progress: 0,
    createdAt: 1,
  });
}
