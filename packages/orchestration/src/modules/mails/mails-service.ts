import { isMillraceError, logFailure, type Clock, type Log, type Mailer, type QueuedMail, type Store } from "@millrace/kernel";
import { claimMail, isGivenUp } from "./mails.logic.js";

/** What the queue of mails works with. */
export interface MailsPorts {
  readonly store: Store;
  readonly mailer: Mailer;
  readonly clock: Clock;
  readonly log: Log;
}

/** Sends the queued mails: each at least once, or until it is given up. */
export class MailsService {
  readonly #ports: MailsPorts;

  constructor(ports: MailsPorts) {
    this.#ports = ports;
  }

  /** One pass over the mails that are due at `now` (epoch ms), at most `limit`. Returns how many it dealt with. */
  async deliverDue(now: number, limit: number, signal: AbortSignal): Promise<number> {
    const due = await this.#ports.store.mails.due(now, limit);
    let dealt = 0;
    for (const mail of due) {
      if (signal.aborted) break;
      if (await this.#deliver(mail)) dealt += 1;
    }
    return dealt;
  }

  /** False: another process has taken up this attempt, or what the mail is about has ended. */
  async #deliver(mail: QueuedMail): Promise<boolean> {
    const { store, mailer, clock, log } = this.#ports;
    const now = clock.now();
    const { key, template, to, values, expiresAt } = mail;
    try {
      await store.commit([claimMail(mail, now)]);
    } catch (error) {
      if (isMillraceError(error, "stale_revision")) return false;
      throw error;
    }
    try {
      if (expiresAt > now) await mailer.send({ key, template, to, values });
    } catch (error) {
      // Neither the address nor the values: the one is a person's, the others hold the link.
      if (!isGivenUp(mail, error)) {
        logFailure(log, "mail-failed", error, { key, template });
        return true;
      }
      logFailure(log, "mail-given-up", error, { key, template });
    }
    await store.commit([{ change: "remove-mail", mailKey: key }]);
    return true;
  }
}
