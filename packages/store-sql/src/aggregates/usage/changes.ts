import type { UsageChanges, UsageRow } from "@millrace/kernel";
import type { Kysely, RawBuilder } from "kysely";
import { sql } from "kysely";
import { runRef, toCommit, touching, type ChangeHandlers } from "../../commit/commit-statement.js";
import { chunksFor } from "../../commit/chunks.js";
import type { SqlBuilder } from "../../connection.js";
import type { Statement } from "../../statement.js";
import { bySize, statement } from "../../statement.js";
import { scopeArgs, type ScopeArgs } from "../spend/scope-args.js";
import type { Tables } from "../tables.js";
import type { UsageTableRow } from "./table.js";

/** Values `addStatement` binds for each scope. */
const ADD_PARAMETERS = 4;

type UsageKey = { workspace_id: string; key: string };

/** Inserts the row, adds what it is settled at to the totals while it says none, then says it: recording a key again finds it and adds nothing. */
export function usageChanges({ db, dialect }: SqlBuilder): ChangeHandlers<UsageChanges> {
  const insert = usageStatement(db);
  const addBy = bySize((count) => addStatement(db, count));
  const mark = statement<UsageKey>()((p) =>
    db
      .updateTable("usage")
      .set({ settled_micros: settledOf("usage") })
      .where("workspace_id", "=", p("workspace_id"))
      .where("key", "=", p("key"))
      .where("settled_micros", "is", null),
  );
  return {
    "record-usage": ({ usage, scopes = [] }) => {
      const row = usageRow(usage, scopes.length === 0 ? 0 : null);
      const inserted = { ...touching(toCommit(insert, row), "usage"), needs: [runRef(usage.workspaceId, usage.runId)] };
      if (scopes.length === 0) return [inserted];
      const key = { workspace_id: usage.workspaceId, key: usage.key };
      const added = chunksFor(dialect, ADD_PARAMETERS, scopes).map((some) =>
        touching(toCommit(addBy(some.length), { ...key, ...scopeArgs(some) }), "usage", "spend_totals", "spend_reservations"),
      );
      return [inserted, ...added, touching(toCommit(mark, key), "usage", "spend_reservations")];
    },
  };
}

/** What a row is settled at: its cost, else the amount its run has reserved in any scope. */
function settledOf(row: "usage" | "spent"): RawBuilder<number> {
  const of = sql.ref(row);
  return sql<number>`coalesce(${of}.cost_micros, (select max(held.micros) from spend_reservations as held
    where held.workspace_id = ${of}.workspace_id and held.run_id = ${of}.run_id), 0)`;
}

/** Adds what the row is settled at, while it does not say so yet. */
function addStatement(db: Kysely<Tables>, count: number): Statement<UsageKey & ScopeArgs, unknown> {
  return statement<UsageKey & ScopeArgs>()((p) => {
    const cost = sql<number>`coalesce((select ${settledOf("spent")} from usage as spent
      where spent.workspace_id = ${p("workspace_id")} and spent.key = ${p("key")} and spent.settled_micros is null), 0)`;
    return db
      .insertInto("spend_totals")
      .values(
        Array.from({ length: count }, (_, index) => ({
          workspace_id: p("workspace_id"),
          scope: p(`scope_${index}`),
          settled_micros: cost,
          reserved_micros: sql.lit(0),
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(["workspace_id", "scope"])
          .doUpdateSet((eb) => ({ settled_micros: eb("spend_totals.settled_micros", "+", eb.ref("excluded.settled_micros")) }))
          .where((eb) => eb("excluded.settled_micros", "!=", sql.lit(0))),
      );
  });
}

function usageStatement(db: Kysely<Tables>): Statement<UsageTableRow, unknown> {
  return statement<UsageTableRow>()((p) =>
    db
      .insertInto("usage")
      .values({
        workspace_id: p("workspace_id"),
        key: p("key"),
        run_id: p("run_id"),
        kind: p("kind"),
        model: p("model"),
        input_tokens: p("input_tokens"),
        output_tokens: p("output_tokens"),
        cache_read_tokens: p("cache_read_tokens"),
        cache_write_tokens: p("cache_write_tokens"),
        cost_micros: p("cost_micros"),
        at: p("at"),
        settled_micros: p("settled_micros"),
      })
      .onConflict((conflict) => conflict.columns(["workspace_id", "key"]).doNothing()),
  );
}

function usageRow(usage: UsageRow, settledMicros: number | null): UsageTableRow {
  return {
    workspace_id: usage.workspaceId,
    key: usage.key,
    run_id: usage.runId,
    kind: usage.kind,
    model: usage.model,
    input_tokens: usage.tokens?.inputTokens ?? null,
    output_tokens: usage.tokens?.outputTokens ?? null,
    cache_read_tokens: usage.tokens?.cacheReadTokens ?? null,
    cache_write_tokens: usage.tokens?.cacheWriteTokens ?? null,
    cost_micros: usage.costMicros,
    at: usage.at,
    settled_micros: settledMicros,
  };
}
