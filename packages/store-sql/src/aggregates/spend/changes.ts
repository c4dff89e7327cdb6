/**
 * Spending of runs, settled and reserved, added up by scope.
 *
 * 1. `spend_totals.reserved_micros` of a scope is the sum of its rows in `spend_reservations`; a row of the latter implies one of the former.
 * 2. The statement that adds to a total also checks its cap: it writes NULL into the NOT NULL sum when the cap is exceeded. Its row lock
 *    serializes two runs at one cap, on databases with several writers too; a separate guard would count what neither sees yet.
 * 3. This runs around every call of an agent: a reservation that already has its value, under caps that still hold, writes nothing and
 *    locks nothing. A total is one row for all runs of a workspace; an upsert would lock it even where it changes nothing, and every
 *    commit would wait for the disk of the one before it.
 */
import type { SpendChanges } from "@millrace/kernel";
import { budgetExhausted } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { rowSetToCommit, runRef, toCommit, type ChangeHandlers, type CommitStatement } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import { chunksFor } from "../../commit/chunks.js";
import { rowSet } from "../../commit/row-set.js";
import type { SqlBuilder } from "../../connection.js";
import type { Dialect, WritableCteDialect } from "../../dialect.js";
import type { Statement } from "../../statement.js";
import { bySize, statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import { scopeArgs, type ScopeArgs } from "./scope-args.js";

type Reserve = ChangeHandlers<SpendChanges>["reserve-spend"];

/** A reservation without scopes is kept under this one, so that a call without a price still counts as what was reserved for it. */
const NO_SCOPE = "";
const TABLES = ["spend_totals", "spend_reservations"] as const;
/** More than a total can be. */
const NO_CAP = Number.MAX_SAFE_INTEGER;

export function spendChanges({ db, dialect }: SqlBuilder): ChangeHandlers<SpendChanges> {
  const reserve = reserveSpend({ db, dialect });
  return { "reserve-spend": dialect.supportsWritableCtes ? verifyFirst(db, dialect, reserve) : reserve };
}

type RunArgs = { workspace_id: string; run_id: string };
type HoldArgs = RunArgs & { micros: number };
/** `kept` is the JSON array of the scopes the run does not leave, so that one statement serves any number of them. */
type LeaveArgs = RunArgs & { kept: string };

/** Values `holdStatement` binds for each scope. */
const HOLD_PARAMETERS = 8;

function reserveSpend({ db, dialect }: SqlBuilder): Reserve {
  const takeBack = takeBackStatement(db, dialect);
  const forget = forgetStatement(db, dialect);
  const holdBy = bySize((count) => holdStatement(db, count));
  const add = reserveStatement(db);
  return (change) => {
    const { workspaceId, runId, micros, caps } = change;
    const run = { workspace_id: workspaceId, run_id: runId };
    const scopes = caps.length === 0 ? [NO_SCOPE] : caps.map(({ scope }) => scope);
    const kept = JSON.stringify(micros === 0 ? [] : scopes);
    // The scopes a run leaves and those it keeps are different rows, and each statement reads what the run held before.
    const grouped = (statements: readonly CommitStatement[]): readonly CommitStatement[] =>
      statements.map((one) => ({ ...one, tables: TABLES, group: change }));
    const leave = [toCommit(takeBack, { ...run, kept }), toCommit(forget, { ...run, kept })];
    if (micros === 0) return grouped(leave);
    const needs = [runRef(workspaceId, runId)];
    const adds = caps.map(({ scope, maxMicros }) => {
      const max = maxMicros ?? NO_CAP;
      // A new total is refused like a known one: an amount above the cap by itself fits beside nothing.
      const first = micros <= max ? micros : null;
      return toCommit(add, { ...run, scope, micros, max, first }, { "not-null": () => budgetExhausted(scope, max) });
    });
    const holds = chunksFor(dialect, HOLD_PARAMETERS, scopes).map((some) => ({
      ...toCommit(holdBy(some.length), { ...run, micros, ...scopeArgs(some) }),
      needs,
    }));
    return grouped([...leave, ...adds, ...holds]);
  };
}

type KeptArgs = HoldArgs & { scope: string; max: number; scopes: number };

/**
 * A reservation that is assumed unchanged is only verified, together with those of other commits. Where it differs, or a cap no longer
 * holds, the commit is refused and falls back to one-by-one statements.
 */
function verifyFirst(db: Kysely<Tables>, dialect: WritableCteDialect, reserve: Reserve): Reserve {
  const rows = rowSet<KeptArgs>(dialect, "kept_rows", {
    workspace_id: "text",
    run_id: "text",
    scope: "text",
    micros: "bigint",
    max: "bigint",
    scopes: "bigint",
  });
  const guard = refuseWhen<object>(
    db,
    () => sql<boolean>`exists (select 1 from kept_rows as kept where
      (select held.micros from spend_reservations as held where held.workspace_id = kept.workspace_id and held.run_id = kept.run_id
        and held.scope = kept.scope) is distinct from kept.micros
      or (select total.settled_micros + total.reserved_micros from spend_totals as total where total.workspace_id = kept.workspace_id
        and total.scope = kept.scope) > kept.max
      or (select count(*) from spend_reservations as held where held.workspace_id = kept.workspace_id and held.run_id = kept.run_id)
        <> kept.scopes)`,
  );
  return (change) => {
    const fallback = reserve(change);
    const { workspaceId, runId, micros, caps } = change;
    if (change.assumedUnchanged !== true || micros === 0) return fallback;
    const scopes = caps.length === 0 ? [{ scope: NO_SCOPE, maxMicros: null }] : caps;
    const kept = scopes.map(({ scope, maxMicros }) => ({
      workspace_id: workspaceId,
      run_id: runId,
      scope,
      micros,
      max: maxMicros ?? NO_CAP,
      scopes: scopes.length,
    }));
    return [{ ...rowSetToCommit(guard, rows(kept)), tables: TABLES, fallback, needs: [runRef(workspaceId, runId)] }];
  };
}

/** Takes the run's amounts out of the totals of the scopes it leaves. */
function takeBackStatement(db: Kysely<Tables>, { jsonStrings }: Dialect): Statement<LeaveArgs, unknown> {
  return statement<LeaveArgs>()((p) => {
    const left = db
      .selectFrom("spend_reservations")
      .select("scope")
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .where("scope", "not in", jsonStrings(p("kept")));
    const mine = sql<number>`(select held.micros from spend_reservations as held where held.workspace_id = ${p("workspace_id")}
      and held.run_id = ${p("run_id")} and held.scope = spend_totals.scope)`;
    return db
      .updateTable("spend_totals")
      .set({ reserved_micros: sql<number>`reserved_micros - ${mine}` })
      .where("workspace_id", "=", p("workspace_id"))
      .where("scope", "in", left);
  });
}

function forgetStatement(db: Kysely<Tables>, { jsonStrings }: Dialect): Statement<LeaveArgs, unknown> {
  return statement<LeaveArgs>()((p) =>
    db
      .deleteFrom("spend_reservations")
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .where("scope", "not in", jsonStrings(p("kept"))),
  );
}

type AddArgs = HoldArgs & { scope: string; max: number; first: number | null };

/**
 * Sets the run's amount in one scope to `micros`; to NULL, which is refused, when the total is then above the cap. An unchanged
 * reservation is only verified, without locking the total; concurrent additions count as later.
 */
function reserveStatement(db: Kysely<Tables>): Statement<AddArgs, unknown> {
  return statement<AddArgs>()((p) => {
    const mine = sql<number>`coalesce((select held.micros from spend_reservations as held where held.workspace_id = ${p("workspace_id")}
      and held.run_id = ${p("run_id")} and held.scope = ${p("scope")}), 0)`;
    const total = sql<number>`spend_totals.settled_micros + spend_totals.reserved_micros`;
    const isExceeded = sql<boolean>`exists (select 1 from spend_totals where workspace_id = ${p("workspace_id")} and scope = ${p("scope")}
      and ${total} > ${p("max")})`;
    const row = db
      .selectNoFrom([
        sql<string>`cast(${p("workspace_id")} as text)`.as("workspace_id"),
        sql<string>`cast(${p("scope")} as text)`.as("scope"),
        sql.lit(0).as("settled_micros"),
        sql<number>`cast(${p("first")} as bigint)`.as("reserved_micros"),
      ])
      .where(sql<boolean>`(${mine} <> ${p("micros")} or ${isExceeded})`);
    return db
      .insertInto("spend_totals")
      .columns(["workspace_id", "scope", "settled_micros", "reserved_micros"])
      .expression(row)
      .onConflict((conflict) =>
        conflict
          .columns(["workspace_id", "scope"])
          .doUpdateSet({
            reserved_micros: sql<number>`case when ${total} + ${p("micros")} - ${mine} <= ${p("max")}
              then spend_totals.reserved_micros + ${p("micros")} - ${mine} end`,
          })
          .where(sql<boolean>`(${mine} <> ${p("micros")} or ${total} > ${p("max")})`),
      );
  });
}

/** Writes the scopes in which the run does not hold exactly `micros`. */
function holdStatement(db: Kysely<Tables>, count: number): Statement<HoldArgs & ScopeArgs, unknown> {
  return statement<HoldArgs & ScopeArgs>()((p) => {
    const row = (index: number) =>
      db
        .selectNoFrom([
          sql<string>`cast(${p("workspace_id")} as text)`.as("workspace_id"),
          sql<string>`cast(${p("run_id")} as text)`.as("run_id"),
          sql<string>`cast(${p(`scope_${index}`)} as text)`.as("scope"),
          sql<number>`cast(${p("micros")} as bigint)`.as("micros"),
        ])
        .where(
          sql<boolean>`not exists (select 1 from spend_reservations as held where held.workspace_id = ${p("workspace_id")}
            and held.run_id = ${p("run_id")} and held.scope = ${p(`scope_${index}`)} and held.micros = ${p("micros")})`,
        );
    const others = Array.from({ length: count - 1 }, (_, index) => row(index + 1));
    return db
      .insertInto("spend_reservations")
      .columns(["workspace_id", "run_id", "scope", "micros"])
      .expression(others.length === 0 ? row(0) : row(0).unionAll(others))
      .onConflict((conflict) =>
        conflict.columns(["workspace_id", "run_id", "scope"]).doUpdateSet((eb) => ({ micros: eb.ref("excluded.micros") })),
      );
  });
}
