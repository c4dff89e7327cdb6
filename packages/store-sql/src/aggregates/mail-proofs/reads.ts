import type { MailProof, MailProofReads } from "@millrace/kernel";
import { z } from "zod";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseStored } from "../../stored-shape.logic.js";

const purposeSchema = z.enum(["sign-up", "address", "password-reset"]);

export function mailProofReads(connection: SqlConnection): MailProofReads {
  const { db } = connection;
  const byDigest = statement<{ digest: string }>()((p) => db.selectFrom("mail_proofs").selectAll().where("digest", "=", p("digest")));
  const deleteExpired = statement<{ before: number; limit: number }>()((p) =>
    db
      .deleteFrom("mail_proofs")
      .where("id", "in", (eb) =>
        eb.selectFrom("mail_proofs").select("id").where("expires_at", "<", p("before")).orderBy("expires_at").limit(p("limit")),
      )
      .returning("id"),
  );
  return {
    async byDigest(digest) {
      const [row] = await connection.all(byDigest, { digest });
      if (row === undefined) return null;
      const { user_id: userId, created_at: createdAt, expires_at: expiresAt, ...rest } = row;
      const purpose = parseStored(purposeSchema, row.purpose, { entity: "mail proof", id: row.id });
      return { ...rest, purpose, userId, createdAt, expiresAt } satisfies MailProof;
    },
    async deleteExpired(before, limit) {
      return (await connection.all(deleteExpired, { before, limit: checkLimit(limit, MAX_PAGE) })).length;
    },
  };
}
