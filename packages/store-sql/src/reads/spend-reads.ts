import type { Store, UsageRow } from "@millrace/kernel";
import { z } from "zod";
import type { SqlConnection } from "../connection.js";
import type { UsageTableRow } from "../schema/tables.js";
import { statement } from "../statement.js";
import { parseStored } from "../stored-shape.logic.js";

/** A scope nothing was spent in has seen nothing. */
export function spendReads(connection: SqlConnection): Store["spend"] {
  const total = statement<{ workspace_id: string; scope: string }>()((p) =>
    connection.db
      .selectFrom("spend_totals")
      .select(["settled_micros", "reserved_micros"])
      .where("workspace_id", "=", p("workspace_id"))
      .where("scope", "=", p("scope")),
  );
  return {
    async total(workspaceId, scope) {
      const [row] = await connection.all(total, { workspace_id: workspaceId, scope });
      const value = { settledMicros: row?.settled_micros ?? 0, reservedMicros: row?.reserved_micros ?? 0 };
      return parseStored(totalSchema, value, { entity: "spend total", id: scope });
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

const amountSchema = z.number().int().nonnegative();
const totalSchema = z.object({ settledMicros: amountSchema, reservedMicros: amountSchema });
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
