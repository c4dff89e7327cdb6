import type { AttemptChanges } from "@millrace/kernel";
import { tooManyAttempts } from "@millrace/kernel";
import { sql } from "kysely";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";

/** The statement that counts also refuses: it writes NULL into the NOT NULL count. Its row lock puts attempts at the same time in order. */
export function attemptChanges({ db }: SqlBuilder): ChangeHandlers<AttemptChanges> {
  const count = statement<{ key: string; at: number; window: number; max: number }>()((p) => {
    // A window that began later than now is of a clock that was set back since.
    const isOver = sql<boolean>`(attempts.started_at + ${p("window")} <= ${p("at")} or attempts.started_at > ${p("at")})`;
    return db
      .insertInto("attempts")
      .values({ key: p("key"), started_at: p("at"), count: sql.lit(1) })
      .onConflict((conflict) =>
        conflict.column("key").doUpdateSet({
          started_at: sql<number>`case when ${isOver} then ${p("at")} else attempts.started_at end`,
          count: sql<number>`case when ${isOver} then 1 when attempts.count < ${p("max")} then attempts.count + 1 end`,
        }),
      );
  });
  const release = statement<{ key: string }>()((p) =>
    db
      .updateTable("attempts")
      .set({ count: sql<number>`count - 1` })
      .where("key", "=", p("key"))
      .where("count", ">", sql.lit(0)),
  );
  return {
    "count-attempt": ({ counterKey: key, at, windowMs: window, max }) => [
      toCommit(count, { key, at, window, max }, { "not-null": () => tooManyAttempts(at + window) }),
    ],
    "release-attempt": ({ counterKey: key }) => [toCommit(release, { key })],
  };
}
