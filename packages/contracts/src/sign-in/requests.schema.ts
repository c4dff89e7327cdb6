import { z } from "zod";
import { pageFields } from "../shared/page.schema.js";
import { tokenScopeSchema } from "../shared/role.schema.js";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";
import { emailSchema, passwordSchema, personNameSchema, providerNameSchema } from "../users/entity.schema.js";

/** Token of an invitation, as its link has it. */
const invitationTokenSchema = z.string().min(1).max(200);

/** Request "sign me up". */
export const signUpSchema = z.strictObject({
  email: emailSchema,
  password: passwordSchema,
  /** Default: what stands before the @ of the address. */
  name: personNameSchema.optional(),
  invitation: invitationTokenSchema.optional(),
});

/** Request "sign me in". */
export const signInSchema = z.strictObject({ email: emailSchema, password: z.string().min(1).max(200) });

/** Request "take me to the provider". */
export const startProviderSchema = z.strictObject({
  provider: providerNameSchema,
  /** Address to come back to, of one of the host's own origins. Default: the first origin. */
  redirect: z.string().min(1).max(500).optional(),
  invitation: invitationTokenSchema.optional(),
});

/** Request "take me to the provider, to prove again who I am, or to link it". */
export const toProviderSchema = startProviderSchema.omit({ invitation: true });

const fromProvider = z.string().max(4000).optional();

/** What a provider sends its user back with. Only `state`, `code`, `iss` and `error` are read. */
export const finishProviderSchema = z.strictObject({
  provider: providerNameSchema,
  state: z.string().min(1).max(500),
  code: fromProvider,
  iss: fromProvider,
  error: fromProvider,
  error_description: fromProvider,
  error_uri: fromProvider,
  session_state: fromProvider,
  scope: fromProvider,
  authuser: fromProvider,
  hd: fromProvider,
  prompt: fromProvider,
});

/** Request "prove again that I am I". */
export const confirmSchema = z.strictObject({ password: z.string().min(1).max(200) });

/** Request about one session. */
export const aboutSessionSchema = z.strictObject({ sessionId: idSchema });

/** Request "make a token". */
export const createTokenSchema = z.strictObject({
  name: z.string().trim().min(1).max(80),
  scopes: z.array(tokenScopeSchema).min(1).max(tokenScopeSchema.options.length),
  /** The only workspaces it is good for. Default: all of its owner's. */
  workspaces: z.array(idSchema).min(1).max(50).optional(),
  /** At most 365 days from now. Default: 90 days from now. */
  expiresAt: timestampSchema.optional(),
});
/** A validated request for a token. */
export type CreateToken = z.infer<typeof createTokenSchema>;

/** Request "list my tokens". */
export const listTokensSchema = z.strictObject({ ...pageFields });

/** Request about one token. */
export const aboutTokenSchema = z.strictObject({ tokenId: idSchema });

const ofAccount = { accountId: idSchema };

/** Request "make a token for a machine of the account". */
export const createServiceTokenSchema = createTokenSchema.extend(ofAccount);

/** Request "list the tokens of the account". */
export const listServiceTokensSchema = listTokensSchema.extend(ofAccount);

/** Request about one token of the account. */
export const aboutServiceTokenSchema = aboutTokenSchema.extend(ofAccount);
