import type { Workspace } from "@millrace/contracts";
import type { WorkspaceChanges, WorkspacePatch } from "@millrace/kernel";
import { notFound, runInProgress, staleWorkspace, workspaceLimitReached } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { toCommit, workspaceRef, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { missingRow, refuseWhen, taken } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import type { SqlValue } from "../../statement.js";
import { statement, type Statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import { LIVE } from "../runs/run-status.js";
import type { WorkspaceRow } from "./table.js";

export function workspaceChanges(builder: SqlBuilder): ChangeHandlers<WorkspaceChanges> {
  const { db } = builder;
  const insert = insertStatement(db);
  const limited = accountLimit(builder);
  const missing = missingRow(db, "workspaces");
  const withoutPreset = presetGuard(db);
  const patchOf = patchStatements(db);
  const putSettings = statement<{ id: string; settings: string; expected: number | null }>()((p) =>
    db
      .updateTable("workspaces")
      .set({ settings: p("settings"), settings_revision: raised("settings_revision", p("expected")) })
      .where("id", "=", p("id")),
  );
  const busy = refuseWhen<{ id: string }>(db, (eb, p) =>
    eb.exists(eb.selectFrom("runs").select("id").where("workspace_id", "=", p("id")).where(LIVE)),
  );
  const present = (id: string): CommitStatement => ({
    ...toCommit(missing, { workspace_id: id, id }, { check: () => notFound("workspace", id) }),
    ensures: workspaceRef(id),
  });
  return {
    "insert-workspace": ({ workspace, maxOfAccount }) => {
      const { id, accountId } = workspace;
      const inserted = { ...toCommit(insert, rowOf(workspace), taken("workspace", id)), ensures: workspaceRef(id) };
      return accountId === null || maxOfAccount === undefined ? [inserted] : limited(accountId, maxOfAccount, inserted);
    },
    "patch-workspace": ({ workspaceId: id, patch, expected, maxOfAccount, isIdle }) => {
      const { accountId } = patch;
      const columns = columnsOf(patch);
      const refusals = { "not-null": () => staleWorkspace(id, "workspace") };
      const patched = toCommit(patchOf(Object.keys(columns) as PatchColumn[]), { ...columns, id, expected }, refusals);
      return [
        present(id),
        ...(isIdle === true ? [toCommit(busy, { id }, { check: () => runInProgress(id) })] : []),
        ...(patch.defaultPresetId === undefined ? [] : [withoutPreset(id, patch.defaultPresetId)]),
        ...(accountId === undefined || maxOfAccount === undefined ? [patched] : limited(accountId, maxOfAccount, patched)),
      ];
    },
    "put-settings": ({ workspaceId: id, settings, expected }) => [
      present(id),
      toCommit(
        putSettings,
        { id, settings: JSON.stringify(settings), expected },
        { "not-null": () => staleWorkspace(id, "settings of workspace") },
      ),
    ],
  };
}

/** One higher; NULL, which the column refuses, unless it is as expected. The comparison is part of the write. */
function raised(column: "revision" | "settings_revision", expected: ReturnType<typeof sql<number | null>>) {
  const now = sql.ref(column);
  return sql<number>`case when ${now} = coalesce(cast(${expected} as bigint), ${now}) then ${now} + 1 end`;
}

function insertStatement(db: Kysely<Tables>): Statement<{ [Column in keyof WorkspaceRow]: WorkspaceRow[Column] }, unknown> {
  return statement<{ [Column in keyof WorkspaceRow]: WorkspaceRow[Column] }>()((p) =>
    db.insertInto("workspaces").values({
      id: p("id"),
      name: p("name"),
      description: p("description"),
      revision: p("revision"),
      settings: p("settings"),
      settings_revision: p("settings_revision"),
      default_preset_id: p("default_preset_id"),
      created_at: p("created_at"),
      account_id: p("account_id"),
      deleting_at: p("deleting_at"),
      deleting_by: p("deleting_by"),
    }),
  );
}

function rowOf(workspace: Workspace): WorkspaceRow {
  return {
    id: workspace.id,
    name: workspace.name,
    description: workspace.description,
    revision: workspace.revision,
    settings: JSON.stringify(workspace.settings),
    settings_revision: workspace.settingsRevision,
    default_preset_id: workspace.defaultPresetId,
    created_at: workspace.createdAt,
    account_id: workspace.accountId,
    deleting_at: workspace.deletingAt,
    deleting_by: workspace.deletingBy === null ? null : JSON.stringify(workspace.deletingBy),
  };
}

/**
 * Counts the workspaces of the account after the insert. Where several transactions write at a time, those of one account wait for each
 * other: a count misses what another has not committed.
 */
function accountLimit({ db, dialect: { advisoryLock } }: SqlBuilder) {
  const above = refuseWhen<{ account_id: string; max: number }>(db, (eb, p) => {
    const all = eb.selectFrom("workspaces").select(({ fn }) => fn.countAll<number>().as("count"));
    return eb(all.where(sql`coalesce(account_id, '')`, "=", p("account_id")), ">", p("max"));
  });
  const lock = advisoryLock === null ? null : statement<{ key: string }>()((p) => db.selectNoFrom(advisoryLock(p("key")).as("lock")));
  return (accountId: string, max: number, inserted: CommitStatement): readonly CommitStatement[] => [
    ...(lock === null ? [] : [toCommit(lock, { key: `millrace/workspaces/${accountId}` })]),
    inserted,
    toCommit(above, { account_id: accountId, max }, { check: () => workspaceLimitReached(max) }),
  ];
}

function presetGuard(db: Kysely<Tables>): (workspaceId: string, id: string) => CommitStatement {
  const missing = refuseWhen<{ workspace_id: string; id: string }>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("presets").select("id").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")))),
  );
  return (workspaceId, id) => toCommit(missing, { workspace_id: workspaceId, id }, { check: () => notFound("preset", id) });
}

type PatchColumn = "name" | "description" | "default_preset_id" | "account_id" | "deleting_at" | "deleting_by";
type PatchArgs = { readonly id: string; readonly expected: number | null } & Record<string, SqlValue>;

/** One statement per set of patched columns, compiled on first use: an unset column is not written. */
function patchStatements(db: Kysely<Tables>): (columns: readonly PatchColumn[]) => Statement<PatchArgs, unknown> {
  const compiled = new Map<string, Statement<PatchArgs, unknown>>();
  return (columns) => {
    const name = columns.join();
    const known =
      compiled.get(name) ??
      statement<PatchArgs>()((p) =>
        db
          .updateTable("workspaces")
          .set({ ...Object.fromEntries(columns.map((column) => [column, p(column)])), revision: raised("revision", p("expected")) })
          .where("id", "=", p("id")),
      );
    compiled.set(name, known);
    return known;
  };
}

function columnsOf({ name, description, defaultPresetId, accountId, deletion }: WorkspacePatch): Partial<Pick<WorkspaceRow, PatchColumn>> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(defaultPresetId === undefined ? {} : { default_preset_id: defaultPresetId }),
    ...(accountId === undefined ? {} : { account_id: accountId }),
    ...(deletion === undefined ? {} : { deleting_at: deletion.at, deleting_by: JSON.stringify(deletion.by) }),
  };
}
