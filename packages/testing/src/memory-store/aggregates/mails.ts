import type { MailChanges, MailReads } from "@millrace/kernel";
import { copyOf } from "../copy.logic.js";
import type { MemoryHandlers } from "../draft.js";
import { checkLimit, compare, MAX_PAGE } from "../paging.js";
import { stale, taken } from "../row-checks.js";
import type { MemoryTables } from "../tables.js";

export const mailChanges: MemoryHandlers<MailChanges> = {
  "insert-mail"(draft, { mail }) {
    const { mails } = draft.tables;
    if (mails.has(mail.key)) throw taken("mail", mail.key);
    draft.set(mails, mail.key, mail);
  },
  "claim-mail"(draft, { mailKey: key, attempts, nextAttemptAt }) {
    const { mails } = draft.tables;
    const mail = mails.get(key);
    if (mail?.attempts !== attempts) throw stale(`attempt ${attempts + 1} of mail '${key}' is not to be made any more`, { key, attempts });
    draft.set(mails, key, { ...mail, attempts: attempts + 1, nextAttemptAt });
  },
  "remove-mail": (draft, { mailKey }) => draft.delete(draft.tables.mails, mailKey),
};

export function mailReads({ mails }: MemoryTables): MailReads {
  return {
    due: async (now, limit) =>
      copyOf(
        [...mails.values()]
          .filter(({ nextAttemptAt }) => nextAttemptAt <= now)
          .toSorted((a, b) => a.nextAttemptAt - b.nextAttemptAt || compare(a.key, b.key))
          .slice(0, checkLimit(limit, MAX_PAGE)),
      ),
  };
}
