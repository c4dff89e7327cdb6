import type { UsageReads, UsageRow } from "@millrace/kernel";
import { z } from "zod";
import type { SqlConnection } from "../../connection.js";
import { statement } from "../../statement.js";
import { countSchema, parseStored } from "../../stored-shape.logic.js";
import type { UsageTableRow } from "./table.js";

export function usageReads(connection: SqlConnection): UsageReads {
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

const usageSchema: z.ZodType<UsageRow> = z.object({
  key: z.string(),
  workspaceId: z.string(),
  runId: z.string(),
  kind: z.string(),
  model: z.string(),
  inputTokens: countSchema,
  outputTokens: countSchema,
  costMicros: countSchema.nullable(),
  at: countSchema,
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
