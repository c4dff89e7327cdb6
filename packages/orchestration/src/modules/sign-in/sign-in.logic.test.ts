import { tokenScopeSchema, type Session } from "@millrace/contracts";
import type { ProviderProfile } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import { readSignIn } from "./settings.logic.js";
import {
  admitsProfile,
  credentialText,
  isForeign,
  isGoodSession,
  isLoopback,
  isLoopbackHost,
  isSameDigest,
  planToken,
  readCookie,
  readCredential,
  redirectWithin,
  sourceOf,
} from "./sign-in.logic.js";

const DAY = 24 * 60 * 60_000;
const secret = "0123456789abcdef".repeat(4);
const OWN = ["https://mill.example"];

describe("AUT-12 what a caller brings", () => {
  it("AUT-12 is read as it was written, and nothing else is a token or a session", () => {
    const token = { id: "mr_4f0a1b", secret };
    expect(readCredential("mr", credentialText(token))).toEqual(token);
    expect(readCredential("mrs", credentialText({ id: "mrs_4f0a1b", secret }))).toEqual({ id: "mrs_4f0a1b", secret });
    for (const text of [
      "",
      "mr_",
      `mr__${secret}`,
      `mrs_4f0a1b_${secret}`,
      `mr_4f0a1b_${secret}0`,
      `mr_4f/../_${secret}`,
      ` mr_4f_${secret}`,
    ])
      expect(readCredential("mr", text)).toBeNull();
  });

  it("AUT-12 is compared as a whole", () => {
    expect([isSameDigest("abc", "abc"), isSameDigest("abc", "abd"), isSameDigest("abc", "ab"), isSameDigest("", "")]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it("AUT-12 is the one cookie of its name: two are one that somebody else has set", () => {
    expect(readCookie("a=1; millrace=x; b=2", "millrace")).toBe("x");
    expect(readCookie("a=1;millrace=", "millrace")).toBe("");
    for (const header of ["", "notmillrace=x", "millrace=x; millrace=y"]) expect(readCookie(header, "millrace")).toBeNull();
  });
});

describe("AUT-12 a session", () => {
  const session: Session = {
    id: "mrs_1",
    userId: "usr_1",
    way: "password",
    createdAt: 0,
    lastSeenAt: 0,
    expiresAt: 30 * DAY,
    endedAt: null,
    confirmedUntil: null,
  };
  const user = {
    id: "usr_1",
    name: "Ada",
    email: null,
    isEmailVerified: false,
    avatarUrl: null,
    timezone: null,
    createdAt: 0,
    disabledAt: null,
    revision: 1,
  };

  it("AUT-12 is over when it ended, expired, was not used for 7 days, or its user may not sign in", () => {
    expect(isGoodSession(session, user, 7 * DAY - 1)).toBe(true);
    expect(isGoodSession(session, user, 7 * DAY)).toBe(false);
    expect(isGoodSession({ ...session, lastSeenAt: 29 * DAY }, user, 30 * DAY)).toBe(false);
    expect(isGoodSession({ ...session, endedAt: 1 }, user, 1)).toBe(false);
    expect(isGoodSession(session, { ...user, disabledAt: 1 }, 1)).toBe(false);
  });
});

describe("AUT-12 a request that changes something", () => {
  it.each([
    [{ method: "GET", origin: "https://evil.example", secFetchSite: "cross-site" }, false],
    [{ method: "POST", secFetchSite: "same-origin" }, false],
    [{ method: "post", origin: "https://mill.example" }, false],
    [{ method: "POST" }, true],
    [{ method: "DELETE", secFetchSite: "none" }, true],
    [{ method: "POST", secFetchSite: "same-site", origin: "https://other.mill.example" }, true],
    [{ method: "PUT", origin: "https://mill.example.evil.example" }, true],
    [{ method: "PATCH", origin: "null" }, true],
  ])("AUT-12 with a cookie: %j is of another site: %s", (request, foreign) => {
    expect(isForeign(request, OWN, true)).toBe(foreign);
  });

  it("AUT-12 without a cookie is of another site only where it says so", () => {
    expect(isForeign({ method: "POST" }, OWN, false)).toBe(false);
    expect(isForeign({ method: "POST", secFetchSite: "cross-site" }, OWN, false)).toBe(true);
    expect(isForeign({ method: "POST", origin: "https://evil.example" }, OWN, false)).toBe(true);
  });
});

it("AUT-12 this machine is told by address and by name, and not by what merely looks like it", () => {
  for (const source of ["127.0.0.1", "127.9.9.9", "::1", "::FFFF:127.0.0.1"]) expect(isLoopback(source)).toBe(true);
  for (const source of ["10.0.0.1", "127.0.0.1.evil.example", "::2", "localhost", ""]) expect(isLoopback(source)).toBe(false);
  for (const host of ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080"]) expect(isLoopbackHost(host)).toBe(true);
  for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", ""]) expect(isLoopbackHost(host)).toBe(false);
});

it("AUT-03 the source is believed of trusted proxies only", () => {
  expect(sourceOf("192.0.2.1", null, [])).toBe("192.0.2.1");
  expect(sourceOf("192.0.2.1", "203.0.113.9", [])).toBe("192.0.2.1");
  expect(sourceOf("10.0.0.1", "198.51.100.7, 203.0.113.9", ["10.0.0.1"])).toBe("203.0.113.9");
  expect(sourceOf("10.0.0.1", "203.0.113.9, 10.0.0.2", ["10.0.0.1", "10.0.0.2"])).toBe("203.0.113.9");
  expect(sourceOf("10.0.0.1", "", ["10.0.0.1"])).toBe("10.0.0.1");
});

it("AUT-04 a browser is sent on to pages of the host only", () => {
  expect(redirectWithin(undefined, OWN)).toBe("https://mill.example/");
  expect(redirectWithin("/boards/ws_1?tab=inbox", OWN)).toBe("https://mill.example/boards/ws_1?tab=inbox");
  expect(redirectWithin("https://mill.example/x", OWN)).toBe("https://mill.example/x");
  for (const redirect of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "https://mill.example@evil.example",
    "javascript:alert(1)",
    "http://mill.example/",
  ])
    expect(() => redirectWithin(redirect, OWN)).toThrow(expect.objectContaining({ code: "validation" }));
});

describe("AUT-05 who is admitted without an invitation", () => {
  const profile: ProviderProfile = {
    subject: "7",
    login: "Ada",
    email: "ada@Example.com",
    isEmailVerified: true,
    name: null,
    avatarUrl: null,
    organizations: ["Acme"],
  };
  const settings = (admits: object) => readSignIn({ admits }, { publicUrl: "https://mill.example", providers: [] });

  it("AUT-05 nobody, where nothing is listed", () => {
    expect(admitsProfile("github", profile, settings({}))).toBe(false);
  });

  it.each([
    [{ domains: ["example.com"] }, true],
    [{ domains: ["ample.com"] }, false],
    [{ logins: ["github:ADA"] }, true],
    [{ logins: ["gitlab:ada", "ada"] }, false],
    [{ organizations: ["github:acme"] }, true],
    [{ organizations: ["github:acm"] }, false],
  ])("AUT-05 whoever is in %j: %s", (admits, isIn) => {
    expect(admitsProfile("github", profile, settings(admits))).toBe(isIn);
  });

  it("AUT-05 an address counts only if the provider has verified it", () => {
    expect(admitsProfile("github", { ...profile, isEmailVerified: false }, settings({ domains: ["example.com"] }))).toBe(false);
  });
});

describe("AUT-09 a new token", () => {
  const request = { name: "script", scopes: ["read" as const] };

  it("AUT-09 ends after 90 days, or when it is said, within a year", () => {
    expect(planToken(request, "personal", 0).expiresAt).toBe(90 * DAY);
    expect(planToken({ ...request, expiresAt: 365 * DAY }, "personal", 0).expiresAt).toBe(365 * DAY);
    for (const expiresAt of [0, 365 * DAY + 1])
      expect(() => planToken({ ...request, expiresAt }, "personal", 0)).toThrow(expect.objectContaining({ code: "validation" }));
  });

  it("AUT-09 needs a fresh proof where it decides, configures, holds secrets or changes who belongs", () => {
    const proven = tokenScopeSchema.options.filter((scope) => planToken({ ...request, scopes: [scope] }, "personal", 0).needsProof);
    expect(proven).toEqual(["answers", "config", "secrets", "members", "operator"]);
  });

  it("AUT-11 of a machine never answers for people", () => {
    const refused = tokenScopeSchema.options.filter((scope) => {
      try {
        return planToken({ ...request, scopes: [scope] }, "service", 0) === null;
      } catch {
        return true;
      }
    });
    expect(refused).toEqual(["answers", "secrets", "members", "operator"]);
  });
});

describe("the configuration of sign-ins", () => {
  const provider = { name: "github", label: "GitHub", authorizationUrl: async () => "", profileOf: () => Promise.reject(new Error()) };

  it("AUT-01 that does not fit together stops the start of a host", () => {
    const bad = [
      () => readSignIn({}, { publicUrl: null, providers: [provider] }),
      () => readSignIn({ localPerson: "ada" }, { publicUrl: "https://mill.example", providers: [provider] }),
      () => readSignIn({}, { publicUrl: "https://mill.example", providers: [provider, provider] }),
      () => readSignIn({}, { publicUrl: "https://mill.example", providers: [{ ...provider, name: "password" }] }),
      () => readSignIn({ origins: ["mill.example"] }, { publicUrl: null, providers: [] }),
    ];
    for (const each of bad) expect(each).toThrow(expect.objectContaining({ code: "config_invalid" }));
  });

  it("AUT-04 says where a provider sends browsers back to", () => {
    expect(readSignIn({}, { publicUrl: "https://mill.example/app", providers: [provider] })).toMatchObject({
      origins: ["https://mill.example"],
      apiUrl: "https://mill.example/app/v1",
    });
  });
});
