import { describe, expect, it } from "vitest";
import { RateLimits } from "./rate-limits.js";

const NOW = 1_700_000_000_000;
const date = (at: number): string => new Date(at).toUTCString();

function rateLimitsAt(start = NOW) {
  let now = start;
  return { limits: new RateLimits({ now: () => now }, "installation 1"), to: (at: number) => void (now = at) };
}

const errorOf = (act: () => void): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
};

describe("rate limits", () => {
  it("let everything through while there is something left", () => {
    const { limits } = rateLimitsAt();
    limits.record({ "x-ratelimit-remaining": "1", "x-ratelimit-reset": "1700000600" });
    expect(errorOf(() => limits.check("core"))).toBeNull();
  });

  it("F:C9 end a pause when the clock was set back, and begin another when GitHub still refuses", () => {
    const { limits, to } = rateLimitsAt();
    const refused = { "retry-after": "60" };
    limits.recordRefusal(429, refused, "");
    expect(errorOf(() => limits.check("core"))).toMatchObject({ code: "rate_limited" });
    to(NOW - 3_600_000);
    expect(errorOf(() => limits.check("core"))).toBeNull();
    expect(limits.recordRefusal(429, refused, "")).toMatchObject({ details: { resetAt: NOW - 3_600_000 + 61_000 } });
  });

  it("pause the resource that is used up, until its reset time, and no other", () => {
    const { limits, to } = rateLimitsAt();
    limits.record({
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

  it("take GitHub's time by GitHub's clock", () => {
    const { limits } = rateLimitsAt(NOW - 86_400_000);
    limits.record({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 + 60), date: date(NOW) });
    expect(errorOf(() => limits.check("core"))).toMatchObject({ details: { resetAt: NOW - 86_400_000 + 61_000 } });
  });

  it("accept no pause beyond two hours", () => {
    const { limits } = rateLimitsAt();
    limits.record({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9999999999", date: date(NOW) });
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
  ])("pause every resource after a secondary limit, for %s", (_name, status, headers, documentation, wait) => {
    const { limits } = rateLimitsAt();
    expect(limits.recordRefusal(status, headers, documentation)).toMatchObject({
      code: "rate_limited",
      details: { resetAt: NOW + wait, limit: "secondary" },
    });
    expect(errorOf(() => limits.check("graphql"))).toMatchObject({ code: "rate_limited" });
  });

  it("never shorten a pause", () => {
    const { limits } = rateLimitsAt();
    limits.recordRefusal(429, { "retry-after": "300" }, "");
    limits.recordRefusal(429, { "retry-after": "1" }, "");
    // This is the third refused caller, so two gaps are added.
    expect(errorOf(() => limits.check("core"))).toMatchObject({ details: { resetAt: NOW + 301_500 } });
  });

  it("give each refused caller a resume time of its own, per resource", () => {
    const { limits } = rateLimitsAt();
    const used = (resource: string, seconds: number) => ({
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": String(NOW / 1000 + seconds),
      "x-ratelimit-resource": resource,
      date: date(NOW),
    });
    limits.record(used("core", 600));
    limits.record(used("graphql", 300));
    const resets = ["core", "graphql", "core", "graphql", "core"].map((resource) => errorOf(() => limits.check(resource)));
    expect(resets).toMatchObject(
      [601_000, 301_000, 601_250, 301_250, 601_500].map((later) => ({ code: "rate_limited", details: { resetAt: NOW + later } })),
    );
  });

  it("leave a refusal that is about permissions alone", () => {
    const { limits } = rateLimitsAt();
    expect(limits.recordRefusal(403, { "x-ratelimit-remaining": "4999" }, "https://docs.github.com/rest/pulls")).toBeNull();
    expect(limits.recordRefusal(404, { "retry-after": "3" }, "")).toBeNull();
    expect(errorOf(() => limits.check("core"))).toBeNull();
  });
});
