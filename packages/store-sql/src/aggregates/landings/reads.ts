import type { LandingReads } from "@millrace/kernel";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";

export function landingReads(connection: SqlConnection): LandingReads {
  const { db } = connection;
  const position = statement<{ workspace_id: string; run_id: string }>()((p) =>
    db
      .selectFrom("landings as mine")
      .leftJoin("landings as other", (join) =>
        join
          .onRef("other.workspace_id", "=", "mine.workspace_id")
          .onRef("other.lane", "=", "mine.lane")
          .on((eb) =>
            eb.or([
              eb("other.ticket", "<", eb.ref("mine.ticket")),
              eb.and([eb("other.ticket", "=", eb.ref("mine.ticket")), eb("other.run_id", "<", eb.ref("mine.run_id"))]),
            ]),
          ),
      )
      .select(({ fn }) => ["mine.lane as lane", fn.count<number>("other.run_id").as("ahead")])
      .where("mine.workspace_id", "=", p("workspace_id"))
      .where("mine.run_id", "=", p("run_id"))
      .groupBy("mine.lane"),
  );
  const line = statement<{ workspace_id: string; lane: string; limit: number }>()((p) =>
    db
      .selectFrom("landings")
      .select("run_id")
      .where("workspace_id", "=", p("workspace_id"))
      .where("lane", "=", p("lane"))
      .orderBy("ticket")
      .orderBy("run_id")
      .limit(p("limit")),
  );
  return {
    async position(workspaceId, runId) {
      const [row] = await connection.all(position, { workspace_id: workspaceId, run_id: runId });
      return row === undefined ? null : { lane: row.lane, ahead: Number(row.ahead) };
    },
    async line(workspaceId, lane, limit) {
      const rows = await connection.all(line, { workspace_id: workspaceId, lane, limit: checkLimit(limit, MAX_PAGE) });
      return rows.map(({ run_id: runId }) => runId);
    },
  };
}
