import type { AttemptReads } from "@millrace/kernel";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";

export function attemptReads(connection: SqlConnection): AttemptReads {
  const { db } = connection;
  const deleteOld = statement<{ before: number; limit: number }>()((p) =>
    db
      .deleteFrom("attempts")
      .where("key", "in", (eb) =>
        eb.selectFrom("attempts").select("key").where("started_at", "<", p("before")).orderBy("started_at").limit(p("limit")),
      )
      .returning("key"),
  );
  return {
    async deleteOld(before, limit) {
      return (await connection.all(deleteOld, { before, limit: checkLimit(limit, MAX_PAGE) })).length;
    },
  };
}
