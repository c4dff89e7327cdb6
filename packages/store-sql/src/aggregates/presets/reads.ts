import { mergePresetSchema, storedPresetSchema, type MergePreset, type StoredPreset } from "@millrace/contracts";
import type { PresetReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseJson, parseStored, parseStoredJson } from "../../stored-shape.logic.js";
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
  const list = statement<{ workspace_id: string }>()((p) =>
    db
      .selectFrom("presets")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .orderBy("created_at")
      .orderBy("id")
      .limit(sql.lit(MAX_PAGE)),
  );
  const uses = statement<{ workspace_id: string }>()((p) =>
    db
      .selectFrom("blocks")
      .select(["preset_id", (eb) => eb.fn.countAll<number>().as("count")])
      .where("workspace_id", "=", p("workspace_id"))
      .where("preset_id", "is not", null)
      .where("removed_at", "is", null)
      .groupBy("preset_id"),
  );
  const usedBy = statement<{ workspace_id: string; id: string; limit: number }>()((p) =>
    db
      .selectFrom("blocks")
      .select(["id", "title"])
      .where("workspace_id", "=", p("workspace_id"))
      .where("preset_id", "=", p("id"))
      .where("removed_at", "is", null)
      .orderBy("id")
      .limit(p("limit")),
  );
  return {
    async get(workspaceId, id) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, id });
      return row === undefined ? null : toStored(row);
    },
    async getDefault(workspaceId) {
      const [row] = await connection.all(getDefault, { workspace_id: workspaceId });
      return row === undefined ? null : toStored(row);
    },
    async list(workspaceId) {
      return (await connection.all(list, { workspace_id: workspaceId })).map(toStored);
    },
    async uses(workspaceId) {
      const rows = await connection.all(uses, { workspace_id: workspaceId });
      return new Map(rows.flatMap(({ preset_id, count }) => (preset_id === null ? [] : [[preset_id, Number(count)] as const])));
    },
    usedBy: (workspaceId, id, limit) => connection.all(usedBy, { workspace_id: workspaceId, id, limit: checkLimit(limit, MAX_PAGE) }),
  };
}

export function toPreset(row: Pick<PresetRow, "id" | "document">): MergePreset {
  return parseStoredJson(mergePresetSchema, row.document, { entity: "merge preset", id: row.id });
}

function toStored(row: PresetRow): StoredPreset {
  const what = { entity: "merge preset", id: row.id };
  const { created_at, revision } = row;
  return parseStored(storedPresetSchema, { ...Object(parseJson(row.document, what)), createdAt: created_at, revision }, what);
}
