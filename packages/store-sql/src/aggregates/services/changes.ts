import type { SharedService } from "@millrace/contracts";
import type { ServiceChanges } from "@millrace/kernel";
import { folderTaken, notFound, serviceShown, serviceTaken } from "@millrace/kernel";
import type { ExpressionBuilder, SqlBool } from "kysely";
import { sql } from "kysely";
import { toCommit, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement, type Param } from "../../statement.js";
import type { Tables } from "../tables.js";
import type { ServiceRow, ShareRow } from "./table.js";

type Key = { account_id: string; id: string };
type ShareKey = Pick<ShareRow, "account_id" | "service_id" | "board_id">;

export function serviceChanges(builder: SqlBuilder): ChangeHandlers<ServiceChanges> {
  const { db } = builder;
  const lock = accountLock(builder);
  const put = putService(builder);
  const missing = refuseWhen<Key>(db, (eb, p) => eb.not(eb.exists(entryOf(eb, p))));
  const shown = refuseWhen<Key>(db, (eb, p) =>
    eb.exists(
      eb.selectFrom("service_shares").select("service_id").where("service_id", "=", p("id")).where("account_id", "=", p("account_id")),
    ),
  );
  const setClosing = statement<Key & { closing: number; due_at: number | null }>()((p) =>
    db
      .updateTable("services")
      .set({ closing: p("closing"), due_at: p("due_at") })
      .where("id", "=", p("id"))
      .where("account_id", "=", p("account_id")),
  );
  const remove = statement<Key>()((p) => db.deleteFrom("services").where("id", "=", p("id")).where("account_id", "=", p("account_id")));
  const removeShares = statement<Key>()((p) =>
    db.deleteFrom("service_shares").where("service_id", "=", p("id")).where("account_id", "=", p("account_id")),
  );
  const notOpen = refuseWhen<Key>(db, (eb, p) => eb.not(eb.exists(entryOf(eb, p).where("closing", "=", sql.lit(0)))));
  const share = statement<ShareRow>()((p) =>
    db
      .insertInto("service_shares")
      .values({ account_id: p("account_id"), service_id: p("service_id"), board_id: p("board_id"), due_at: p("due_at") })
      .onConflict((conflict) => conflict.columns(["service_id", "board_id"]).doUpdateSet({ due_at: p("due_at") })),
  );
  const settle = statement<ShareRow>()((p) =>
    db
      .updateTable("service_shares")
      .set({ due_at: p("due_at") })
      .where("service_id", "=", p("service_id"))
      .where("board_id", "=", p("board_id"))
      .where("account_id", "=", p("account_id")),
  );
  const unshare = statement<ShareKey>()((p) =>
    db
      .deleteFrom("service_shares")
      .where("service_id", "=", p("service_id"))
      .where("board_id", "=", p("board_id"))
      .where("account_id", "=", p("account_id")),
  );
  const mustBeThere = (key: Key): CommitStatement => toCommit(missing, key, { check: () => notFound("service", key.id) });
  const shareKey = (of: { readonly accountId: string; readonly serviceId: string; readonly workspaceId: string }): ShareKey => ({
    account_id: of.accountId,
    service_id: of.serviceId,
    board_id: of.workspaceId,
  });
  return {
    "put-service": ({ accountId, service, dueAt }) => [...lock(accountId), ...put(service, dueAt)],
    "close-service": ({ accountId, id, detach, dueAt }) => {
      const key = { account_id: accountId, id };
      return [
        ...lock(accountId),
        mustBeThere(key),
        ...(detach ? [] : [toCommit(shown, key, { check: () => serviceShown(id) })]),
        toCommit(setClosing, { ...key, closing: 1, due_at: dueAt }),
      ];
    },
    "reopen-service": ({ accountId, id }) => {
      const key = { account_id: accountId, id };
      return [...lock(accountId), mustBeThere(key), toCommit(setClosing, { ...key, closing: 0, due_at: null })];
    },
    "withdraw-service": ({ accountId, id }) => {
      const key = { account_id: accountId, id };
      return [...lock(accountId), mustBeThere(key), toCommit(removeShares, key), toCommit(remove, key)];
    },
    "share-service": ({ dueAt, ...of }) => [
      ...lock(of.accountId),
      toCommit(notOpen, { account_id: of.accountId, id: of.serviceId }, { check: () => notFound("service", of.serviceId) }),
      toCommit(share, { ...shareKey(of), due_at: dueAt }),
    ],
    "settle-share": ({ dueAt, ...of }) => [toCommit(settle, { ...shareKey(of), due_at: dueAt })],
    "unshare-service": (of) => [toCommit(unshare, shareKey(of))],
  };
}

/**
 * Where several transactions write at a time, changes of the directory of an account come one after the other: two services of one folder,
 * or a board that begins to show a service and its removal, do not see each other otherwise.
 */
function accountLock({ db, dialect: { advisoryLock } }: SqlBuilder): (accountId: string) => readonly CommitStatement[] {
  if (advisoryLock === null) return () => [];
  const lock = statement<{ key: string }>()((p) => db.selectNoFrom(advisoryLock(p("key")).as("lock")));
  return (accountId) => [toCommit(lock, { key: `millrace/services/${accountId}` })];
}

const entryOf = (eb: ExpressionBuilder<Tables, never>, p: Param<Key>) =>
  eb.selectFrom("services").select("id").where("id", "=", p("id")).where("account_id", "=", p("account_id"));

/** The folder is compared first; a service of another home keeps its row, because NULL does not fit into its owner. */
function putService({ db }: SqlBuilder): (service: SharedService, dueAt: number | null) => readonly CommitStatement[] {
  const taken = refuseWhen<Pick<ServiceRow, "id" | "account_id" | "folder"> & { repository_key: string }>(db, (eb, p) => {
    // One of them begins with the other: they are the same, or one lies in the other.
    const overlaps = sql<SqlBool>`(
      substr(folder, 1, length(cast(${p("folder")} as text))) = ${p("folder")} or
      substr(cast(${p("folder")} as text), 1, length(folder)) = folder)`;
    return eb.exists(
      eb
        .selectFrom("services")
        .select("id")
        .where("account_id", "=", p("account_id"))
        .where("repository_key", "=", p("repository_key"))
        .where("id", "!=", p("id"))
        .where(overlaps),
    );
  });
  const put = statement<ServiceRow>()((p) =>
    db
      .insertInto("services")
      .values({
        id: p("id"),
        account_id: p("account_id"),
        home_id: p("home_id"),
        title: p("title"),
        type: p("type"),
        repository: p("repository"),
        repository_key: p("repository_key"),
        directory: p("directory"),
        folder: p("folder"),
        created_at: p("created_at"),
        closing: p("closing"),
        due_at: p("due_at"),
      })
      .onConflict((conflict) =>
        conflict.column("id").doUpdateSet({
          account_id: sql<string>`case when services.account_id = excluded.account_id and services.home_id = excluded.home_id
            then services.account_id end`,
          title: (eb) => eb.ref("excluded.title"),
          type: (eb) => eb.ref("excluded.type"),
          repository: (eb) => eb.ref("excluded.repository"),
          repository_key: (eb) => eb.ref("excluded.repository_key"),
          directory: (eb) => eb.ref("excluded.directory"),
          folder: (eb) => eb.ref("excluded.folder"),
          due_at: (eb) => eb.ref("excluded.due_at"),
        }),
      ),
  );
  return (service, dueAt) => {
    const row = serviceRow(service, dueAt);
    const { id, account_id, folder, repository_key } = row;
    return [
      ...(repository_key === null
        ? []
        : [toCommit(taken, { id, account_id, folder, repository_key }, { check: () => folderTaken(service) })]),
      toCommit(put, row, { "not-null": () => serviceTaken(id) }),
    ];
  };
}

function serviceRow(service: SharedService, dueAt: number | null): ServiceRow {
  const { repository, directory } = service;
  return {
    id: service.id,
    account_id: service.accountId,
    home_id: service.homeId,
    title: service.title,
    type: service.type,
    repository: repository === null ? null : JSON.stringify(repository),
    repository_key: repository === null ? null : `${repository.forge} ${repository.id}`,
    directory,
    folder: directory === null ? "/" : `/${directory.toLowerCase()}/`,
    created_at: service.createdAt,
    closing: 0,
    due_at: dueAt,
  };
}
