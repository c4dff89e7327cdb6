import type { Mail } from "@millrace/contracts";
import type { Change, QueuedMail } from "@millrace/kernel";

/** The change that queues a mail, for the commit of what it tells of. It is due at once, at `at`. Both times are epoch ms. */
export function queueMail(mail: Mail & Pick<QueuedMail, "key" | "expiresAt"> & { readonly at: number }): Change<"insert-mail"> {
  const { at, ...rest } = mail;
  return { change: "insert-mail", mail: { ...rest, attempts: 0, nextAttemptAt: at } };
}
