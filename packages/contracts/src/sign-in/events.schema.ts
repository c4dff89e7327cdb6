import { z } from "zod";
import { tokenScopeSchema } from "../shared/role.schema.js";
import { digestSchema, idSchema } from "../shared/scalars.schema.js";
import { providerNameSchema } from "../users/entity.schema.js";

/** Events of sessions and of refused sign-ins. Addresses, of people and of networks, are in none of them. */
export const eventsOfSignIn = [
  z.strictObject({
    type: z.literal("session-started"),
    userId: idSchema,
    sessionId: idSchema,
    way: providerNameSchema,
    /** Digest of where the request came from. */
    source: digestSchema,
  }),
  /** The person of a session proved anew who they are. */
  z.strictObject({ type: z.literal("session-confirmed"), userId: idSchema, sessionId: idSchema, way: providerNameSchema }),
  /** Null: all sessions of the user, but for the one that did it. */
  z.strictObject({ type: z.literal("session-ended"), userId: idSchema, sessionId: idSchema.nullable() }),
  z.strictObject({
    type: z.literal("sign-in-refused"),
    way: providerNameSchema,
    /** Code of the refusal. */
    code: z.string().max(60),
    source: digestSchema,
  }),
] as const;

/** Events of tokens: of an account's in the log of the account, of a person's in that of the host. */
export const eventsOfTokens = [
  z.strictObject({
    type: z.literal("token-created"),
    tokenId: idSchema,
    name: z.string().max(80),
    scopes: z.array(tokenScopeSchema),
    /** The user it is of; null: of the account. */
    userId: idSchema.nullable(),
  }),
  z.strictObject({ type: z.literal("token-revoked"), tokenId: idSchema, name: z.string().max(80), userId: idSchema.nullable() }),
] as const;
