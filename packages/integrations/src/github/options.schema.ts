import { z } from "zod";

/**
 * How Millrace logs in to GitHub: with a token of a person or machine account, or as a GitHub App with its
 * installations.
 */
export const githubAuthSchema = z.discriminatedUnion("as", [
  z.strictObject({ as: z.literal("token"), token: z.string().min(1) }),
  z.strictObject({
    as: z.literal("app"),
    appId: z.union([z.number().int().positive(), z.string().min(1)]),
    /** PEM, PKCS#1 or PKCS#8. A literal `\n` is read as a line break: environment variables often store it so. */
    privateKey: z
      .string()
      .transform((key) => key.replaceAll(String.raw`\n`, "\n").trim())
      .refine((key) => key.startsWith("-----BEGIN"), "the private key is not PEM"),
  }),
]);

/** Credential of the GitHub forge, as `githubAuthSchema` accepts it. */
export type GitHubAuth = z.input<typeof githubAuthSchema>;

/** Settings of the GitHub forge. All are optional; the defaults are those of github.com. */
export const githubSettingsSchema = z.strictObject({
  /** Address of the REST API. GitHub Enterprise Server: `https://HOST/api/v3`. Default `https://api.github.com`. */
  apiUrl: z.url({ protocol: /^https?$/ }).default("https://api.github.com"),
  /** Address that git clones from. Default `https://github.com`. */
  webUrl: z.url({ protocol: /^https?$/ }).default("https://github.com"),
  /** How a pull request is merged. Both ways leave the head's own tree on the base. Default `merge`. */
  mergeMethod: z.enum(["merge", "squash"]).default("merge"),
  /** Delete the branch of a pull request after its merge. Default false. */
  deleteMergedBranches: z.boolean().default(false),
  /** How long the rules of a base branch are cached, in ms. Default 60,000. */
  rulesMaxAgeMs: z.number().int().nonnegative().default(60_000),
  /**
   * Polled pull requests from which on one GraphQL query finds the changed ones, and only these are read. Counts those
   * polled within five minutes. Below the threshold each is read by itself, which conditional requests make free while
   * nothing changes. Default 25.
   */
  batchThreshold: z.number().int().positive().default(25),
  /** How long a result of that query may be used, in ms from when the query was sent. Default 5000. */
  batchMaxAgeMs: z.number().int().nonnegative().default(5000),
  /** Pause before the first retry of a read, in ms; it grows with the square of the tries. Default 1000. */
  retryMs: z.number().int().nonnegative().default(1000),
  /** Pause between two polls for work that GitHub does in the background, in ms; 20 polls at most. Default 500. */
  pollMs: z.number().int().nonnegative().default(500),
  /** Keep writes one second apart, as GitHub asks of its clients. Default true; false is for a stand-in only. */
  throttleWrites: z.boolean().default(true),
  /** Time-out of each attempt of a request, in ms. Default 30,000. */
  timeoutMs: z.number().int().positive().default(30_000),
});
