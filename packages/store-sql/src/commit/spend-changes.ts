/**
 * What runs have spent and reserved, added up by scope.
 *
 * 1. `spend_totals.reserved_micros` of a scope is the sum of its rows in `spend_reservations`; a row of the latter implies one of the former.
 * 2. A cap is looked at by the statement that adds to its total: it would write NULL into the NOT NULL sum. The row lock it takes
 *    makes two runs at one cap take turns, on databases with several writers too; a guard beside it would count what both do not see yet.
 * 3. This runs around every call of an agent: a reservation that is already as asked, under caps that still hold, writes nothing and locks
 *    nothing. A total is one row for all runs of a workspace; an upsert would lock it even where it then changes nothing, and every commit
 *    would wait for the disk of the one before it.
 */
import type { Change, UsageRow } from "@millrace/kernel";
import { budgetExhausted } from "@millrace/kernel";
import type { Kysely, RawBuilder } from "kysely";
import { sql } from "kysely";
import type { SqlBuilder, Step } from "../connection.js";
import { step, stepOf, touching } from "../connection.js";
import type { MomentDialect } from "../dialect.js";
import type { Tables, UsageTableRow } from "../schema/tables.js";
import type { Param, Statement } from "../statement.js";
import { bySize, statement } from "../statement.js";
import { rowTable } from "./given-rows.js";
import { refuseWhen } from "./guards.js";

/** Steps of the changes that touch money. */
export interface SpendChanges {
  record(usage: UsageRow, scopes: readonly string[]): readonly Step[];
  reserve(change: Extract<Change, { change: "reserve-spend" }>): readonly Step[];
}

/** A reservation without scopes is kept under this one, so that a call without a price still counts as what was reserved for it. */
const NO_SCOPE = "";
const TABLES = ["spend_totals", "spend_reservations"] as const;
/** More than a total can be. */
const NO_CAP = Number.MAX_SAFE_INTEGER;

export function spendChanges({ db, dialect: { moments } }: SqlBuilder): SpendChanges {
  const reserve = reserveSteps(db);
  return { record: recordSteps(db), reserve: moments === null ? reserve : keepSteps(db, moments, reserve) };
}

type ScopeArgs = { [scope: `scope_${number}`]: string };
type UsageKey = { workspace_id: string; key: string };

/** The row is inserted first and marked when it is in the totals: whoever inserts a key again finds it marked and adds nothing. */
function recordSteps(db: Kysely<Tables>): SpendChanges["record"] {
  const insert = usageStatement(db);
  const addBy = bySize((count) => addStatement(db, count));
  const mark = statement<UsageKey>()((p) =>
    db
      .updateTable("usage")
      .set({ counted: sql.lit(1) })
      .where("workspace_id", "=", p("workspace_id"))
      .where("key", "=", p("key"))
      .where("counted", "=", sql.lit(0)),
  );
  return (usage, scopes) => {
    const row = usageRow(usage, scopes.length === 0);
    const inserted = touching(step(insert, row), "usage");
    if (scopes.length === 0) return [inserted];
    const key = { workspace_id: usage.workspaceId, key: usage.key };
    const added = touching(step(addBy(scopes.length), { ...key, ...scopeArgs(scopes) }), "usage", ...TABLES);
    return [inserted, added, touching(step(mark, key), "usage")];
  };
}

/** Adds what the row cost, else what its run has reserved in any scope, while it is not counted. */
function addStatement(db: Kysely<Tables>, count: number): Statement<UsageKey & ScopeArgs, unknown> {
  return statement<UsageKey & ScopeArgs>()((p) => {
    const cost = sql<number>`coalesce((select coalesce(spent.cost_micros, (select max(held.micros) from spend_reservations as held
      where held.workspace_id = spent.workspace_id and held.run_id = spent.run_id), 0) from usage as spent
      where spent.workspace_id = ${p("workspace_id")} and spent.key = ${p("key")} and spent.counted = 0), 0)`;
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

type RunArgs = { workspace_id: string; run_id: string };
type HoldArgs = RunArgs & { micros: number };

function reserveSteps(db: Kysely<Tables>): SpendChanges["reserve"] {
  const takeBackBy = bySize((count) => takeBackStatement(db, count));
  const forgetBy = bySize((count) => forgetStatement(db, count));
  const holdBy = bySize((count) => holdStatement(db, count));
  const add = reserveStatement(db);
  return (change) => {
    const { workspaceId, runId, micros, caps } = change;
    const run = { workspace_id: workspaceId, run_id: runId };
    const scopes = caps.length === 0 ? [NO_SCOPE] : caps.map(({ scope }) => scope);
    const kept = micros === 0 ? [] : scopes;
    const left = { ...run, ...scopeArgs(kept) };
    // What a run leaves and what it keeps are different rows, and each looks at what the run held before.
    const apart = (steps: readonly Step[]): readonly Step[] => steps.map((one) => ({ ...one, tables: TABLES, group: change }));
    const leave = [step(takeBackBy(kept.length), left), step(forgetBy(kept.length), left)];
    if (micros === 0) return apart(leave);
    const adds = caps.map(({ scope, maxMicros }) => {
      const max = maxMicros ?? NO_CAP;
      // A new total is refused like a known one: what does not fit by itself fits beside nothing.
      const first = micros <= max ? micros : null;
      return step(add, { ...run, scope, micros, max, first }, { "not-null": () => budgetExhausted(scope, max) });
    });
    return apart([...leave, ...adds, step(holdBy(scopes.length), { ...run, micros, ...scopeArgs(scopes) })]);
  };
}

type KeepArgs = HoldArgs & { scope: string; max: number; scopes: number };

/**
 * A reservation that is said to be as asked already is only looked at, together with those of other commits. Where it is not, or a cap
 * does not hold any more, the commit is refused and its steps are asked one by one.
 */
function keepSteps(db: Kysely<Tables>, moments: MomentDialect, reserve: SpendChanges["reserve"]): SpendChanges["reserve"] {
  const rows = rowTable<KeepArgs>(moments, "kept_rows", {
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
    const otherwise = reserve(change);
    const { workspaceId, runId, micros, caps } = change;
    if (change.assumedUnchanged !== true || micros === 0) return otherwise;
    const scopes = caps.length === 0 ? [{ scope: NO_SCOPE, maxMicros: null }] : caps;
    const kept = scopes.map(({ scope, maxMicros }) => ({
      workspace_id: workspaceId,
      run_id: runId,
      scope,
      micros,
      max: maxMicros ?? NO_CAP,
      scopes: scopes.length,
    }));
    return [{ ...stepOf(guard, rows(kept)), tables: TABLES, otherwise }];
  };
}

type LeaveArgs = RunArgs & ScopeArgs;

/** Takes the run's amounts out of the totals of the scopes that it leaves. */
function takeBackStatement(db: Kysely<Tables>, kept: number): Statement<LeaveArgs, unknown> {
  return statement<LeaveArgs>()((p) => {
    const held = db.selectFrom("spend_reservations").where("workspace_id", "=", p("workspace_id")).where("run_id", "=", p("run_id"));
    const scopes = held.select("scope");
    const mine = sql<number>`(select held.micros from spend_reservations as held where held.workspace_id = ${p("workspace_id")}
      and held.run_id = ${p("run_id")} and held.scope = spend_totals.scope)`;
    return db
      .updateTable("spend_totals")
      .set({ reserved_micros: sql<number>`reserved_micros - ${mine}` })
      .where("workspace_id", "=", p("workspace_id"))
      .where("scope", "in", kept === 0 ? scopes : scopes.where("scope", "not in", keptScopes(kept, p)));
  });
}

function forgetStatement(db: Kysely<Tables>, kept: number): Statement<LeaveArgs, unknown> {
  return statement<LeaveArgs>()((p) => {
    const ofRun = db.deleteFrom("spend_reservations").where("workspace_id", "=", p("workspace_id")).where("run_id", "=", p("run_id"));
    return kept === 0 ? ofRun : ofRun.where("scope", "not in", keptScopes(kept, p));
  });
}

function keptScopes(count: number, p: Param<LeaveArgs>): readonly RawBuilder<string>[] {
  return Array.from({ length: count }, (_, index) => p(`scope_${index}`));
}

type AddArgs = HoldArgs & { scope: string; max: number; first: number | null };

/**
 * The run's amount in one scope becomes `micros`; NULL, which is refused, when the total is then above the cap. One that is as asked
 * already is looked at without a lock: as if before whatever others are about to add.
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

/** Rows of the scopes where the run does not hold just that. */
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

function scopeArgs(scopes: readonly string[]): ScopeArgs {
  return Object.fromEntries(scopes.map((scope, index) => [`scope_${index}`, scope]));
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
        cost_micros: p("cost_micros"),
        at: p("at"),
        counted: p("counted"),
      })
      .onConflict((conflict) => conflict.columns(["workspace_id", "key"]).doNothing()),
  );
}

function usageRow(usage: UsageRow, counted: boolean): UsageTableRow {
  return {
    workspace_id: usage.workspaceId,
    key: usage.key,
    run_id: usage.runId,
    kind: usage.kind,
    model: usage.model,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cost_micros: usage.costMicros,
    at: usage.at,
    counted: counted ? 1 : 0,
  };
}
