import { defineModule, type Module } from "../../platform/module.js";
import { MailsService, type MailsPorts } from "./mails-service.js";

/** Mails: the queue through which they leave, so that a mailer that fails loses nothing. */
export function mailsModule(ports: MailsPorts): Module<MailsService> {
  const service = new MailsService(ports);
  return defineModule({
    name: "mails",
    service,
    sweeps: [{ name: "mails.deliver", everyMs: 5000, run: (now, limit, signal) => service.deliverDue(now, limit, signal) }],
  });
}
