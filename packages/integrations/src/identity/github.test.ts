import { describe, expect, it } from "vitest";
import { createGitHubIdentity } from "./github.js";

const binding = { nonce: "n", verifier: "v".repeat(64), redirectUri: "https://mill.example/v1/auth/github/callback", state: "s" };
const json = (value: unknown, status = 200): Response => Response.json(value, { status });

type Answers = Readonly<Record<string, () => Response | Promise<Response>>>;
const usual: Answers = {
  "/login/oauth/access_token": () => json({ access_token: "gho_x" }),
  "/user": () => json({ id: 7, login: "ada", name: "Ada", avatar_url: "https://a.example/7" }),
  "/user/emails": () =>
    json([
      { email: "old@example.com", primary: false, verified: true },
      { email: "ada@example.com", primary: true, verified: true },
    ]),
  "/user/orgs": () => json([{ login: "acme" }]),
};

/** GitHub with these answers, and what was sent to it. */
function gitHub(over: Answers = {}) {
  const sent: { readonly path: string; readonly init: RequestInit }[] = [];
  const provider = createGitHubIdentity({
    clientId: "client",
    clientSecret: "hush",
    organizations: true,
    async fetch(url, init) {
      const { pathname } = new URL(url);
      sent.push({ path: pathname, init });
      return ({ ...usual, ...over }[pathname] ?? (() => json({}, 404)))();
    },
  });
  return { sent, provider, profile: () => provider.profileOf({ ...binding, parameters: { code: "c", state: "s" } }) };
}

describe("AUT-05 GitHub", () => {
  it("AUT-04 is left with the challenge alone: neither verifier nor secret is in the address", async () => {
    const url = new URL(await gitHub().provider.authorizationUrl({ ...binding, isFresh: false }));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ client_id: "client", state: "s", code_challenge_method: "S256" });
    expect(url.href).not.toContain(binding.verifier);
    expect(url.href).not.toContain("hush");
  });

  it("AUT-05 says who it was: the id, the primary address that it has verified, the organisations", async () => {
    const { profile, sent } = gitHub();
    expect(await profile()).toEqual({
      subject: "7",
      login: "ada",
      email: "ada@example.com",
      isEmailVerified: true,
      name: "Ada",
      avatarUrl: "https://a.example/7",
      organizations: ["acme"],
    });
    expect(new Map(sent[0]?.init.body as URLSearchParams).get("code_verifier")).toBe(binding.verifier);
  });

  it("AUT-05 says of an address whether it is verified, whatever the profile shows", async () => {
    const emails = () => json([{ email: "ada@example.com", primary: true, verified: false }]);
    const { profile } = gitHub({ "/user/emails": emails, "/user": () => json({ id: 7, login: "ada", email: "boss@example.com" }) });
    expect(await profile()).toMatchObject({ email: "ada@example.com", isEmailVerified: false });
  });

  it.each([
    ["a used code", { "/login/oauth/access_token": () => json({ error: "bad_verification_code" }) }, "proof_invalid"],
    ["a wrong secret", { "/login/oauth/access_token": () => json({ error: "incorrect_client_credentials" }) }, "upstream_refused"],
    ["an outage", { "/user": () => json({}, 503) }, "upstream_failed"],
    ["a rate limit", { "/user/emails": () => json({}, 429) }, "upstream_failed"],
    ["no answer", { "/user": () => Promise.reject(new TypeError("fetch failed")) }, "upstream_failed"],
    ["a refusal", { "/user/orgs": () => json({}, 403) }, "upstream_refused"],
    ["another shape", { "/user": () => json({ id: "7" }) }, "upstream_refused"],
    ["another address", { "/user": () => Response.redirect("https://evil.example/", 302) }, "upstream_refused"],
    ["a flood", { "/user": () => new Response("x".repeat(300_000)) }, "upstream_refused"],
  ] as const)("AUT-05 %s is told as what it is", async (_what, over, code) => {
    const error: unknown = await gitHub(over)
      .profile()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error)).not.toMatch(/hush|gho_x/);
  });
});
