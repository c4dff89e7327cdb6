import { idSchema } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import { isPrivateUrl } from "./private-url.logic.js";

/** A check: a program and its arguments, run in a clean checkout of each head. */
export const configCheckSchema = z.strictObject({
  name: z.string().min(1).max(300),
  /** Run without a shell; `["sh", "-c", "..."]` adds one. */
  argv: z.tuple([z.string().min(1)], z.string()),
  /** Milliseconds until the check counts as timed out. */
  timeoutMs: z
    .number()
    .int()
    .positive()
    .max(24 * 3_600_000),
});
export type ConfigCheck = z.infer<typeof configCheckSchema>;

/** Providers of models behind an API. */
export const inlineProviders = ["anthropic", "openai", "openai-compatible"] as const;

/** Keys and tokens go to these addresses. */
const privateUrlSchema = z
  .url({ protocol: /^https?$/ })
  .refine(isPrivateUrl, "https; plain http reaches this machine only (localhost, 127.0.0.1, [::1])");

const inlineSchema = z.strictObject({
  provider: z.enum(inlineProviders),
  model: z.string().min(1),
  /** Name of the environment variable that holds the key. The key itself is never stored. */
  apiKeyEnv: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable, not a key"),
  baseUrl: privateUrlSchema.optional(),
});

const variableSchema = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable, not its value");

/** Access of a board to GitHub. */
export const gitHubSchema = z.strictObject({
  /** Name of the environment variable that holds the token. The token itself is never stored. */
  tokenEnv: variableSchema,
  /** GitHub Enterprise Server: `https://HOST/api/v3`, and `https://HOST`. */
  apiUrl: privateUrlSchema,
  webUrl: privateUrlSchema,
  /** Time between two polls of a gate, in ms. */
  pollMs: z.number().int().min(1000).max(3_600_000),
});
export type GitHubConfig = z.infer<typeof gitHubSchema>;

export const DEFAULT_GITHUB: GitHubConfig = {
  tokenEnv: "GITHUB_TOKEN",
  apiUrl: "https://api.github.com",
  webUrl: "https://github.com",
  pollMs: 15_000,
};

const repositorySchema = z
  .strictObject({
    forge: z.enum(["local-git", "github"]).default("local-git"),
    /** On GitHub: `owner/name`. */
    id: z.string().min(1).max(300),
    base: z.string().min(1).max(200),
    github: gitHubSchema.optional(),
    /** How changes land; `squash`: as one commit each. Default: `merge`. */
    mergeMethod: z.enum(["merge", "squash"]).optional(),
  })
  .refine(({ forge, github }) => (forge === "github") === (github !== undefined), "'github' belongs to the forge 'github'");

/** `Name <mail@host>`, as git writes an author. */
export const authorSchema = z.string().regex(/^[^<>\n]*[^<>\s][^<>\n]* <[^<>\s]+@[^<>\s]+>$/, "an author is written: Name <mail@host>");

const commitSchema = z
  .strictObject({ author: authorSchema.nullable().default(null), signoff: z.boolean().default(false) })
  .refine(({ author, signoff }) => author !== null || !signoff, "a sign-off needs an author: set commit.author first");

/** `.millrace/config.json`. */
export const configSchema = z.strictObject({
  version: z.literal(1),
  workspaceId: idSchema,
  serviceId: idSchema,
  repository: repositorySchema,
  checks: z
    .array(configCheckSchema)
    .max(50)
    .refine((checks) => new Set(checks.map((check) => check.name)).size === checks.length, "two checks have the same name"),
  /** Whether checks are required, as chosen at `init`; `none`: this repository has no checks on purpose. */
  ci: z.enum(["required", "none"]),
  /** A known agent's name or an agent's command line; null: `run` asks for `--agent`. */
  agent: z.string().min(1).nullable(),
  /** Pipeline of a task that names none. */
  pipeline: idSchema,
  /** A model behind an API for the kinds that need no repository; without it the agent answers for them. */
  inline: inlineSchema.nullable().optional(),
  /** Author of the commits of this board, and whether they are signed off. Default: Millrace, not signed off. */
  commit: commitSchema.optional(),
  /** Schema of a board in PostgreSQL; null: the board is in SQLite, in this folder. The URL holds a password, so it comes from --database or MILLRACE_DATABASE. */
  database: z
    .strictObject({ schema: z.string().regex(/^[a-z_][a-z0-9_]{0,39}$/, "lower case letters, digits and _, 40 at most") })
    .nullable()
    .optional(),
});
export type Config = z.infer<typeof configSchema>;

/**
 * Reads the text of a configuration file; `path` names it in errors.
 * @throws MillraceError `config_invalid` naming what is wrong inside the file, and the fix.
 */
export function parseConfig(text: string, path: string): Config {
  const parsed = configSchema.safeParse(parseJson(text, path));
  if (parsed.success) return parsed.data;
  throw new MillraceError("config_invalid", `the configuration '${path}' cannot be used: ${issuesOf(parsed.error)}`, {
    fix: "correct what is named in the file; the README lists every setting",
    details: { path },
  });
}

/** The first issues of a failed parse, each with its path inside the document. */
export function issuesOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => (issue.path.length === 0 ? issue.message : `${pathInside(issue.path)}: ${issue.message}`))
    .join("; ");
}

function pathInside(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`)).join("");
}

/**
 * Parses JSON; `path` names the file in errors.
 *
 * @throws MillraceError `config_invalid` with the position of the first syntax error.
 */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new MillraceError("config_invalid", `'${path}' is no JSON: ${cause instanceof Error ? cause.message : "it cannot be read"}`, {
      fix: "correct the file at the place that is named",
      details: { path },
      cause,
    });
  }
}
