import { z } from "zod";
import { tokenScopeSchema } from "../shared/role.schema.js";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";
import { providerNameSchema } from "../users/entity.schema.js";

/** A session of a person in one browser. */
export const sessionSchema = z.strictObject({
  id: idSchema,
  userId: idSchema,
  /** How the person signed in: `password`, or the name of a provider. */
  way: providerNameSchema,
  createdAt: timestampSchema,
  /** Last request that was seen, to the minute. */
  lastSeenAt: timestampSchema,
  /** It ends then at the latest, 30 days after it began; unused it ends after 7 days. */
  expiresAt: timestampSchema,
  /** When it was ended; null: it was not. */
  endedAt: timestampSchema.nullable(),
  /** Until when the last fresh proof of who the person is holds; null: there was none. */
  confirmedUntil: timestampSchema.nullable(),
});
/** A session of a person in one browser. */
export type Session = z.infer<typeof sessionSchema>;

/** A token for scripts, agents and machines. Its secret is shown once and never stored. */
export const apiTokenSchema = z.strictObject({
  id: idSchema,
  /** `personal`: of a person, and never more than that person may. `service`: of an account, for a machine. */
  kind: z.enum(["personal", "service"]),
  /** The user it is of; null: of an account. */
  userId: idSchema.nullable(),
  /** The account it is of; null: of a person. */
  accountId: idSchema.nullable(),
  name: z.string().trim().min(1).max(80),
  scopes: z.array(tokenScopeSchema).min(1),
  /** The only workspaces it is good for; null: all of its owner's. */
  workspaces: z.array(idSchema).max(50).nullable(),
  createdAt: timestampSchema,
  expiresAt: timestampSchema,
  /** Last request that came with it, to the minute; null: none has. */
  lastUsedAt: timestampSchema.nullable(),
  /** Made with a fresh proof of who the person is: what needs one takes this token. */
  isConfirmed: z.boolean(),
});
/** A token for scripts, agents and machines. */
export type ApiToken = z.infer<typeof apiTokenSchema>;

/** Which ways to sign in a host has. It says what is on, and the value of no setting. */
export const signInConfigurationSchema = z.strictObject({
  /** `off`: the host serves the one person of its own machine, and nobody signs in. */
  access: z.enum(["on", "off"]),
  hasPasswords: z.boolean(),
  providers: z.array(z.strictObject({ name: providerNameSchema, label: z.string().max(100) })),
  /** `open`: people of some domains may sign up. `invited`: with an invitation only. */
  signUp: z.enum(["open", "invited"]),
  /** Mails are sent: addresses can be proven and passwords reset. */
  hasMail: z.boolean(),
});
/** Which ways to sign in a host has. */
export type SignInConfiguration = z.infer<typeof signInConfigurationSchema>;
