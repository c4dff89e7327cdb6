import { describe, expect, it } from "vitest";
import { createOidcProvider } from "./oidc.js";

const ISSUER = "https://id.example";
const binding = {
  nonce: "n".repeat(64),
  verifier: "v".repeat(64),
  redirectUri: "https://mill.example/v1/auth/google/callback",
  state: "s",
};
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

interface Over {
  readonly claims?: object;
  readonly token?: () => Response;
  readonly discovery?: () => Response;
}

/** An issuer with these claims, and what was sent to it. */
function issuer(over: Over = {}) {
  const sent: string[] = [];
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: ISSUER,
    aud: "client",
    sub: "7",
    nonce: binding.nonce,
    iat: now,
    exp: now + 60,
    email: "ada@example.com",
    email_verified: true,
    name: "Ada",
    picture: "https://a.example/7",
    ...over.claims,
  };
  const discovery = () =>
    Response.json({ issuer: ISSUER, authorization_endpoint: `${ISSUER}/authorize`, token_endpoint: `${ISSUER}/token` });
  const token = () =>
    Response.json({ access_token: "secret-access", token_type: "bearer", id_token: `${base64({ alg: "RS256" })}.${base64(claims)}.c2ln` });
  const provider = createOidcProvider({
    name: "google",
    label: "Google",
    issuer: ISSUER,
    clientId: "client",
    clientSecret: "hush",
    async fetch(url, init) {
      sent.push([url, ...(init.body instanceof URLSearchParams ? [init.body.toString()] : [])].join(" "));
      return url.endsWith("/token") ? (over.token ?? token)() : (over.discovery ?? discovery)();
    },
  });
  const profile = (parameters: Record<string, string> = {}) =>
    provider.profileOf({ ...binding, parameters: { code: "c", state: "s", ...parameters } });
  return { provider, profile, sent };
}

describe("AUT-05 OpenID Connect", () => {
  it("AUT-04 is left with the challenge alone, and with a login where a fresh proof is asked for", async () => {
    const { provider } = issuer();
    const url = new URL(await provider.authorizationUrl({ ...binding, isFresh: true }));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      nonce: binding.nonce,
      code_challenge_method: "S256",
      prompt: "login",
      max_age: "0",
    });
    expect(url.href).not.toContain(binding.verifier);
    expect((await provider.authorizationUrl({ ...binding, isFresh: false })).includes("prompt")).toBe(false);
  });

  it("AUT-05 says who it was, and of the address whether it is verified", async () => {
    const { profile, sent } = issuer();
    expect(await profile()).toEqual({
      subject: "7",
      login: null,
      email: "ada@example.com",
      isEmailVerified: true,
      name: "Ada",
      avatarUrl: "https://a.example/7",
      organizations: [],
    });
    expect(sent.at(-1)).toContain(`code_verifier=${binding.verifier}`);
    await profile();
    expect(sent.filter((each) => each.includes(".well-known"))).toHaveLength(1);
    for (const email_verified of [false, undefined, "false"])
      expect(await issuer({ claims: { email_verified } }).profile()).toMatchObject({ isEmailVerified: false });
  });

  it.each([
    ["the nonce of another sign-in", { claims: { nonce: "other" } }, "upstream_refused"],
    ["a token for another client", { claims: { aud: "other" } }, "upstream_refused"],
    ["a token of another issuer", { claims: { iss: "https://evil.example" } }, "upstream_refused"],
    ["an expired token", { claims: { exp: 1 } }, "upstream_refused"],
    ["a used code", { token: () => Response.json({ error: "invalid_grant" }, { status: 400 }) }, "proof_invalid"],
    ["a wrong secret", { token: () => Response.json({ error: "invalid_client" }, { status: 401 }) }, "upstream_refused"],
    ["an outage", { token: () => new Response("", { status: 502 }) }, "upstream_failed"],
    ["a configuration of somebody else", { discovery: () => Response.json({ issuer: "https://evil.example" }) }, "upstream_refused"],
  ] as const)("AUT-05 %s is told as what it is", async (_what, over, code) => {
    const error: unknown = await issuer(over)
      .profile()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error)).not.toMatch(/hush|secret-access/);
  });

  it("AUT-05 an answer that the person refused, or of another state, proves nothing", async () => {
    await expect(issuer().profile({ error: "access_denied" })).rejects.toMatchObject({ code: "proof_invalid" });
    await expect(issuer().profile({ state: "other" })).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:proof_invalid|upstream_refused)$/),
    });
  });

  it("AUT-04 a provider that was away is asked again at the next sign-in", async () => {
    let isAway = true;
    const { provider } = issuer({
      discovery: () =>
        isAway
          ? new Response("", { status: 503 })
          : Response.json({ issuer: ISSUER, authorization_endpoint: `${ISSUER}/authorize`, token_endpoint: `${ISSUER}/token` }),
    });
    await expect(provider.authorizationUrl({ ...binding, isFresh: false })).rejects.toMatchObject({ code: "upstream_failed" });
    isAway = false;
    expect(await provider.authorizationUrl({ ...binding, isFresh: false })).toContain(`${ISSUER}/authorize`);
  });
});
