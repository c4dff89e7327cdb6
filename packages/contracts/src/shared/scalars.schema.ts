import { z } from "zod";

/** Opaque, prefixed identifier (`run_…`, `blk_…`). Letters, digits, `_`, `-`, at most 64 characters: safe in a path, a ref name and a URL. */
export const idSchema: z.ZodString = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "an id has letters, digits, _ and - (at most 64)");

/** Time in milliseconds since the epoch, UTC. Every timestamp in Millrace has this unit. */
export const timestampSchema: z.ZodNumber = z.number().int().nonnegative();

/** Git object name of a commit: 40 (SHA-1) or 64 (SHA-256) lower-case hex digits. */
export const commitShaSchema: z.ZodString = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, "a commit is 40 or 64 lower-case hex digits");
/** Full name of a commit; never abbreviated in records. */
export type CommitSha = z.infer<typeof commitShaSchema>;

/** Digest of content that was shown, or of settings that were in force: lower-case hex SHA-256 unless a docstring says otherwise. */
export const digestSchema: z.ZodString = z.string().min(1).max(200);
/** Fingerprint that ties an approval or a verdict to what it was given for; compared for equality only. */
export type Digest = z.infer<typeof digestSchema>;

/** Kind of an agent step: `coder`, `ci`, `merger` …. An open vocabulary, kept in the agent kinds registry. */
export const agentKindSchema: z.ZodString = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, "an agent kind is lower-case words joined by -");

/** A score or ratio between 0 and 1, both inclusive. */
export const unitSchema: z.ZodNumber = z.number().min(0).max(1);

/**
 * Identity behind a command or an event. Only a `human` may answer a wait: an agent's identity can never approve
 * (promise P5), and the system never answers in a person's name.
 */
export const actorSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("human"),
    id: z.string().min(1).max(200),
    /** How the person proved to be one, where the host asks for it: `terminal`, `token mr_4f…`. Never a secret. */
    proof: z.string().min(1).max(100).optional(),
  }),
  z.strictObject({ type: z.literal("agent"), id: z.string().min(1).max(200) }),
  z.strictObject({ type: z.literal("system"), id: z.string().min(1).max(200) }),
]);
/** Identity behind a command or an event, by type. Only the type `human` answers waits (promise P5). */
export type Actor = z.infer<typeof actorSchema>;

/** Any value JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
/** Validates a value as JSON: no `undefined`, functions, dates or non-finite numbers. */
export const jsonSchema: z.ZodType<JsonValue> = z.json() as z.ZodType<JsonValue>;
