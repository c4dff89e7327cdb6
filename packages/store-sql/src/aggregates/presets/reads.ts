import { mergePresetSchema, type MergePreset } from "@millrace/contracts";
import type { PresetReads } from "@millrace/kernel";
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
      .selectFrom("workspaces")
      .innerJoin("presets", (join) =>
        join.onRef("presets.workspace_id", "=", "workspaces.id").onRef("presets.id", "=", "workspaces.default_preset_id"),
      )
      .selectAll("presets")
      .where("workspaces.id", "=", p("workspace_id")),
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
