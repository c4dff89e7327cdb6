import type { FragmentChanges, FragmentOwner } from "@millrace/kernel";
import { alreadyExists, limitReached, notFound } from "@millrace/kernel";
import { sql } from "kysely";
import { toCommit, workspaceRef, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import { whenStale } from "../../commit/next-revision.js";
import { scopeLock } from "../../commit/scope-lock.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { FragmentRow, HiddenFragmentRow } from "./table.js";

type Key = Pick<HiddenFragmentRow, "owner" | "id">;
type Versioned = Key & { expected: number };

export function fragmentChanges(builder: SqlBuilder): ChangeHandlers<FragmentChanges> {
  const { db } = builder;
  const lock = scopeLock(builder);
  const insert = statement<FragmentRow>()((p) =>
    db
      .insertInto("fragments")
      .values({ workspace_id: p("workspace_id"), owner: p("owner"), id: p("id"), version: p("version"), document: p("document") }),
  );
  const tooMany = refuseWhen<{ owner: string; max: number }>(
    db,
    (eb, p) =>
      sql<boolean>`(${eb
        .selectFrom("fragments")
        .select((count) => count.fn.countAll().as("count"))
        .where("owner", "=", p("owner"))}) > ${p("max")}`,
  );
  const missing = refuseWhen<Key>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("fragments").select("id").where("owner", "=", p("owner")).where("id", "=", p("id")))),
  );
  const revise = statement<Versioned>()((p) =>
    db
      .updateTable("fragments")
      .set({ version: sql<number>`case when version = ${p("expected")} then version + 1 end` })
      .where("owner", "=", p("owner"))
      .where("id", "=", p("id")),
  );
  const count = statement<Key>()((p) =>
    db
      .updateTable("fragments")
      .set({ version: sql<number>`version + 1` })
      .where("owner", "=", p("owner"))
      .where("id", "=", p("id")),
  );
  const write = statement<Key & { document: string }>()((p) =>
    db
      .updateTable("fragments")
      .set({ document: p("document") })
      .where("owner", "=", p("owner"))
      .where("id", "=", p("id")),
  );
  const remove = statement<Key>()((p) => db.deleteFrom("fragments").where("owner", "=", p("owner")).where("id", "=", p("id")));
  const hide = statement<HiddenFragmentRow>()((p) =>
    db
      .insertInto("hidden_fragments")
      .values({ workspace_id: p("workspace_id"), owner: p("owner"), id: p("id") })
      .onConflict((conflict) => conflict.columns(["owner", "id"]).doNothing()),
  );
  const show = statement<Key>()((p) => db.deleteFrom("hidden_fragments").where("owner", "=", p("owner")).where("id", "=", p("id")));
  const seen = (key: Key, expected: number): CommitStatement =>
    toCommit(revise, { ...key, expected }, whenStale("fragment", key.id, expected));
  return {
    "insert-fragment": ({ owner, fragment, max }) => {
      const row = { ...ownerColumns(owner), id: fragment.id, version: 1, document: JSON.stringify(fragment) };
      return [
        ...lock(`fragments/${row.owner}`),
        ofOwner(owner, toCommit(insert, row, { "primary-key": () => alreadyExists("fragment", fragment.id) })),
        toCommit(tooMany, { owner: row.owner, max }, { check: () => limitReached("fragments", max) }),
      ];
    },
    "update-fragment": ({ owner, fragment, expected }) => {
      const key = { owner: ownerColumn(owner), id: fragment.id };
      return [
        toCommit(missing, key, { check: () => notFound("fragment", fragment.id) }),
        expected === null ? toCommit(count, key) : seen(key, expected),
        toCommit(write, { ...key, document: JSON.stringify(fragment) }),
      ];
    },
    "delete-fragment": ({ owner, id, expected }) => {
      const key = { owner: ownerColumn(owner), id };
      return [...(expected === null ? [] : [seen(key, expected)]), toCommit(remove, key)];
    },
    "hide-fragment": ({ owner, id, hidden }) => {
      const key = { owner: ownerColumn(owner), id };
      return [hidden ? ofOwner(owner, toCommit(hide, { ...key, ...ownerColumns(owner) })) : toCommit(show, key)];
    },
  };
}

/** The owner as it is stored. */
export function ownerColumn({ of, id }: FragmentOwner): string {
  return `${of} ${id}`;
}

function ownerColumns(owner: FragmentOwner): Pick<HiddenFragmentRow, "workspace_id" | "owner"> {
  return { workspace_id: owner.of === "workspace" ? owner.id : null, owner: ownerColumn(owner) };
}

/** A workspace lies in the same database; an account may not. */
function ofOwner(owner: FragmentOwner, change: CommitStatement): CommitStatement {
  return owner.of === "workspace" ? { ...change, needs: [workspaceRef(owner.id)] } : change;
}
