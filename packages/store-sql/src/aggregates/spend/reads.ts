import type { SpendReads } from "@millrace/kernel";
import { z } from "zod";
import type { SqlConnection } from "../../connection.js";
import { statement } from "../../statement.js";
import { countSchema, parseStored } from "../../stored-shape.logic.js";

export function spendReads(connection: SqlConnection): SpendReads {
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

const totalSchema = z.object({ settledMicros: countSchema, reservedMicros: countSchema });
