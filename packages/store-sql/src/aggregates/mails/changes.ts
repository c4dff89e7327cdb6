import type { MailChanges, QueuedMail } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { sql } from "kysely";
import { toCommit, type ChangeHandlers } from "../../commit/commit-statement.js";
import { refuseWhen, taken } from "../../commit/guards.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { MailRow } from "./table.js";

/** The comparison is part of the write: of two processes that take up one attempt, the second finds it taken. */
export function mailChanges({ db }: SqlBuilder): ChangeHandlers<MailChanges> {
  const insert = statement<MailRow>()((p) =>
    db.insertInto("mails").values({
      key: p("key"),
      document: p("document"),
      attempts: p("attempts"),
      next_attempt_at: p("next_attempt_at"),
      expires_at: p("expires_at"),
    }),
  );
  const missing = refuseWhen<{ key: string }>(db, (eb, p) =>
    eb.not(eb.exists(eb.selectFrom("mails").select("key").where("key", "=", p("key")))),
  );
  const claim = statement<{ key: string; expected: number; next_attempt_at: number }>()((p) =>
    db
      .updateTable("mails")
      .set({
        attempts: sql<number>`case when attempts = ${p("expected")} then attempts + 1 end`,
        next_attempt_at: p("next_attempt_at"),
      })
      .where("key", "=", p("key")),
  );
  const remove = statement<{ key: string }>()((p) => db.deleteFrom("mails").where("key", "=", p("key")));
  return {
    "insert-mail": ({ mail }) => [toCommit(insert, rowOf(mail), taken("mail", mail.key))],
    "claim-mail": ({ mailKey: key, attempts: expected, nextAttemptAt }) => {
      const refusal = (): MillraceError => claimed(key, expected);
      return [
        toCommit(missing, { key }, { check: refusal }),
        toCommit(claim, { key, expected, next_attempt_at: nextAttemptAt }, { "not-null": refusal }),
      ];
    },
    "remove-mail": ({ mailKey: key }) => [toCommit(remove, { key })],
  };
}

function rowOf({ key, attempts, nextAttemptAt, expiresAt, ...mail }: QueuedMail): MailRow {
  return { key, document: JSON.stringify(mail), attempts, next_attempt_at: nextAttemptAt, expires_at: expiresAt };
}

function claimed(key: string, attempts: number): MillraceError {
  return new MillraceError("stale_revision", `attempt ${attempts + 1} of mail '${key}' is not to be made any more`, {
    fix: "Look for mails that are due again.",
    details: { key, attempts },
  });
}
