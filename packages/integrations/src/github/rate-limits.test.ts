import { describe, expect, it } from "vitest";
import { Limits } from "./rate-limits.js";

const NOW = 1_700_000_000_000;
const date = (at: number): string => new Date(at).toUTCString();

function limitsAt(start = NOW) {
  let now = start;
  return { limits: new Limits({ now: () => now }, "installation 1"), to: (at: number) => void (now = at) };
}

const errorOf = (act: () => void): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
};

describe("the breaker", () => {
  it("lets everything through while there is something left", () => {
    const { limits } = limitsAt();
    limits.saw({ "x-ratelimit-remaining": "1", "x-ratelimit-reset": "1700000600" });
    expect(errorOf(() => limits.check("core"))).toBeNull();
  });

  it("closes the resource that is used up, until GitHub gives it back, and no other", () => {
    const { limits, to } = limitsAt();
    limits.saw({
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": String(NOW / 1000 + 600),
      "x-ratelimit-resource": "core",
      date: date(NOW),
    });
    expect(errorOf(() => limits.check("core"))).toMatchObject({
      code: "rate_limited",
      details: { resetAt: NOW + 601_000, limit: "primary" },
    });
    expect(errorOf(() => limits.check("graphql"))).toBeNull();
    to(NOW + 600_999);
    expect(errorOf(() => limits.check("core"))).toMatchObject({ code: "rate_limited" });
    to(NOW + 601_000);
    expect(errorOf(() => limits.check("core"))).toBeNull();
  });

  it("reads GitHub's time by GitHub's clock", () => {
    const { limits } = limitsAt(NOW - 86_400_000);
    limits.saw({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 + 60), date: date(NOW) });
    expect(errorOf(() => limits.check("core"))).toMatchObject({ details: { resetAt: NOW - 86_400_000 + 61_000 } });
  });

  it("believes no pause beyond two hours", () => {
    const { limits } = limitsAt();
    limits.saw({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9999999999", date: date(NOW) });
    expect(errorOf(() => limits.check("core"))).toMatchObject({ details: { resetAt: NOW + 7_200_000 } });
  });

  it.each([
    ["the time in the answer", 403, { "retry-after": "30" }, "", 31_000],
    ["the time in a 429", 429, { "retry-after": "30" }, "", 31_000],
    ["a minute where a 429 names none", 429, {}, "", 60_000],
    [
      "a minute where only the documentation says that it is a limit",
      403,
      {},
      "https://docs.github.com/x#about-secondary-rate-limits",
      60_000,
    ],
  ])("closes everything after a secondary limit, for %s", (_name, status, headers, documentation, wait) => {
    const { limits } = limitsAt();
    expect(limits.refused(status, headers, documentation)).toMatchObject({
      code: "rate_limited",
      details: { resetAt: NOW + wait, limit: "secondary" },
    });
    expect(errorOf(() => limits.check("graphql"))).toMatchObject({ code: "rate_limited" });
  });

  it("never shortens a pause", () => {
    const { limits } = limitsAt();
    limits.refused(429, { "retry-after": "300" }, "");
    limits.refused(429, { "retry-after": "1" }, "");
    // The third that is refused comes back as the third.
    expect(errorOf(() => limits.check("core"))).toMatchObject({ details: { resetAt: NOW + 301_500 } });
  });

  it("gives each who is refused a time of its own, by what is used up", () => {
    const { limits } = limitsAt();
    const used = (resource: string, seconds: number) => ({
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": String(NOW / 1000 + seconds),
      "x-ratelimit-resource": resource,
      date: date(NOW),
    });
    limits.saw(used("core", 600));
    limits.saw(used("graphql", 300));
    const resets = ["core", "graphql", "core", "graphql", "core"].map((resource) => errorOf(() => limits.check(resource)));
    expect(resets).toMatchObject(
      [601_000, 301_000, 601_250, 301_250, 601_500].map((later) => ({ code: "rate_limited", details: { resetAt: NOW + later } })),
    );
  });

  it("leaves a refusal that is about permissions alone", () => {
    const { limits } = limitsAt();
    expect(limits.refused(403, { "x-ratelimit-remaining": "4999" }, "https://docs.github.com/rest/pulls")).toBeNull();
    expect(limits.refused(404, { "retry-after": "3" }, "")).toBeNull();
    expect(errorOf(() => limits.check("core"))).toBeNull();
  });
});
