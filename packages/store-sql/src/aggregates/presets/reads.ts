import { mergePresetSchema, type MergePreset } from "@millrace/contracts";
import type { PresetReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { statement } from "../../statement.js";
import { parseStoredJson } from "../../stored-shape.logic.js";
import type { PresetRow } from "./table.js";

export function presetReads(connection: SqlConnection): PresetReads {
  const { db } = connection;
  const get = statement<{ workspace_id: string; id: string }>()((p) =>
    db.selectFrom("presets").selectAll().where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const getDefault = statement<{ workspace_id: string }>()((p) =>
    db
      .selectFrom("presets")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("is_default", "=", sql.lit(1))
      .orderBy("id")
      .limit(sql.lit(1)),
  );
  return {
    async get(workspaceId, id) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, id });
      return row === undefined ? null : toPreset(row);
    },
    async getDefault(workspaceId) {
      const [row] = await connection.all(getDefault, { workspace_id: workspaceId });
      return row === undefined ? null : toPreset(row);
    },
  };
}

export function toPreset(row: Pick<PresetRow, "id" | "document">): MergePreset {
  return parseStoredJson(mergePresetSchema, row.document, { entity: "merge preset", id: row.id });
}
