import type { PresetChanges } from "@millrace/kernel";
import { alreadyExists, inUse, limitReached, notFound } from "@millrace/kernel";
import { sql, type Kysely } from "kysely";
import { toCommit, workspaceRef, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import { nextRevision, whenStale } from "../../commit/next-revision.js";
import { scopeLock } from "../../commit/scope-lock.js";
import type { SqlBuilder } from "../../connection.js";
import { statement, type Statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import type { PresetRow } from "./table.js";

type Key = { workspace_id: string; id: string };

export function presetChanges(builder: SqlBuilder): ChangeHandlers<PresetChanges> {
  const { db } = builder;
  const missing = missingPreset(db);
  return {
    "insert-preset": insertPreset(builder),
    "update-preset": updatePreset(db, missing),
    "delete-preset": deletePreset(db, missing),
  };
}

function insertPreset(builder: SqlBuilder): ChangeHandlers<PresetChanges>["insert-preset"] {
  const { db } = builder;
  const lock = scopeLock(builder);
  const insert = statement<PresetRow>()((p) =>
    db.insertInto("presets").values({
      workspace_id: p("workspace_id"),
      id: p("id"),
      name: p("name"),
      created_at: p("created_at"),
      revision: p("revision"),
      document: p("document"),
    }),
  );
  const tooMany = refuseWhen<{ workspace_id: string; max: number }>(
    db,
    (eb, p) =>
      sql<boolean>`(${eb
        .selectFrom("presets")
        .select((count) => count.fn.countAll().as("count"))
        .where("workspace_id", "=", p("workspace_id"))}) > ${p("max")}`,
  );
  return ({ preset, createdAt, max }) => {
    const { workspaceId, id, name } = preset;
    const row = {
      workspace_id: workspaceId,
      id,
      name,
      created_at: createdAt,
      revision: 1,
      document: JSON.stringify(preset),
    };
    return [
      ...lock(`presets/${workspaceId}`),
      {
        ...toCommit(insert, row, {
          "primary-key": () => alreadyExists("merge preset", id),
          unique: () => alreadyExists("merge preset", name),
        }),
        needs: [workspaceRef(workspaceId)],
      },
      ...(max === undefined
        ? []
        : [toCommit(tooMany, { workspace_id: workspaceId, max }, { check: () => limitReached("merge presets", max) })]),
    ];
  };
}

function updatePreset(db: Kysely<Tables>, missing: Statement<Key, unknown>): ChangeHandlers<PresetChanges>["update-preset"] {
  const whatever = statement<Key & { name: string; document: string }>()((p) =>
    db
      .updateTable("presets")
      .set({ name: p("name"), document: p("document"), revision: sql<number>`revision + 1` })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  const seen = statement<Key & { name: string; document: string; expected: number }>()((p) =>
    db
      .updateTable("presets")
      .set({ name: p("name"), document: p("document"), revision: nextRevision(p) })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  return ({ preset, expected }) => {
    const { workspaceId, id, name } = preset;
    const key = { workspace_id: workspaceId, id };
    const row = { ...key, name, document: JSON.stringify(preset) };
    const unique = () => alreadyExists("merge preset", name);
    return [
      toCommit(missing, key, { check: () => notFound("merge preset", id) }),
      expected === null
        ? toCommit(whatever, row, { unique })
        : toCommit(seen, { ...row, expected }, { ...whenStale("merge preset", id, expected), unique }),
    ];
  };
}

function deletePreset(db: Kysely<Tables>, missing: Statement<Key, unknown>): ChangeHandlers<PresetChanges>["delete-preset"] {
  const seen = statement<Key & { expected: number }>()((p) =>
    db
      .updateTable("presets")
      .set({ revision: nextRevision(p) })
      .where("workspace_id", "=", p("workspace_id"))
      .where("id", "=", p("id")),
  );
  const used = refuseWhen<Key>(db, (eb, p) =>
    eb.exists(
      eb
        .selectFrom("blocks")
        .select("id")
        .where("workspace_id", "=", p("workspace_id"))
        .where("preset_id", "=", p("id"))
        .where("removed_at", "is", null),
    ),
  );
  const replace = statement<Key & { replace_by: string }>()((p) =>
    db
      .updateTable("blocks")
      .set({ preset_id: p("replace_by"), revision: sql<number>`revision + 1` })
      .where("workspace_id", "=", p("workspace_id"))
      .where("preset_id", "=", p("id"))
      .where("removed_at", "is", null),
  );
  const remove = statement<Key>()((p) => db.deleteFrom("presets").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")));
  // Waits for a writer who makes it the default; the guard behind it sees what that one has written.
  const hold = statement<{ workspace_id: string }>()((p) =>
    db
      .updateTable("workspaces")
      .set({ default_preset_id: sql.ref("default_preset_id") })
      .where("id", "=", p("workspace_id")),
  );
  const isDefault = refuseWhen<Key>(db, (eb, p) =>
    eb.exists(eb.selectFrom("workspaces").select("id").where("id", "=", p("workspace_id")).where("default_preset_id", "=", p("id"))),
  );
  return ({ workspaceId, id, expected, replaceBy }) => {
    const key = { workspace_id: workspaceId, id };
    return [
      ...(expected === null ? [] : [toCommit(seen, { ...key, expected }, whenStale("merge preset", id, expected))]),
      toCommit(hold, { workspace_id: workspaceId }),
      toCommit(remove, key),
      toCommit(isDefault, key, { check: () => inUse("merge preset", id, { isDefault: "it is the default of the workspace" }) }),
      ...(replaceBy === null
        ? [toCommit(used, key, { check: () => inUse("merge preset", id) })]
        : [
            toCommit(missing, { ...key, id: replaceBy }, { check: () => notFound("merge preset", replaceBy) }),
            toCommit(replace, { ...key, replace_by: replaceBy }),
          ]),
    ];
  };
}

function missingPreset(db: Kysely<Tables>): Statement<Key, unknown> {
  return refuseWhen<Key>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("presets").select("id").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")))),
  );
}
