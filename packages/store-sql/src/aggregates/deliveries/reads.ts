import type { Delivery, DeliveryReads } from "@millrace/kernel";
import { sql } from "kysely";
import { z } from "zod";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseBoardEntry, parseStored } from "../../stored-shape.logic.js";
import type { DeliveryRow } from "./table.js";

export function deliveryReads(connection: SqlConnection): DeliveryReads {
  const { db } = connection;
  const progress = statement<{ channel: string }>()((p) => db.selectFrom("channels").selectAll().where("channel", "=", p("channel")));
  const pending = statement<{ channel: string; limit: number }>()((p) =>
    db
      .selectFrom("deliveries")
      .selectAll()
      .where("channel", "=", p("channel"))
      .where("status", "=", sql.lit("pending"))
      .orderBy("number")
      .limit(p("limit")),
  );
  return {
    async progress(channel) {
      const [row] = await connection.all(progress, { channel });
      if (row === undefined) return null;
      return { channel, cursor: row.cursor, made: row.made, leaseUntil: row.lease_until, revision: row.revision };
    },
    async pending(channel, limit) {
      return (await connection.all(pending, { channel, limit: checkLimit(limit, MAX_PAGE) })).map(toDelivery);
    },
  };
}

const statusSchema = z.enum(["pending", "delivered", "dead"]);

function toDelivery(row: DeliveryRow): Delivery {
  const { channel, number, cursor } = row;
  return {
    channel,
    number,
    cursor,
    workspaceId: row.workspace_id,
    entry: parseBoardEntry(row.entry, cursor),
    status: parseStored(statusSchema, row.status, { entity: "delivery", id: `${channel}/${cursor}` }),
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    lastError: row.last_error,
  };
}
