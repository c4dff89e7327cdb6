import { mailSchema } from "@millrace/contracts";
import type { MailReads, QueuedMail } from "@millrace/kernel";
import type { SqlConnection } from "../../connection.js";
import { MAX_PAGE, checkLimit } from "../../page.logic.js";
import { statement } from "../../statement.js";
import { parseStoredJson } from "../../stored-shape.logic.js";
import type { MailRow } from "./table.js";

export function mailReads(connection: SqlConnection): MailReads {
  const { db } = connection;
  const due = statement<{ now: number; limit: number }>()((p) =>
    db.selectFrom("mails").selectAll().where("next_attempt_at", "<=", p("now")).orderBy("next_attempt_at").orderBy("key").limit(p("limit")),
  );
  return {
    due: async (now, limit) => (await connection.all(due, { now, limit: checkLimit(limit, MAX_PAGE) })).map(toMail),
  };
}

function toMail({ key, document, attempts, next_attempt_at: nextAttemptAt, expires_at: expiresAt }: MailRow): QueuedMail {
  const mail = parseStoredJson(mailSchema, document, { entity: "mail", id: key });
  return { ...mail, key, attempts, nextAttemptAt, expiresAt };
}
