import type { SignInState, SignInStateReads } from "@millrace/kernel";
import { z } from "zod";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseStored } from "../../stored-shape.logic.js";

const purposeSchema = z.enum(["sign-in", "link", "confirm"]);

export function signInStateReads(connection: SqlConnection): SignInStateReads {
  const { db } = connection;
  const byDigest = statement<{ digest: string }>()((p) => db.selectFrom("sign_in_states").selectAll().where("digest", "=", p("digest")));
  const deleteExpired = statement<{ before: number; limit: number }>()((p) =>
    db
      .deleteFrom("sign_in_states")
      .where("id", "in", (eb) =>
        eb.selectFrom("sign_in_states").select("id").where("expires_at", "<", p("before")).orderBy("expires_at").limit(p("limit")),
      )
      .returning("id"),
  );
  return {
    async byDigest(digest) {
      const [row] = await connection.all(byDigest, { digest });
      if (row === undefined) return null;
      const { user_id: userId, session_id: sessionId, expires_at: expiresAt, ...rest } = row;
      const purpose = parseStored(purposeSchema, row.purpose, { entity: "sign-in", id: row.id });
      return { ...rest, purpose, userId, sessionId, expiresAt } satisfies SignInState;
    },
    async deleteExpired(before, limit) {
      return (await connection.all(deleteExpired, { before, limit: checkLimit(limit, MAX_PAGE) })).length;
    },
  };
}
