/**
 * A page of blocks as one statement: a window of an index, then what of it passes the filters, with the last run of each.
 *
 * 1. The window is a range of one index in the order of the list. With filters that the index does not answer it is 1,000 rows, so that
 *    a page costs the same on every board; it may then be short, and tells where its window ended.
 * 2. A status is one range; several are united, each with a window of its own.
 * 3. By title or cost only open tasks are sorted, of which a board has 5,000 at most.
 */
import type { BlockFilter } from "@millrace/kernel";
import type { Compilable, Kysely, RawBuilder } from "kysely";
import { sql } from "kysely";
import { MAX_PAGE } from "../../page.logic.js";
import { statement, type Param, type SqlValue, type Statement } from "../../statement.js";
import type { RunRow } from "../runs/table.js";
import type { Tables } from "../tables.js";
import type { BlockRow } from "./table.js";
import { IS_HOLDER, IS_TASK, OPEN_STATUSES } from "./task-status.js";

/** Rows that a page looks at, at most, when its filters have no index. */
export const WINDOW = 1000;

export type Sort = "age" | "cost" | "title";
export type ListArgs = Record<string, SqlValue>;
type Nullable<Row> = { readonly [Column in keyof Row]: Row[Column] | null };
type Condition = RawBuilder<boolean>;

/** A block and its last run, as a left join gives them. */
export type WithRunRow = Nullable<BlockRow> &
  Nullable<{ readonly [Column in keyof RunRow as `of_run_${Column & string}`]: RunRow[Column] }> & {
    readonly of_run_ended: string | null;
    readonly settled_micros: number | null;
    readonly reserved_micros: number | null;
  };

/** A row of a page, with how far its window went. One row without a block when nothing passed. */
export type ListRow = WithRunRow & {
  readonly key: SqlValue;
  readonly looked: number;
  readonly last: number | null;
  readonly last_key: SqlValue;
};

/** Statements of lists, one for each combination of filters, compiled on first use. */
export function listStatements(db: Kysely<Tables>): (filter: BlockFilter, sort: Sort) => Statement<ListArgs, ListRow> {
  const compiled = new Map<string, Statement<ListArgs, ListRow>>();
  return (filter, sort) => {
    const given = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    const name = [sort, ...given, filter.level, ...(filter.status ?? [])].join();
    const known = compiled.get(name) ?? listStatement(db, filter, sort);
    compiled.set(name, known);
    return known;
  };
}

/** One block with its last run. */
export function withRunStatement(db: Kysely<Tables>): Statement<ListArgs, WithRunRow> {
  return statement<ListArgs>()((p) =>
    selectFrom<WithRunRow>(
      db,
      sql`select blocks.*, ${RUN_COLUMNS} from blocks ${runJoins("blocks")} where blocks.workspace_id = ${p("workspace_id")} and blocks.id = ${p("id")}`,
    ),
  );
}

/** Arguments of the filters. */
export function filterArgs(filter: BlockFilter): ListArgs {
  return {
    parent_id: filter.parentId ?? null,
    level: filter.level ?? null,
    task_type: filter.taskType ?? null,
    pipeline_id: filter.pipelineId ?? null,
    service_id: filter.serviceId ?? null,
    updated_after: filter.updatedAfter ?? null,
    text: `%${(filter.text ?? "").replaceAll(/[\\%_]/g, String.raw`\$&`)}%`,
  };
}

/** True if a page of it looks at more rows than it shows. */
export function isFiltered(filter: BlockFilter, sort: Sort): boolean {
  return conditionsOf(filter, sort, (name) => sql`${name}`).length > 0;
}

function listStatement(db: Kysely<Tables>, filter: BlockFilter, sort: Sort): Statement<ListArgs, ListRow> {
  return statement<ListArgs>()((p) => {
    const conditions = conditionsOf(filter, sort, p);
    // As a literal: a planner that knows it reads the index in its order.
    const size = sql.lit(conditions.length === 0 ? MAX_PAGE + 1 : WINDOW);
    const passing = sql.join([sql`true`, ...conditions], sql` and `);
    const order = sort === "age" ? sql`sequence` : sql`key, sequence`;
    const end = sort === "age" ? sql`sequence desc` : sql`key desc, sequence desc`;
    // The window has whole rows: joined to them, a planner may begin at the other end, with every row of the workspace.
    return selectFrom<ListRow>(
      db,
      sql`with looked_at as (${windowOf(filter, sort, size, p)}),
        found as (
          select looked_at.*, ${RUN_COLUMNS} from looked_at ${runJoins("looked_at")}
          where ${passing} order by ${order} limit ${p("rows")}
        )
        select found.*, bounds.looked, bounds.last, bounds.last_key
        from (
          select (select count(*) from looked_at) as looked,
            (select sequence from looked_at order by ${end} limit 1) as last,
            (select key from looked_at order by ${end} limit 1) as last_key
        ) as bounds left join found on true order by ${order}`,
    );
  });
}

/** As a SELECT of the builder, which a connection may repeat. */
function selectFrom<Row>(db: Kysely<Tables>, text: RawBuilder<Row>): Compilable<Row> {
  return db.selectFrom(sql<Row>`(${text})`.as("page")).selectAll() as Compilable<Row>;
}

/** The index range that answers most of the filters. */
function baseOf({ status, parentId, level }: BlockFilter, sort: Sort): "sorted" | "status" | "parent" | "holder" | "all" {
  if (sort !== "age") return "sorted";
  if (status !== undefined) return "status";
  if (parentId !== undefined) return "parent";
  return level === undefined || level === "task" ? "all" : "holder";
}

function windowOf(filter: BlockFilter, sort: Sort, size: RawBuilder<unknown>, p: Param<ListArgs>): RawBuilder<unknown> {
  const base = baseOf(filter, sort);
  const range = (condition: Condition) =>
    sql`select blocks.*, sequence as key from blocks
      where workspace_id = ${p("workspace_id")} and ${condition} and sequence > ${p("last")} order by sequence limit ${size}`;
  switch (base) {
    case "all":
      return range(sql`removed_at is null`);
    case "parent":
      return range(sql`parent_id = ${p("parent_id")} and removed_at is null`);
    case "holder":
      return range(sql`${IS_HOLDER} and level = ${p("level")}`);
    case "status": {
      const ranges = (filter.status ?? OPEN_STATUSES).map(
        (status) => sql`select * from (${range(sql`${IS_TASK} and status = ${sql.lit(status)}`)}) as one`,
      );
      return sql`${sql.join(ranges, sql` union all `)} order by sequence limit ${size}`;
    }
    case "sorted": {
      const statuses = sql.join((filter.status ?? OPEN_STATUSES).map((status) => sql.lit(status)));
      const key = sort === "title" ? sql`lower(title)` : sql`-(coalesce(settled_micros, 0) + coalesce(reserved_micros, 0))`;
      return sql`select blocks.*, ${key} as key from blocks ${sort === "cost" ? spendJoin("blocks") : sql``}
        where blocks.workspace_id = ${p("workspace_id")} and ${IS_TASK} and status in (${statuses})
          and (${key}, sequence) > (${p("key")}, ${p("last")}) order by key, sequence limit ${size}`;
    }
  }
}

/** What the window does not answer. */
function conditionsOf(filter: BlockFilter, sort: Sort, p: (name: string) => RawBuilder<unknown>): readonly RawBuilder<unknown>[] {
  const base = baseOf(filter, sort);
  const isOfTasks = base === "sorted" || base === "status";
  const when = (given: unknown, condition: () => RawBuilder<unknown>): readonly RawBuilder<unknown>[] =>
    given === undefined || given === false ? [] : [condition()];
  return [
    ...when(base === "parent" ? undefined : filter.parentId, () => sql`looked_at.parent_id = ${p("parent_id")}`),
    ...when(
      base === "holder" || (isOfTasks && filter.level === "task") ? undefined : filter.level,
      () => sql`looked_at.level = ${p("level")}`,
    ),
    ...when(filter.taskType, () => sql`looked_at.level = 'task' and looked_at.task_type = ${p("task_type")}`),
    ...when(filter.pipelineId, () => sql`looked_at.pipeline_id = ${p("pipeline_id")}`),
    ...when(filter.text, () => sql`lower(looked_at.title) like lower(${p("text")}) escape '\\'`),
    ...when(filter.updatedAfter, () => sql`looked_at.updated_at > ${p("updated_after")}`),
    ...when(filter.needsPerson, () => sql`runs.status = 'waiting'`),
    ...when(
      filter.serviceId,
      () => sql`(looked_at.parent_id = ${p("service_id")} or looked_at.parent_id in (
        select holder.id from blocks as holder where holder.workspace_id = ${p("workspace_id")} and holder.parent_id = ${p("service_id")} and holder.level = 'module'
      ))`,
    ),
  ];
}

function spendJoin(of: "blocks" | "looked_at"): RawBuilder<unknown> {
  const total = sql`spend_totals.workspace_id = ${sql.ref(`${of}.workspace_id`)} and spend_totals.scope = 'run/' || ${sql.ref(`${of}.run_id`)}`;
  return sql`left join spend_totals on ${total}`;
}

function runJoins(of: "blocks" | "looked_at"): RawBuilder<unknown> {
  const run = sql`runs.workspace_id = ${sql.ref(`${of}.workspace_id`)} and runs.id = ${sql.ref(`${of}.run_id`)}`;
  return sql`left join runs on ${run} ${spendJoin(of)}`;
}

const OF_RUN = [
  "workspace_id",
  "id",
  "block_id",
  "service_id",
  "task_type",
  "pipeline_id",
  "pipeline_digest",
  "status",
  "revision",
  "created_at",
  "updated_at",
  "shape_version",
  "document",
  "ended",
] as const;
const RUN_COLUMNS = sql.join([
  ...OF_RUN.map((column) => sql`${sql.ref(`runs.${column}`)} as ${sql.ref(`of_run_${column}`)}`),
  sql`settled_micros`,
  sql`reserved_micros`,
]);
