import { accountEventRecordSchema, hostEventRecordSchema } from "@millrace/contracts";
import { auditOfAccount, type AuditReads, type PlatformEventReads } from "@millrace/kernel";
import { sql } from "kysely";
import type { SqlConnection } from "../../connection.js";
import type { LogPosition } from "../../dialect.js";
import { MAX_EVENTS, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { timeline } from "../audit/reads.js";
import { parseVersioned } from "../../stored-shape.logic.js";

type Args = LogPosition & { readonly limit: number };

/** The logs of accounts and of the host, in their order, as `eventReads` reads that of a workspace. */
export function platformEventReads(connection: SqlConnection): PlatformEventReads {
  const { db, dialect } = connection;
  const { log } = dialect;
  const columns = [log.cursor.as("position"), "entry"] as const;
  const ofAccount = statement<Args & { readonly account_id: string }>()((p) => {
    const page = db
      .selectFrom("platform_events")
      .select(columns)
      .where("account_id", "=", p("account_id"))
      .where(log.isAfter({ transaction: p("transaction"), row: p("row") }))
      .limit(p("limit"));
    return log.order.reduce((query, column) => query.orderBy(sql.ref(column)), page);
  });
  const ofHost = statement<Args>()((p) => {
    const page = db
      .selectFrom("platform_events")
      .select(columns)
      .where("account_id", "is", null)
      .where(log.isAfter({ transaction: p("transaction"), row: p("row") }))
      .limit(p("limit"));
    return log.order.reduce((query, column) => query.orderBy(sql.ref(column)), page);
  });
  return {
    async ofAccount(accountId, after, limit) {
      const args = { account_id: accountId, ...log.positionOf(after), limit: checkLimit(limit, MAX_EVENTS) };
      return (await connection.all(ofAccount, args)).map(({ position, entry }) => ({
        cursor: position,
        accountId,
        entry: parseVersioned(accountEventRecordSchema, entry, { entity: "event", id: `${position}' of account '${accountId}` }),
      }));
    },
    async ofHost(after, limit) {
      const args = { ...log.positionOf(after), limit: checkLimit(limit, MAX_EVENTS) };
      return (await connection.all(ofHost, args)).map(({ position, entry }) => ({
        cursor: position,
        entry: parseVersioned(hostEventRecordSchema, entry, { entity: "event of the host", id: position }),
      }));
    },
  };
}

/** The audit of accounts: their log, by time. */
export function auditOfAccounts(connection: SqlConnection): AuditReads["ofAccount"] {
  const read = timeline(connection, "platform_events", "account_id");
  return async (accountId, filter, page) => {
    // No event of an account is about a block.
    if (filter.blockId !== undefined) return [];
    return (await read(accountId, filter, page)).map(({ at, position, entry }) => ({
      ...auditOfAccount(parseVersioned(accountEventRecordSchema, entry, { entity: "event", id: `${position}' of account '${accountId}` })),
      position: `${at}.${position}`,
    }));
  };
}
