import { z } from "zod";

/** What a mail is about; a mailer has a text for each. The values that each brings are named beside it. */
export const mailTemplateSchema = z.enum([
  /** To the person that was invited: `accountName`, `link`. */
  "invitation",
  /** To a new address of a user, or to that of a newcomer, who proves with it that the address is theirs: `link`. */
  "address-proof",
  /** To a user who forgot the password: `link`. */
  "password-reset",
  /** To an address that already has a user, after a sign-up with it: no values. */
  "address-known",
]);
/** What a mail is about, e.g. `invitation`. */
export type MailTemplate = z.infer<typeof mailTemplateSchema>;

/** One mail, without its text: that is the mailer's. */
export const mailSchema = z.strictObject({
  template: mailTemplateSchema,
  /** Address of the one person that it is for. */
  to: z.string().min(3).max(320),
  /** What its text says, by name. A `link` carries the one secret that a mail may have: it proves that the address is the person's. */
  values: z.record(z.string().max(40), z.string().max(2000)),
});
/** One mail, without its text. */
export type Mail = z.infer<typeof mailSchema>;
