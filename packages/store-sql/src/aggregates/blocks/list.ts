import { boardCountSchema } from "@millrace/contracts";
import type { BlockFilter, BlockPage, BlockReads, BlockWithRun, Page } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import type { SqlValue } from "../../statement.js";
import { countSchema, parseStored } from "../../stored-shape.logic.js";
import { toRecord } from "../runs/reads.js";
import { toBlock } from "./columns.js";
import { countStatements } from "./count-statements.js";
import { WINDOW, filterArgs, isFiltered, listStatements, withRunStatement, type Sort, type WithRunRow } from "./list-statement.js";

type ListReads = Pick<BlockReads, "list" | "listWithRuns" | "withRun" | "counts" | "countModules">;

export function blockLists(connection: SqlConnection): ListReads {
  const { db } = connection;
  const listOf = listStatements(db);
  const one = withRunStatement(db);
  const counts = countStatements(db);
  async function pageOf(workspaceId: string, filter: BlockFilter, page: Page, sort: Sort): Promise<BlockPage<BlockWithRun>> {
    const limit = checkLimit(page.limit, MAX_PAGE);
    checkSort(filter, sort);
    const args = { workspace_id: workspaceId, ...filterArgs(filter), ...positionOf(sort, page.after), rows: limit + 1 };
    const rows = await connection.all(listOf(filter, sort), args);
    const found = rows.filter(({ id }) => id !== null);
    const shown = found.slice(0, limit);
    const end = found.length > limit ? shown.at(-1) : undefined;
    if (end !== undefined) return { rows: shown.map(toBlockWithRun), next: cursorOf(sort, end.key, end.sequence) };
    const [{ looked, last, last_key: key } = NOTHING] = rows;
    return { rows: shown.map(toBlockWithRun), next: isFiltered(filter, sort) && looked >= WINDOW ? cursorOf(sort, key, last) : null };
  }
  return {
    async list(workspaceId, filter, page) {
      const { rows, next } = await pageOf(workspaceId, filter, page, "age");
      return { rows: rows.map(({ block }) => block), next };
    },
    listWithRuns: (workspaceId, filter, { sort = "age", ...page }) => pageOf(workspaceId, filter, page, sort),
    async withRun(workspaceId, id) {
      const [row] = await connection.all(one, { workspace_id: workspaceId, id });
      return row === undefined ? null : toBlockWithRun(row);
    },
    async counts(workspaceId, lanes) {
      const [open, done] = await Promise.all([
        connection.all(counts.open[lanes], { workspace_id: workspaceId }),
        connection.all(counts.done, { workspace_id: workspaceId }),
      ]);
      const what = { entity: "counts of the board", id: workspaceId };
      return { open: parseStored(z.array(boardCountSchema), open, what), done: parseStored(countSchema, done[0]?.count ?? 0, what) };
    },
    async countModules(workspaceId, serviceId) {
      const [row] = await connection.all(counts.modules, { workspace_id: workspaceId, parent_id: serviceId });
      return parseStored(countSchema, row?.count ?? 0, { entity: "modules of service", id: serviceId });
    },
  };
}

const NOTHING = { looked: 0, last: null, last_key: null } as const;

function toBlockWithRun(row: WithRunRow): BlockWithRun {
  const cost = { settledMicros: row.settled_micros ?? 0, reservedMicros: row.reserved_micros ?? 0 };
  return { block: toBlock(row), run: runOf(row), cost: parseStored(costSchema, cost, { entity: "spend of task", id: row.id ?? "" }) };
}

const costSchema = z.object({ settledMicros: countSchema, reservedMicros: countSchema });

function runOf(row: WithRunRow): BlockWithRun["run"] {
  if (row.of_run_id === null) return null;
  return toRecord({
    workspace_id: row.of_run_workspace_id ?? "",
    id: row.of_run_id,
    block_id: row.of_run_block_id ?? "",
    service_id: row.of_run_service_id,
    task_type: row.of_run_task_type,
    pipeline_id: row.of_run_pipeline_id ?? "",
    pipeline_digest: row.of_run_pipeline_digest ?? "",
    status: row.of_run_status ?? "",
    revision: row.of_run_revision ?? 0,
    created_at: row.of_run_created_at ?? 0,
    updated_at: row.of_run_updated_at ?? 0,
    shape_version: row.of_run_shape_version ?? 0,
    document: row.of_run_document ?? "",
    ended: row.of_run_ended,
  });
}

function checkSort({ status = [] }: BlockFilter, sort: Sort): void {
  if (sort !== "age" && status.includes("done"))
    throw new MillraceError("validation", `done tasks are not sorted by ${sort}`, { fix: "Ask for open tasks, or sort by age." });
}

/** Before the first row of each order. */
const START = { age: { key: null, last: 0 }, cost: { key: Number.MIN_SAFE_INTEGER, last: 0 }, title: { key: "", last: 0 } } as const;

function cursorOf(sort: Sort, key: SqlValue, sequence: number | null): string {
  return sort === "age" ? `age ${sequence}` : `${sort} ${sequence} ${key}`;
}

/** @throws MillraceError `validation` for a cursor of another order. */
function positionOf(sort: Sort, after: string | undefined): { readonly key: SqlValue; readonly last: number } {
  if (after === undefined) return START[sort];
  const [, of, sequence, key = ""] = /^(\w+) (\d{1,15})(?: (.*))?$/s.exec(after) ?? [];
  const isKey = sort !== "cost" || /^-?\d{1,16}$/.test(key);
  if (of !== sort || !isKey)
    throw new MillraceError("validation", `'${after.slice(0, 100)}' is no position of this list`, {
      fix: "Pass the position that the page before ended with, or leave it out to start again.",
    });
  return { last: Number(sequence), key: sort === "cost" ? Number(key) : sort === "title" ? key : null };
}
