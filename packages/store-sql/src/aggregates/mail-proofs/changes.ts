import type { MailProofChanges } from "@millrace/kernel";
import { proofInvalid } from "@millrace/kernel";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen, taken } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { MailProofRow } from "./table.js";

export function mailProofChanges({ db }: SqlBuilder): ChangeHandlers<MailProofChanges> {
  const insert = statement<MailProofRow>()((p) =>
    db.insertInto("mail_proofs").values({
      id: p("id"),
      purpose: p("purpose"),
      digest: p("digest"),
      user_id: p("user_id"),
      email: p("email"),
      name: p("name"),
      password: p("password"),
      invitation: p("invitation"),
      created_at: p("created_at"),
      expires_at: p("expires_at"),
    }),
  );
  // Its row lock puts two that take the same proof in order: the second finds it gone.
  const lock = statement<{ id: string }>()((p) =>
    db
      .updateTable("mail_proofs")
      .set((eb) => ({ id: eb.ref("id") }))
      .where("id", "=", p("id")),
  );
  const isGone = refuseWhen<{ id: string }>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("mail_proofs").select("id").where("id", "=", p("id")))),
  );
  const remove = statement<{ id: string }>()((p) => db.deleteFrom("mail_proofs").where("id", "=", p("id")));
  const removeOfUser = statement<{ user_id: string; purpose: string }>()((p) =>
    db.deleteFrom("mail_proofs").where("user_id", "=", p("user_id")).where("purpose", "=", p("purpose")),
  );
  return {
    "insert-mail-proof": ({ proof: { userId, createdAt, expiresAt, ...row } }) => [
      toCommit(insert, { ...row, user_id: userId, created_at: createdAt, expires_at: expiresAt }, taken("mail proof", row.id)),
    ],
    "take-mail-proof": ({ proofId: id }) => [
      toCommit(lock, { id }),
      toCommit(isGone, { id }, { check: proofInvalid }),
      toCommit(remove, { id }),
    ],
    "delete-mail-proofs": ({ ofUser, purpose }) => [toCommit(removeOfUser, { user_id: ofUser, purpose })],
  };
}
