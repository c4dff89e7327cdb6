/**
 * Sign-in with OpenID Connect: the code flow with PKCE, over `oauth4webapi`.
 *
 * 1. The configuration of the provider is read when it is first needed, and kept; a reading that failed is tried again at the next sign-in.
 * 2. Issuer, audience, nonce and times of the ID token are checked. Its signature is not: it comes from the token endpoint itself, over TLS
 *    (OpenID Connect Core 3.1.3.7).
 * 3. An address is verified only where the provider says so in `email_verified`.
 */
import { isMillraceError, proofInvalid, type IdentityProvider, type ProviderProfile } from "@millrace/kernel";
import {
  AuthorizationResponseError,
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  customFetch,
  discoveryRequest,
  getValidatedIdTokenClaims,
  processAuthorizationCodeResponse,
  processDiscoveryResponse,
  ResponseBodyError,
  validateAuthResponse,
  type AuthorizationServer,
  type Client,
} from "oauth4webapi";
import { z } from "zod";
import { boundedFetch, failed, refused, type Fetch } from "./bounded-fetch.js";

/** A provider, and this host as its client. */
export interface OidcOptions {
  /** Name of the provider in addresses of this host: `google`. */
  readonly name: string;
  /** Name for people. */
  readonly label: string;
  /** Address of the issuer, `https://accounts.google.com`. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Default: `openid profile email`. */
  readonly scope?: string;
  /** Longest time of one request, in ms. Default 15,000. */
  readonly timeoutMs?: number;
  /** Default: the global one. */
  readonly fetch?: Fetch;
}

const claimsSchema = z.looseObject({
  sub: z.string().min(1).max(500),
  email: z.string().optional(),
  email_verified: z.union([z.boolean(), z.enum(["true", "false"])]).optional(),
  name: z.string().optional(),
  picture: z.string().optional(),
  preferred_username: z.string().optional(),
});

/** A request as `oauth4webapi` makes it. */
interface OAuthRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: URLSearchParams | null | undefined;
  readonly signal?: AbortSignal | null | undefined;
}

/** A provider that speaks OpenID Connect: Google, Microsoft, Okta, Keycloak, GitLab. */
export function createOidcProvider(options: OidcOptions): IdentityProvider {
  const { name, label, clientId, clientSecret, scope = "openid profile email", timeoutMs = 15_000 } = options;
  const issuer = new URL(options.issuer);
  const client: Client = { client_id: clientId };
  const send = boundedFetch(name, timeoutMs, options.fetch);
  const by = {
    [customFetch]: (url: string, { method, headers, body = null, signal = null }: OAuthRequest) =>
      send(url, { method, headers, body, signal }),
  };
  let known: Promise<AuthorizationServer> | null = null;

  async function server(): Promise<AuthorizationServer> {
    known ??= translated(name, async () => processDiscoveryResponse(issuer, await discoveryRequest(issuer, by)));
    try {
      return await known;
    } catch (error) {
      known = null;
      throw error;
    }
  }

  return {
    name,
    label,
    async authorizationUrl({ state, nonce, verifier, redirectUri, isFresh }) {
      const { authorization_endpoint: endpoint } = await server();
      if (endpoint === undefined) throw refused(name, "has no authorization endpoint");
      const url = new URL(endpoint);
      const parameters = {
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: "code",
        scope,
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
        ...(isFresh ? { prompt: "login", max_age: "0" } : {}),
      };
      for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, value);
      return url.href;
    },
    async profileOf({ state, nonce, verifier, redirectUri, parameters }) {
      const at = await server();
      const claims = await translated(name, async () => {
        const answer = validateAuthResponse(at, client, new URLSearchParams(parameters), state);
        const response = await authorizationCodeGrantRequest(at, client, ClientSecretPost(clientSecret), answer, redirectUri, verifier, by);
        const token = await processAuthorizationCodeResponse(at, client, response, { expectedNonce: nonce, requireIdToken: true });
        return getValidatedIdTokenClaims(token);
      });
      return profileFrom(name, claims);
    },
  };
}

function profileFrom(name: string, claims: unknown): ProviderProfile {
  const parsed = claimsSchema.safeParse(claims);
  if (!parsed.success) throw refused(name, "says of nobody who they are");
  const {
    sub,
    email = null,
    email_verified: verified,
    name: called = null,
    picture = null,
    preferred_username: login = null,
  } = parsed.data;
  return {
    subject: sub,
    login,
    email,
    isEmailVerified: verified === true || verified === "true",
    name: called,
    avatarUrl: picture,
    organizations: [],
  };
}

/** What the provider's answers mean here. Causes stay inside: they may quote what was sent. */
async function translated<T>(name: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (isMillraceError(cause)) throw cause;
    if (cause instanceof AuthorizationResponseError) throw proofInvalid();
    if (cause instanceof ResponseBodyError && cause.error === "invalid_grant") throw proofInvalid();
    if (cause instanceof ResponseBodyError && (cause.error === "temporarily_unavailable" || cause.error === "server_error"))
      throw failed(name, "is out of order", cause);
    throw refused(name, "does not answer as agreed", cause);
  }
}
