import type { RunContextQuery, Store, RunContext } from "@millrace/kernel";
import { sql } from "kysely";
import type { Asked, SqlConnection } from "../connection.js";
import { statement } from "../statement.js";
import { parseStored } from "../stored-shape.logic.js";
import { toBlock, toPreset, toWorkspace } from "./board-reads.js";
import { countSchema } from "./run-reads.js";

/** A task sits in a module in a service; anything deeper is a broken board. */
const MAX_DEPTH = 8;

type Args = { workspace_id: string; id: string; run_id: string | null };
type Row = NonNullable<ReturnType<typeof surroundingsStatement>["row"]>;

/** The read by itself, and its two halves: what is asked, and what its rows mean (null: they were lost). */
export interface SurroundingsRead {
  readonly read: Store["runs"]["context"];
  asked(look: RunContextQuery): Asked<Args, Row>;
  of(look: RunContextQuery, rows: readonly Row[] | null): RunContext | null;
}

/** A row for each block of the path, with what belongs to none of them in every one. One row without a block when it is not there. */
export function surroundingsOf(connection: SqlConnection): SurroundingsRead {
  const statement = surroundingsStatement(connection);
  const asked: SurroundingsRead["asked"] = ({ workspaceId, blockId, runId }) => ({
    statement,
    args: { workspace_id: workspaceId, id: blockId, run_id: runId },
  });
  return {
    asked,
    of: (look, rows) => (rows === null ? null : toSurroundings(look, rows)),
    async read(look) {
      return toSurroundings(look, await connection.all(statement, asked(look).args));
    },
  };
}

function toSurroundings({ workspaceId, runId }: RunContextQuery, found: readonly Row[]): RunContext {
  const rows = found.toSorted((a, b) => (a.depth ?? 0) - (b.depth ?? 0));
  const [first] = rows;
  if (first === undefined) return { revision: null, path: [], workspace: null, preset: null };
  const { revision, workspace_name: name, workspace_settings: settings, workspace_created_at: createdAt, preset } = first;
  return {
    revision: revision === null ? null : parseStored(countSchema, revision, { entity: "run", id: runId ?? "" }),
    path: rows.flatMap((row) => (row.id === null ? [] : [toBlock(row)])),
    workspace: toWorkspace({ id: workspaceId, name, settings, created_at: createdAt }),
    preset: preset === null ? null : toPreset({ id: first.preset_id ?? "default", document: preset }),
  };
}

function surroundingsStatement({ db }: SqlConnection) {
  return statement<Args>()((p) =>
    db
      .withRecursive("path", (query) =>
        query
          .selectFrom("blocks")
          .selectAll("blocks")
          .select(sql<number>`0`.as("depth"))
          .where("blocks.workspace_id", "=", p("workspace_id"))
          .where("blocks.id", "=", p("id"))
          .unionAll((up) =>
            up
              .selectFrom("path")
              .innerJoin("blocks as parent", (join) =>
                join.onRef("parent.workspace_id", "=", "path.workspace_id").onRef("parent.id", "=", "path.parent_id"),
              )
              .selectAll("parent")
              .select(sql<number>`path.depth + 1`.as("depth"))
              .where("path.level", "!=", sql.lit("service"))
              .where("path.depth", "<", sql.lit(MAX_DEPTH - 1)),
          ),
      )
      .selectFrom("workspaces")
      .leftJoin("path", (join) => join.onTrue())
      .selectAll("path")
      .select([
        "workspaces.name as workspace_name",
        "workspaces.settings as workspace_settings",
        "workspaces.created_at as workspace_created_at",
      ])
      .select((eb) => [
        eb
          .selectFrom("runs")
          .select("runs.revision")
          .where("runs.workspace_id", "=", p("workspace_id"))
          .where("runs.id", "=", p("run_id"))
          .as("revision"),
        eb.fn
          .coalesce(
            eb
              .selectFrom("presets")
              .select("presets.document")
              .where("presets.workspace_id", "=", p("workspace_id"))
              .whereRef("presets.id", "=", "path.preset_id"),
            eb
              .selectFrom("presets")
              .select("presets.document")
              .where("presets.workspace_id", "=", p("workspace_id"))
              .where("presets.is_default", "=", sql.lit(1))
              .orderBy("presets.id")
              .limit(sql.lit(1)),
          )
          .as("preset"),
      ])
      .where("workspaces.id", "=", p("workspace_id")),
  );
}
