import type { SettledUsage, UsageReads } from "@millrace/kernel";
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

const usageSchema: z.ZodType<SettledUsage> = z.object({
  key: z.string(),
  workspaceId: z.string(),
  runId: z.string(),
  kind: z.string(),
  model: z.string(),
  tokens: z
    .object({ inputTokens: countSchema, outputTokens: countSchema, cacheReadTokens: countSchema, cacheWriteTokens: countSchema })
    .nullable(),
  costMicros: countSchema.nullable(),
  at: countSchema,
  settledMicros: countSchema,
});

function toUsage(row: UsageTableRow): SettledUsage {
  const value = {
    key: row.key,
    workspaceId: row.workspace_id,
    runId: row.run_id,
    kind: row.kind,
    model: row.model,
    tokens: row.input_tokens === null ? null : countsOf(row),
    costMicros: row.cost_micros,
    at: row.at,
    settledMicros: row.settled_micros,
  };
  return parseStored(usageSchema, value, { entity: "usage", id: row.key });
}

function countsOf(row: UsageTableRow): Readonly<Record<string, unknown>> {
  return {
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    cacheReadTokens: row.cache_read_tokens,
    cacheWriteTokens: row.cache_write_tokens,
  };
}
