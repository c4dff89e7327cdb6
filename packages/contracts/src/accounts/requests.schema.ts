import { z } from "zod";
import { pageFields } from "../shared/page.schema.js";
import { idSchema } from "../shared/scalars.schema.js";
import { accountNameSchema, accountSchema, rolesSchema } from "./entity.schema.js";

const { githubLogin, timeZone, defaultCloudProvider } = accountSchema.shape;

/** Request about one account. */
export const aboutAccountSchema = z.strictObject({ accountId: idSchema });

/** Request "found an organisation". */
export const createOrganizationSchema = z.strictObject({ name: accountNameSchema, githubLogin: githubLogin.default(null) });

/** Request "change the account": what is left out stays, null clears. */
export const updateAccountSchema = z.strictObject({
  accountId: idSchema,
  name: accountNameSchema.optional(),
  githubLogin: githubLogin.optional(),
  timeZone: timeZone.optional(),
  defaultCloudProvider: defaultCloudProvider.optional(),
});

/** Request "list the members", longest there first. */
export const listMembersSchema = z.strictObject({ accountId: idSchema, ...pageFields });

/** Request about one member. */
export const aboutMemberSchema = z.strictObject({ accountId: idSchema, userId: idSchema });

/** Request "these are the roles of that person", for a new member as for one that is there. */
export const memberRolesSchema = z.strictObject({ accountId: idSchema, userId: idSchema, roles: rolesSchema });

/** Request "that person is the owner from now on". The caller stays as an admin. */
export const transferAccountSchema = z.strictObject({ accountId: idSchema, toUserId: idSchema });

/** Request "delete the account". `confirm` is its name, typed again. */
export const deleteAccountSchema = z.strictObject({ accountId: idSchema, confirm: z.string().trim().min(1).max(120) });
