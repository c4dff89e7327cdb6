import { z } from "zod";

/** Who Millrace is on GitHub: a token of a person or machine account, or an App with its installations. */
export const githubAuthSchema = z.discriminatedUnion("as", [
  z.strictObject({ as: z.literal("token"), token: z.string().min(1) }),
  z.strictObject({
    as: z.literal("app"),
    appId: z.union([z.number().int().positive(), z.string().min(1)]),
    /** PEM, PKCS#1 or PKCS#8; `\n` written out is read as a line break, as environments store it. */
    privateKey: z
      .string()
      .transform((key) => key.replaceAll(String.raw`\n`, "\n").trim())
      .refine((key) => key.startsWith("-----BEGIN"), "the private key is not PEM"),
  }),
]);
export type GitHubAuth = z.input<typeof githubAuthSchema>;

/** What a forge of GitHub can be told beside who it is. */
export const githubSettingsSchema = z.strictObject({
  /** The REST API; GitHub Enterprise Server: `https://HOST/api/v3`. */
  apiUrl: z.url({ protocol: /^https?$/ }).default("https://api.github.com"),
  /** Where git clones from. */
  webUrl: z.url({ protocol: /^https?$/ }).default("https://github.com"),
  /** How a change lands. Both leave the head's own tree on the base. */
  mergeMethod: z.enum(["merge", "squash"]).default("merge"),
  /** Whether the branch of a merged pull request is deleted. */
  deletesBranches: z.boolean().default(false),
  /** How long the protection of a branch is remembered, in ms. */
  rulesForMs: z.number().int().nonnegative().default(60_000),
  /**
   * From how many pull requests that are looked at again and again (within five minutes) one query asks for what changed, so that only
   * what did is read. Below, each is asked for by itself, which costs nothing while nothing changes.
   */
  batchFrom: z.number().int().positive().default(25),
  /** How old what such a query said may be when it is used, in ms, counted from when it was sent. */
  batchForMs: z.number().int().nonnegative().default(5000),
  /** Pause before a read is tried again, in ms; grows with the square of the tries. */
  retryMs: z.number().int().nonnegative().default(1000),
  /** Pause between two looks at work GitHub does in the background (update of a branch), in ms; twenty looks at most. */
  settleMs: z.number().int().nonnegative().default(500),
  /** Keeps writes a second apart, as GitHub asks its clients to. Off only for a stand-in. */
  spacing: z.boolean().default(true),
  timeoutMs: z.number().int().positive().default(30_000),
});
