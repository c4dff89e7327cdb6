import { actorSchema, jsonSchema } from "@millrace/contracts";
import { readPosition, type AuditEntry, type AuditFilter, type AuditPage, type AuditReads } from "@millrace/kernel";
import { sql, type RawBuilder } from "kysely";
import { z } from "zod";
import type { SqlConnection } from "../../connection.js";
import { MAX_EVENTS, MAX_PAGE, checkLimit } from "../../page.logic.js";
import { parseStoredJson } from "../../stored-shape.logic.js";
import { statement, type SqlValue, type Statement } from "../../statement.js";

const auditEntrySchema: z.ZodType<AuditEntry> = z.strictObject({
  at: z.number(),
  actor: actorSchema,
  onBehalfOf: z.string().nullable(),
  type: z.string(),
  blockId: z.string().nullable(),
  runId: z.string().nullable(),
  event: jsonSchema,
});

type Filter = "actor" | "type" | "block_id" | "from" | "to";
type Order = "newest" | "oldest";
type Args = Record<string, SqlValue>;
type Row = { readonly at: number; readonly position: string; readonly entry: string };

/** A list by time that `columns` filter: one statement for each set of them, compiled on first use. */
export function timeline(connection: SqlConnection, table: "audit" | "platform_events", owner: "workspace_id" | "account_id") {
  const compiled = new Map<string, Statement<Args, Row>>();
  const statementOf = (filters: readonly Filter[], order: Order): Statement<Args, Row> => {
    const name = [order, ...filters].join();
    const known = compiled.get(name) ?? build(connection, { table, owner, filters, order });
    compiled.set(name, known);
    return known;
  };
  return async (id: string, filter: AuditFilter, { limit, after, order = "newest" }: AuditPage): Promise<readonly Row[]> => {
    const { actor, type, blockId: block_id, from, to } = filter;
    const given = Object.entries({ actor, type, block_id, from, to }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const start = after === undefined ? null : readPosition(after);
    const [at, row] = start === null ? (order === "newest" ? [Number.MAX_SAFE_INTEGER, 0] : [-1, 0]) : [start.at, Number(start.id)];
    const args = { ...Object.fromEntries(given), owner: id, at, row, limit: checkLimit(limit, order === "oldest" ? MAX_EVENTS : MAX_PAGE) };
    return connection.all(
      statementOf(
        given.map(([name]) => name as Filter),
        order,
      ),
      args,
    );
  };
}

interface Listed {
  readonly table: string;
  readonly owner: string;
  readonly filters: readonly Filter[];
  readonly order: Order;
}

function build({ db }: SqlConnection, { table, owner, filters, order }: Listed): Statement<Args, Row> {
  const isNewest = order === "newest";
  return statement<Args>()((p) => {
    const conditions = filters.map((name) => {
      if (name === "from") return sql<boolean>`at >= ${p(name)}`;
      if (name === "to") return sql<boolean>`at < ${p(name)}`;
      return sql<boolean>`${sql.ref(name)} = ${p(name)}`;
    });
    const behind = isNewest ? sql`<` : sql`>`;
    const all = [
      sql<boolean>`${sql.ref(owner)} = ${p("owner")}`,
      ...conditions,
      sql<boolean>`(at, cursor) ${behind} (${p("at")}, ${p("row")})`,
    ];
    return db
      .selectFrom(sql<{ at: number; cursor: number; entry: string }>`${sql.table(table)}`.as("line"))
      .select(["at", sql<string>`cast(cursor as text)`.as("position"), "entry"])
      .where((eb) => eb.and(all))
      .orderBy("at", isNewest ? "desc" : "asc")
      .orderBy("cursor", isNewest ? "desc" : "asc")
      .limit(p("limit") as RawBuilder<number>);
  });
}

/** The audit of workspaces. That of accounts is their own log (`platformEventReads`). */
export function auditOfWorkspaces(connection: SqlConnection): AuditReads["ofWorkspace"] {
  const read = timeline(connection, "audit", "workspace_id");
  return async (workspaceId, filter, page) =>
    (await read(workspaceId, filter, page)).map(({ at, position, entry }) => ({
      ...parseStoredJson(auditEntrySchema, entry, { entity: "entry of the audit", id: position }),
      position: `${at}.${position}`,
    }));
}
