import type { SpendReads } from "@millrace/kernel";
import { z } from "zod";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
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
  const totals = statement<{ workspace_id: string; scopes: string }>()((p) =>
    connection.db
      .selectFrom("spend_totals")
      .select(["scope", "settled_micros", "reserved_micros"])
      .where("workspace_id", "=", p("workspace_id"))
      .where("scope", "in", connection.dialect.jsonStrings(p("scopes"))),
  );
  return {
    async totals(workspaceId, scopes) {
      if (scopes.length === 0) return new Map();
      checkLimit(scopes.length, MAX_PAGE);
      const rows = await connection.all(totals, { workspace_id: workspaceId, scopes: JSON.stringify(scopes) });
      return new Map(
        rows.map(({ scope, settled_micros, reserved_micros }) => {
          const value = { settledMicros: settled_micros, reservedMicros: reserved_micros };
          return [scope, parseStored(totalSchema, value, { entity: "spend total", id: scope })] as const;
        }),
      );
    },
    async total(workspaceId, scope) {
      const [row] = await connection.all(total, { workspace_id: workspaceId, scope });
      const value = { settledMicros: row?.settled_micros ?? 0, reservedMicros: row?.reserved_micros ?? 0 };
      return parseStored(totalSchema, value, { entity: "spend total", id: scope });
    },
  };
}

const totalSchema = z.object({ settledMicros: countSchema, reservedMicros: countSchema });
