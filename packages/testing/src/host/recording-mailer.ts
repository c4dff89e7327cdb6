import type { MailDelivery, Mailer } from "@millrace/kernel";

/** A mailer that keeps what it is given instead of sending it. */
export interface RecordingMailer extends Mailer {
  /** Every attempt in its order, repetitions and failures included. */
  readonly attempts: readonly MailDelivery[];
  /** What was sent, each once: the first attempt of its key that succeeded. */
  readonly sent: readonly MailDelivery[];
}

/** How a recording mailer answers. */
export interface RecordingMailerOptions {
  /** Called for an attempt; throws as a mailer does. Default: everything is sent. */
  readonly answer?: (mail: MailDelivery) => void | Promise<void>;
}

/** A mailer for tests. It drops repetitions by their key, as a mail service does. */
export function createRecordingMailer({ answer }: RecordingMailerOptions = {}): RecordingMailer {
  const attempts: MailDelivery[] = [];
  const sent = new Map<string, MailDelivery>();
  return {
    isOn: true,
    attempts,
    get sent() {
      return [...sent.values()];
    },
    async send(mail) {
      attempts.push(mail);
      await answer?.(mail);
      if (!sent.has(mail.key)) sent.set(mail.key, mail);
    },
  };
}
