import type { Notification } from "@millrace/contracts";
import { notificationSchema } from "@millrace/contracts";
import type { Store, UsageRow } from "@millrace/kernel";
import { sql } from "kysely";
import { z } from "zod";
import type { SqlConnection } from "../connection.js";
import { MAX_PAGE, checkLimit } from "../page.logic.js";
import type { NotificationRow, UsageTableRow } from "../schema/tables.js";
import { statement } from "../statement.js";
import { parseStored } from "../stored-shape.logic.js";
import type { Anchor } from "./page-queries.js";
import { OLDEST, anchorOf } from "./page-queries.js";

export function outputReads(connection: SqlConnection): Store["outputs"] {
  const { db } = connection;
  const get = statement<{ workspace_id: string; key: string }>()((p) =>
    db.selectFrom("outputs").select("content").where("workspace_id", "=", p("workspace_id")).where("key", "=", p("key")),
  );
  const getMany = statement<{ workspace_id: string; keys: string }>()((p) =>
    db
      .selectFrom("outputs")
      .select(["key", "content"])
      .where("workspace_id", "=", p("workspace_id"))
      .where("key", "in", sql<string>`(select value from json_each(${p("keys")}))`),
  );
  return {
    async get(workspaceId, key) {
      const [row] = await connection.all(get, { workspace_id: workspaceId, key });
      return row?.content ?? null;
    },
    /** The keys are one JSON argument, so that there is one statement for every number of them. */
    async getMany(workspaceId, keys) {
      if (keys.length === 0) return new Map();
      const rows = await connection.all(getMany, { workspace_id: workspaceId, keys: JSON.stringify(keys) });
      return new Map(rows.map((row) => [row.key, row.content]));
    },
  };
}

/** Both lists are oldest first. */
export function notificationReads(connection: SqlConnection): Store["notifications"] {
  const { db } = connection;
  const anchor = statement<{ workspace_id: string; id: string }>()((p) =>
    db.selectFrom("notifications").select("created_at").where("workspace_id", "=", p("workspace_id")).where("id", "=", p("id")),
  );
  const open = statement<Anchor & { workspace_id: string; limit: number }>()((p) =>
    db
      .selectFrom("notifications")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("status", "=", sql.lit("open"))
      .where(sql<boolean>`(created_at, id) > (${p("anchor_at")}, ${p("anchor_id")})`)
      .orderBy("created_at")
      .orderBy("id")
      .limit(p("limit")),
  );
  const ofRun = statement<{ workspace_id: string; run_id: string }>()((p) =>
    db
      .selectFrom("notifications")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .orderBy("created_at")
      .orderBy("id"),
  );
  return {
    async open(workspaceId, page) {
      const limit = checkLimit(page.limit, MAX_PAGE);
      const start = await anchorOf(page.after, OLDEST, (id) => connection.all(anchor, { workspace_id: workspaceId, id }));
      return (await connection.all(open, { ...start, workspace_id: workspaceId, limit })).map(toNotification);
    },
    async ofRun(workspaceId, runId) {
      return (await connection.all(ofRun, { workspace_id: workspaceId, run_id: runId })).map(toNotification);
    },
  };
}

/** In the order it was spent. */
export function usageReads(connection: SqlConnection): Store["usage"] {
  const { db } = connection;
  const ofRun = statement<{ workspace_id: string; run_id: string }>()((p) =>
    db
      .selectFrom("usage")
      .selectAll()
      .where("workspace_id", "=", p("workspace_id"))
      .where("run_id", "=", p("run_id"))
      .orderBy("at")
      .orderBy("key"),
  );
  return {
    async ofRun(workspaceId, runId) {
      return (await connection.all(ofRun, { workspace_id: workspaceId, run_id: runId })).map(toUsage);
    },
  };
}

function toNotification(row: NotificationRow): Notification {
  const value = {
    id: row.id,
    workspaceId: row.workspace_id,
    blockId: row.block_id,
    runId: row.run_id,
    type: row.type,
    status: row.status,
    title: row.title,
    body: row.body,
    createdAt: row.created_at,
    resolvedAt: row.resolved_at,
  };
  return parseStored(notificationSchema, value, { entity: "notification", id: row.id });
}

const amountSchema = z.number().int().nonnegative();
const usageSchema: z.ZodType<UsageRow> = z.object({
  key: z.string(),
  workspaceId: z.string(),
  runId: z.string(),
  kind: z.string(),
  model: z.string(),
  inputTokens: amountSchema,
  outputTokens: amountSchema,
  costMicros: amountSchema.nullable(),
  at: amountSchema,
});

function toUsage(row: UsageTableRow): UsageRow {
  const value = {
    key: row.key,
    workspaceId: row.workspace_id,
    runId: row.run_id,
    kind: row.kind,
    model: row.model,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    costMicros: row.cost_micros,
    at: row.at,
  };
  return parseStored(usageSchema, value, { entity: "usage", id: row.key });
}
