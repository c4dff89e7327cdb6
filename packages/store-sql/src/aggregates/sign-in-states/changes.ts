import type { SignInStateChanges } from "@millrace/kernel";
import { proofInvalid } from "@millrace/kernel";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen, taken } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { SignInStateRow } from "./table.js";

export function signInStateChanges({ db }: SqlBuilder): ChangeHandlers<SignInStateChanges> {
  const insert = statement<SignInStateRow>()((p) =>
    db.insertInto("sign_in_states").values({
      id: p("id"),
      digest: p("digest"),
      browser: p("browser"),
      purpose: p("purpose"),
      provider: p("provider"),
      user_id: p("user_id"),
      session_id: p("session_id"),
      redirect: p("redirect"),
      invitation: p("invitation"),
      expires_at: p("expires_at"),
    }),
  );
  // Its row lock puts two that take the same state in order: the second finds it gone.
  const lock = statement<{ id: string }>()((p) =>
    db
      .updateTable("sign_in_states")
      .set((eb) => ({ id: eb.ref("id") }))
      .where("id", "=", p("id")),
  );
  const isGone = refuseWhen<{ id: string }>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("sign_in_states").select("id").where("id", "=", p("id")))),
  );
  const remove = statement<{ id: string }>()((p) => db.deleteFrom("sign_in_states").where("id", "=", p("id")));
  return {
    "insert-sign-in-state": ({ state: { userId, sessionId, expiresAt, ...row } }) => [
      toCommit(insert, { ...row, user_id: userId, session_id: sessionId, expires_at: expiresAt }, taken("sign-in", row.id)),
    ],
    "take-sign-in-state": ({ stateId: id }) => [
      toCommit(lock, { id }),
      toCommit(isGone, { id }, { check: proofInvalid }),
      toCommit(remove, { id }),
    ],
  };
}
