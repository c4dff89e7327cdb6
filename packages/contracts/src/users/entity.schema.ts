import { z } from "zod";
import { capabilitySchema } from "../shared/capability.schema.js";
import { roleSchema, tokenScopeSchema } from "../shared/role.schema.js";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";

/** Text around one @, without spaces, and a dot in its domain: whether it is somebody's, only a mail tells. */
const ADDRESS = /^[^\s@<>"',;:\\()[\]]{1,64}@[^\s@<>"',;:\\()[\]]+\.[^\s@<>"',;:\\()[\].]+$/;

/** Mail address in lower case, at most 320 characters. Addresses that differ only in case are one. */
export const emailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .min(3)
  .max(320)
  .refine((text) => ADDRESS.test(text), "this is no mail address");

/** Name of a person as others see it, 1 to 120 characters. */
export const personNameSchema = z.string().trim().min(1).max(120);

/** Password as a person types it, 8 to 200 characters. It is never stored. */
export const passwordSchema = z.string().min(8).max(200);

/** Name of a way to sign in: `password`, `github`, or whatever a host calls its provider. */
export const providerNameSchema: z.ZodString = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "a provider is a lower-case word");

/** A person who signs in. */
export const userSchema = z.strictObject({
  id: idSchema,
  name: personNameSchema,
  /** The one address of the person; no two users have the same. Null: none is known. */
  email: emailSchema.nullable(),
  /** The person has proven, or a provider has said, that the address is theirs. */
  isEmailVerified: z.boolean(),
  avatarUrl: z.string().max(500).nullable(),
  /** IANA name of a time zone. Null: not said. */
  timezone: z.string().max(100).nullable(),
  createdAt: timestampSchema,
  /** Since when the user may not sign in; null: they may. */
  disabledAt: timestampSchema.nullable(),
  /** Number of changes, from 1. */
  revision: z.number().int().positive(),
});
/** A person who signs in. */
export type User = z.infer<typeof userSchema>;

/** A way in which a user signs in. */
export const identitySchema = z.strictObject({
  id: idSchema,
  provider: providerNameSchema,
  /** Login or address there, for people; empty for a password. */
  label: z.string().max(320),
  createdAt: timestampSchema,
});
/** A way in which a user signs in. */
export type Identity = z.infer<typeof identitySchema>;

/** What the caller holds in one place. */
const heldSchema = z.strictObject({ roles: z.array(roleSchema), capabilities: z.array(capabilitySchema) });

/** The caller, and what it may do. */
export const meSchema = z.strictObject({
  user: userSchema,
  /** The one person of a host that keeps no users: nobody signs in there, and the name is that of its machine's user. */
  isLocal: z.boolean(),
  identities: z.array(identitySchema),
  /** What the caller holds in each of its accounts. */
  accounts: z.array(heldSchema.extend({ accountId: idSchema })),
  /** What it holds in workspaces that belong to no account; null: nothing. */
  withoutAccount: heldSchema.nullable(),
  isOperator: z.boolean(),
  /** The token that it came with; null: a session, or the host's own machine. */
  token: z.strictObject({ id: idSchema, scopes: z.array(tokenScopeSchema), workspaces: z.array(idSchema).nullable() }).nullable(),
  /** Name of the agent that acts for the user; null: the user acts. */
  agent: z.string().max(200).nullable(),
  /** Until when a fresh proof of who the caller is holds, in epoch ms; null: there is none. */
  confirmedUntil: timestampSchema.nullable(),
});
/** The caller, and what it may do. */
export type Me = z.infer<typeof meSchema>;
