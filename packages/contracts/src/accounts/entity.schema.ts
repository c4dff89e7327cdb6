import { z } from "zod";
import { roleSchema } from "../shared/role.schema.js";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";

/** Name of an account, 1 to 120 characters. */
export const accountNameSchema = z.string().trim().min(1).max(120);

/** A tenant: what workspaces belong to, and persons are members of. */
export const accountSchema = z.strictObject({
  id: idSchema,
  /** `personal`: of one person, its owner and only member; made and deleted with the user. */
  kind: z.enum(["personal", "organization"]),
  name: accountNameSchema,
  /** Login of the user or organisation at GitHub; null: not said. */
  githubLogin: z.string().min(1).max(39).nullable(),
  /** IANA name of a time zone. */
  timeZone: z.string().min(1).max(100),
  /** Name of the cloud that environments are brought up in unless a service says otherwise; null: the host's. */
  defaultCloudProvider: z.string().min(1).max(60).nullable(),
  createdAt: timestampSchema,
  /** When its deletion was asked for: until it is gone or called off, nothing is made in it. Null: it is not being deleted. */
  deletingAt: timestampSchema.nullable(),
  /** Number of changes, from 1. */
  revision: z.number().int().positive(),
});
/** A tenant: what workspaces belong to, and persons are members of. */
export type Account = z.infer<typeof accountSchema>;

/** Roles of a member, each once, the strongest first. */
export const rolesSchema = z.array(roleSchema).min(1).max(5);

/** A person in an account. */
export const membershipSchema = z.strictObject({
  accountId: idSchema,
  userId: idSchema,
  roles: rolesSchema,
  /** When the person became a member. */
  since: timestampSchema,
  /** Number of changes, from 1. */
  revision: z.number().int().positive(),
});
/** A person in an account, with the roles it holds there. */
export type Membership = z.infer<typeof membershipSchema>;

/** An account, and what the caller is in it. */
export const ownAccountSchema = z.strictObject({ ...accountSchema.shape, roles: rolesSchema });
/** An account, and the roles of the caller in it. */
export type OwnAccount = z.infer<typeof ownAccountSchema>;

/** An account, what the caller is in it, and how much there is. */
export const accountDetailsSchema = z.strictObject({
  ...ownAccountSchema.shape,
  members: z.number().int().nonnegative(),
  workspaces: z.number().int().nonnegative(),
});
/** An account with its counts. */
export type AccountDetails = z.infer<typeof accountDetailsSchema>;

/** A member as others see it. What a person is called is null where the host keeps no users. */
export const memberSchema = z.strictObject({
  ...membershipSchema.shape,
  name: z.string().max(120).nullable(),
  /** Mail address. */
  email: z.string().max(320).nullable(),
  avatarUrl: z.string().max(500).nullable(),
});
/** A member of an account, as others see it. */
export type Member = z.infer<typeof memberSchema>;
