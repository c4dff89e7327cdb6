import type { BoardLanes } from "@millrace/contracts";
import type { Kysely, RawBuilder } from "kysely";
import { sql } from "kysely";
import { statement, type Statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import { IS_TASK, OPEN } from "./task-status.js";

type OfWorkspace = { workspace_id: string };
interface CountRow {
  readonly lane: string | null;
  readonly status: string;
  readonly count: number;
}

/** Done tasks are counted so far, whatever the size of the board. */
const MOST_DONE = 1000;

interface CountStatements {
  readonly open: { readonly [Lanes in BoardLanes]: Statement<OfWorkspace, CountRow> };
  readonly done: Statement<OfWorkspace, { readonly count: number }>;
  readonly modules: Statement<OfWorkspace & { parent_id: string }, { readonly count: number }>;
}

/** Counts that read entries of one index: the open tasks, of which a board has 5,000 at most. */
export function countStatements(db: Kysely<Tables>): CountStatements {
  return {
    open: {
      none: openBy(db, sql`null`),
      module: openBy(db, sql`parent_id`),
      pipeline: openBy(db, sql`pipeline_id`),
      service: ofServices(db),
    },
    done: statement<OfWorkspace>()((p) =>
      db
        .selectFrom(
          db
            .selectFrom("blocks")
            .select("status")
            .where("workspace_id", "=", p("workspace_id"))
            .where(IS_TASK)
            .where("status", "=", sql.lit("done"))
            .limit(sql.lit(MOST_DONE))
            .as("done"),
        )
        .select(({ fn }) => fn.countAll<number>().as("count")),
    ),
    modules: statement<OfWorkspace & { parent_id: string }>()((p) =>
      db
        .selectFrom("blocks")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("workspace_id", "=", p("workspace_id"))
        .where("parent_id", "=", p("parent_id"))
        .where("level", "=", sql.lit("module")),
    ),
  };
}

function openBy(db: Kysely<Tables>, lane: RawBuilder<unknown>): Statement<OfWorkspace, CountRow> {
  return statement<OfWorkspace>()((p) =>
    db
      .selectFrom("blocks")
      .select([sql<string | null>`${lane}`.as("lane"), "status"])
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("workspace_id", "=", p("workspace_id"))
      .where(IS_TASK)
      .where(OPEN)
      .groupBy(["status", sql`1`])
      .orderBy(sql`1`)
      .orderBy("status"),
  );
}

/** Counted by what holds the tasks, then by the service of that. */
function ofServices(db: Kysely<Tables>): Statement<OfWorkspace, CountRow> {
  return statement<OfWorkspace>()((p) =>
    db
      .selectFrom(
        db
          .selectFrom("blocks")
          .select(["parent_id", "status"])
          .select(({ fn }) => fn.countAll<number>().as("tasks"))
          .where("workspace_id", "=", p("workspace_id"))
          .where(IS_TASK)
          .where(OPEN)
          .groupBy(["status", "parent_id"])
          .as("held"),
      )
      // The holder of each group is looked up: joined, a planner may begin with every row of the workspace.
      .select((eb) => [
        eb
          .selectFrom("blocks as holder")
          .select(sql<string | null>`case when holder.level = 'module' then holder.parent_id else holder.id end`.as("service_id"))
          .where("holder.workspace_id", "=", p("workspace_id"))
          .whereRef("holder.id", "=", "held.parent_id")
          .as("lane"),
        "held.status",
        sql<number>`cast(sum(held.tasks) as bigint)`.as("count"),
      ])
      .groupBy([sql`1`, "held.status"])
      .orderBy(sql`1`)
      .orderBy("held.status"),
  );
}
