/**
 * Sign-in with GitHub, which speaks OAuth 2 and no OpenID Connect: who it was is asked of its API.
 *
 * 1. The address of a profile says nothing: addresses are asked for by themselves, and the primary one counts if GitHub has verified it.
 * 2. The token is used for these questions, and dropped.
 */
import { proofInvalid, type IdentityProvider } from "@millrace/kernel";
import { calculatePKCECodeChallenge } from "oauth4webapi";
import { z } from "zod";
import { boundedFetch, refused, type Fetch } from "./bounded-fetch.js";

/** An OAuth App of GitHub. */
export interface GitHubIdentityOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Asks for the organisations of a person, which an admission by organisation needs. Default: no. */
  readonly organizations?: boolean;
  /** Default: `github`. */
  readonly name?: string;
  /** Default: `GitHub`. */
  readonly label?: string;
  /** Address of a GitHub of one's own. Default: `https://github.com`. */
  readonly webUrl?: string;
  /** Address of its API. Default: `https://api.github.com`. */
  readonly apiUrl?: string;
  /** Longest time of one request, in ms. Default 15,000. */
  readonly timeoutMs?: number;
  /** Default: the global one. */
  readonly fetch?: Fetch;
}

const tokenSchema = z.looseObject({ access_token: z.string().min(1).optional(), error: z.string().optional() });
const userSchema = z.looseObject({
  id: z.number().int().positive(),
  login: z.string(),
  name: z.string().nullish(),
  avatar_url: z.string().nullish(),
});
const emailsSchema = z.array(z.looseObject({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));
const organizationsSchema = z.array(z.looseObject({ login: z.string() }));

/** Codes of GitHub for an answer that is used, expired or of another sign-in. */
const BAD_CODES: readonly string[] = ["bad_verification_code", "incorrect_client_credentials_for_code", "redirect_uri_mismatch"];

/** GitHub as an identity provider. */
export function createGitHubIdentity(options: GitHubIdentityOptions): IdentityProvider {
  const { clientId, clientSecret, organizations = false, name = "github", label = "GitHub", timeoutMs = 15_000 } = options;
  const { webUrl = "https://github.com", apiUrl = "https://api.github.com" } = options;
  const send = boundedFetch(name, timeoutMs, options.fetch);

  async function read<T>(schema: z.ZodType<T>, url: string, init: RequestInit): Promise<T> {
    const response = await send(url, init);
    const parsed = schema.safeParse(await response.json().catch(() => null));
    if (!response.ok || !parsed.success) throw refused(name, `answers ${response.status} to ${new URL(url).pathname}`);
    return parsed.data;
  }

  async function tokenOf(code: string, verifier: string, redirectUri: string): Promise<string> {
    const body = new URLSearchParams({
      client_id: clientId,
      client_secret: clientSecret,
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    });
    const headers = { accept: "application/json" };
    const answer = await read(tokenSchema, `${webUrl}/login/oauth/access_token`, { method: "POST", headers, body });
    if (answer.error !== undefined && BAD_CODES.includes(answer.error)) throw proofInvalid();
    if (answer.access_token === undefined) throw refused(name, "gives no token");
    return answer.access_token;
  }

  return {
    name,
    label,
    async authorizationUrl({ state, verifier, redirectUri, isFresh }) {
      const url = new URL(`${webUrl}/login/oauth/authorize`);
      const parameters = {
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: `read:user user:email${organizations ? " read:org" : ""}`,
        state,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...(isFresh ? { prompt: "select_account" } : {}),
      };
      for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, value);
      return url.href;
    },
    async profileOf({ state, verifier, redirectUri, parameters }) {
      const { code, state: returned } = parameters;
      if (code === undefined || returned !== state) throw proofInvalid();
      const token = await tokenOf(code, verifier, redirectUri);
      const init = { headers: { accept: "application/vnd.github+json", authorization: `Bearer ${token}`, "user-agent": "millrace" } };
      const [user, emails, orgs] = await Promise.all([
        read(userSchema, `${apiUrl}/user`, init),
        read(emailsSchema, `${apiUrl}/user/emails?per_page=100`, init),
        organizations ? read(organizationsSchema, `${apiUrl}/user/orgs?per_page=100`, init) : [],
      ]);
      const address = emails.find(({ primary }) => primary);
      return {
        subject: String(user.id),
        login: user.login,
        email: address?.email ?? null,
        isEmailVerified: address?.verified === true,
        name: user.name ?? null,
        avatarUrl: user.avatar_url ?? null,
        organizations: orgs.map(({ login }) => login),
      };
    },
  };
}
