import type { RunContext, RunContextQuery, RunReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { BoundRead, SqlConnection } from "../../connection.js";
import { statement } from "../../statement.js";
import { countSchema, parseStored, parseStoredJson } from "../../stored-shape.logic.js";
import { toBlock } from "../blocks/columns.js";
import { toPreset } from "../presets/reads.js";
import { toWorkspace } from "../workspaces/reads.js";
import { z } from "zod";

/** A task sits in a module in a service; anything deeper is a broken board. */
const MAX_DEPTH = 8;

type Args = { workspace_id: string; id: string; run_id: string | null };
type Row = NonNullable<ReturnType<typeof contextStatement>["row"]>;

/** The read of a run's context, and its two halves for a commit that returns it. */
export interface RunContextRead {
  readonly read: RunReads["context"];
  bind(query: RunContextQuery): BoundRead<Args, Row>;
  /** Null when the rows were lost. */
  parse(query: RunContextQuery, rows: readonly Row[] | null): RunContext | null;
}

export function runContextRead(connection: SqlConnection): RunContextRead {
  const statement = contextStatement(connection);
  const bind: RunContextRead["bind"] = ({ workspaceId, blockId, runId }) => ({
    statement,
    args: { workspace_id: workspaceId, id: blockId, run_id: runId },
  });
  return {
    bind,
    parse: (query, rows) => (rows === null ? null : toContext(query, rows)),
    async read(query) {
      return toContext(query, await connection.all(statement, bind(query).args));
    },
  };
}

function toContext({ workspaceId, runId }: RunContextQuery, found: readonly Row[]): RunContext {
  const rows = found.toSorted((a, b) => (a.depth ?? 0) - (b.depth ?? 0));
  const [first] = rows;
  if (first === undefined) return { revision: null, path: [], workspace: null, preset: null, models: {} };
  const { run_revision: revision, preset } = first;
  return {
    revision: revision === null ? null : parseStored(countSchema, revision, { entity: "run", id: runId ?? "" }),
    path: rows.flatMap((row) => (row.id === null ? [] : [toBlock(row)])),
    workspace: toWorkspace({
      id: workspaceId,
      name: first.workspace_name,
      description: first.workspace_description,
      revision: first.workspace_revision,
      settings: first.workspace_settings,
      settings_revision: first.workspace_settings_revision,
      default_preset_id: first.workspace_default_preset_id,
      created_at: first.workspace_created_at,
      account_id: first.workspace_account_id,
      deleting_at: first.workspace_deleting_at,
      deleting_by: first.workspace_deleting_by,
    }),
    preset: preset === null ? null : toPreset({ id: first.preset_id ?? "default", document: preset }),
    models: parseStoredJson(modelsSchema, first.models ?? "{}", { entity: "models of workspace", id: workspaceId }),
  };
}

const modelsSchema = z.record(z.string(), z.string());

/** One row per block of the path, each with the columns of the run, the workspace and the preset. One row without a block when it is missing. */
function contextStatement({ db, dialect }: SqlConnection) {
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
        "workspaces.description as workspace_description",
        "workspaces.revision as workspace_revision",
        "workspaces.settings as workspace_settings",
        "workspaces.settings_revision as workspace_settings_revision",
        "workspaces.default_preset_id as workspace_default_preset_id",
        "workspaces.created_at as workspace_created_at",
        "workspaces.account_id as workspace_account_id",
        "workspaces.deleting_at as workspace_deleting_at",
        "workspaces.deleting_by as workspace_deleting_by",
      ])
      .select((eb) => [
        eb
          .selectFrom("runs")
          .select("runs.revision")
          .where("runs.workspace_id", "=", p("workspace_id"))
          .where("runs.id", "=", p("run_id"))
          .as("run_revision"),
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
              .whereRef("presets.id", "=", "workspaces.default_preset_id"),
          )
          .as("preset"),
        eb
          .selectFrom("model_defaults")
          .select(dialect.jsonObject(sql.ref("model_defaults.kind"), sql.ref("model_defaults.model")).as("models"))
          .where("model_defaults.workspace_id", "=", p("workspace_id"))
          .as("models"),
      ])
      .where("workspaces.id", "=", p("workspace_id")),
  );
}
