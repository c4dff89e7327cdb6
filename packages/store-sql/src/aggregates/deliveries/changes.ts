import type { ChannelProgress, Delivery, DeliveryChanges } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import type { Statement } from "../../statement.js";
import { statement } from "../../statement.js";
import type { Tables } from "../tables.js";
import type { ChannelRow, DeliveryRow } from "./table.js";

export function deliveryChanges({ db }: SqlBuilder): ChangeHandlers<DeliveryChanges> {
  const putDelivery = putDeliveryStatement(db);
  const trim = trimStatement(db);
  return {
    "put-channel-progress": putProgress(db),
    "put-delivery": ({ delivery }) => [toCommit(putDelivery, deliveryRow(delivery))],
    "trim-deliveries": ({ ofWorkspace, before, limit }) => [toCommit(trim, { workspace_id: ofWorkspace, before, limit })],
  };
}

/** The comparison is part of the write: of two processes that take up a channel at the same revision, the second finds it changed. */
function putProgress(db: Kysely<Tables>): ChangeHandlers<DeliveryChanges>["put-channel-progress"] {
  const insert = statement<ChannelRow>()((p) =>
    db.insertInto("channels").values({
      channel: p("channel"),
      cursor: p("cursor"),
      made: p("made"),
      lease_until: p("lease_until"),
      revision: p("revision"),
    }),
  );
  const missing = refuseWhen<{ channel: string }>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("channels").select("channel").where("channel", "=", p("channel")))),
  );
  const update = statement<Omit<ChannelRow, "revision"> & { expected: number }>()((p) =>
    db
      .updateTable("channels")
      .set({
        cursor: p("cursor"),
        made: p("made"),
        lease_until: p("lease_until"),
        revision: sql<number>`case when revision = ${p("expected")} then revision + 1 end`,
      })
      .where("channel", "=", p("channel")),
  );
  return ({ progress }) => {
    const row = channelRow(progress);
    const refusal = (): MillraceError => staleProgress(progress);
    if (progress.revision === 1) return [toCommit(insert, row, { "primary-key": refusal })];
    return [
      toCommit(missing, { channel: progress.channel }, { check: refusal }),
      toCommit(update, { ...row, expected: progress.revision - 1 }, { "not-null": refusal }),
    ];
  };
}

function putDeliveryStatement(db: Kysely<Tables>): Statement<DeliveryRow, unknown> {
  return statement<DeliveryRow>()((p) =>
    db
      .insertInto("deliveries")
      .values({
        channel: p("channel"),
        number: p("number"),
        cursor: p("cursor"),
        workspace_id: p("workspace_id"),
        entry: p("entry"),
        status: p("status"),
        attempts: p("attempts"),
        next_attempt_at: p("next_attempt_at"),
        last_error: p("last_error"),
        at: p("at"),
      })
      .onConflict((conflict) =>
        conflict.columns(["channel", "number"]).doUpdateSet((eb) => ({
          cursor: eb.ref("excluded.cursor"),
          workspace_id: eb.ref("excluded.workspace_id"),
          entry: eb.ref("excluded.entry"),
          status: eb.ref("excluded.status"),
          attempts: eb.ref("excluded.attempts"),
          next_attempt_at: eb.ref("excluded.next_attempt_at"),
          last_error: eb.ref("excluded.last_error"),
        })),
      ),
  );
}

type TrimArgs = { workspace_id: string; before: number; limit: number };

function trimStatement(db: Kysely<Tables>): Statement<TrimArgs, unknown> {
  return statement<TrimArgs>()((p) =>
    db
      .deleteFrom("deliveries")
      .where((eb) =>
        eb(
          eb.refTuple("channel", "number"),
          "in",
          eb
            .selectFrom("deliveries")
            .select(["channel", "number"])
            .where("workspace_id", "=", p("workspace_id"))
            .where("status", "<>", sql.lit("pending"))
            .where("at", "<", p("before"))
            .orderBy("at")
            .limit(p("limit"))
            .$asTuple("channel", "number"),
        ),
      ),
  );
}

function channelRow({ channel, cursor, made, leaseUntil, revision }: ChannelProgress): ChannelRow {
  return { channel, cursor, made, lease_until: leaseUntil, revision };
}

function deliveryRow(delivery: Delivery): DeliveryRow {
  return {
    channel: delivery.channel,
    number: delivery.number,
    cursor: delivery.cursor,
    workspace_id: delivery.workspaceId,
    entry: JSON.stringify(delivery.entry),
    status: delivery.status,
    attempts: delivery.attempts,
    next_attempt_at: delivery.nextAttemptAt,
    last_error: delivery.lastError,
    at: delivery.entry.at,
  };
}

function staleProgress({ channel, revision }: ChannelProgress): MillraceError {
  return new MillraceError("stale_revision", `channel '${channel}' is not at revision ${revision - 1} any more`, {
    fix: "Load it again and decide again.",
    details: { channel, revision },
  });
}
