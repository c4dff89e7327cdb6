import { z } from "zod";
import { pageFields } from "../shared/page.schema.js";
import { idSchema } from "../shared/scalars.schema.js";
import { emailSchema, passwordSchema, personNameSchema } from "./entity.schema.js";

const avatarUrlSchema = z
  .string()
  .max(500)
  .refine((text) => URL.canParse(text) && new URL(text).protocol === "https:", "a picture has an https address");

/** Request "change my profile": what is left out stays as it is. */
export const updateMeSchema = z.strictObject({
  name: personNameSchema.optional(),
  avatarUrl: avatarUrlSchema.nullable().optional(),
  timezone: z.string().min(1).max(100).nullable().optional(),
});
/** A validated change of a profile. */
export type UpdateMe = z.infer<typeof updateMeSchema>;

/** Secret of a link in a mail. */
const mailProofSchema = z.string().min(1).max(200);

/** Request "change my address". It changes once a mail to it has proven that it is the caller's. */
export const changeEmailSchema = z.strictObject({ email: emailSchema });

/** Request "this address is mine": the proof came to it by mail. */
export const confirmEmailSchema = z.strictObject({ proof: mailProofSchema });

/** Request "take this way to sign in away from me". */
export const unlinkIdentitySchema = z.strictObject({ identityId: idSchema });

/** Request "set my password". */
export const setPasswordSchema = z.strictObject({
  /** The password so far. Needed where there is one. */
  current: z.string().min(1).max(200).optional(),
  next: passwordSchema,
});

/** Request "I forgot my password". */
export const requestResetSchema = z.strictObject({ email: emailSchema });

/** Request "set my password, this mail proves that I am I". */
export const resetPasswordSchema = z.strictObject({ proof: mailProofSchema, next: passwordSchema });

/** Request "delete me". `confirm` is the name of the user, typed again. */
export const deleteMeSchema = z.strictObject({ confirm: z.string().trim().min(1).max(120) });

/** Request "list the users of the host", newest first. */
export const listUsersSchema = z.strictObject({
  /** Beginning of an address, in letters of any case. Default: all. */
  query: z.string().trim().toLowerCase().min(1).max(100).optional(),
  ...pageFields,
});

/** Request about one user. */
export const aboutUserSchema = z.strictObject({ userId: idSchema });
