import { expect, it } from "vitest";
import { credentialOf } from "./headers.logic.js";
import { isDeeperThan } from "./json-depth.logic.js";
import { redactKeys } from "./key-shapes.logic.js";
import { newRunToken } from "./run-token.js";

it.each([
  "sk-ant-api03-abcdefghijklmnop-qrstuvwxyz_0123456789AA",
  "sk-ant-oat01-abcdefghijklmnopqrstuvwxyz0123456789",
  "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789",
  "sk-proj-********************************cdef",
  "sk-or-v1-0123456789abcdef0123456789abcdef",
  "gsk_abcdefghijklmnopqrstuvwxyz0123456789",
  "xai-abcdefghijklmnopqrstuvwxyz0123456789",
  "pplx-abcdefghijklmnopqrstuvwxyz0123456789",
  "hf_abcdefghijklmnopqrstuvwxyz0123456789",
  "nvapi-abcdefghijklmnopqrstuvwxyz0123456789",
  "AIzaSyA0123456789abcdefghijklmnopqrstuv",
  "mrt_0123456789ab_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
])("H:S9 the shape of a key is recognised: %s", (key) => {
  expect(redactKeys(`Incorrect API key provided: ${key}. See "${key}".`)).toBe('Incorrect API key provided: ***. See "***".');
});

it("H:S9 a known key is replaced whatever its shape, and prose stays", () => {
  expect(redactKeys("the key is plain-key", ["plain-key", ""])).toBe("the key is ***");
  const prose = "max_tokens: 4096 > 2048, which is the maximum; ask-me, risk-free, hf_short";
  expect(redactKeys(prose)).toBe(prose);
});

it("nesting is counted outside of strings alone", () => {
  const deeper = (json: string, limit: number): boolean => isDeeperThan(new TextEncoder().encode(json), limit);
  expect(deeper('[{"a":[]}]', 3)).toBe(false);
  expect(deeper('[{"a":[]}]', 2)).toBe(true);
  expect(deeper(String.raw`["[[[[\"[[[[\\", "]"]`, 1)).toBe(false);
  expect(deeper("[],[],[]", 1)).toBe(false);
});

it("H:S9 a request has one credential, or none", () => {
  const of = (headers: Record<string, string>): string | null => credentialOf(new Headers(headers));
  expect(of({ authorization: "Bearer a" })).toBe("a");
  expect(of({ "x-api-key": "a" })).toBe("a");
  expect(of({ authorization: "bearer a", "x-api-key": "a" })).toBe("a");
  expect(of({ authorization: "Bearer a", "x-api-key": "b" })).toBeNull();
  expect(of({ authorization: "Bearer a, Bearer b" })).toBeNull();
  expect([of({ authorization: "Basic a" }), of({})]).toEqual([null, null]);
});

it("a run token is random, and its digest is that of the whole", async () => {
  const [one, other] = await Promise.all([newRunToken(), newRunToken()]);
  expect(one.token).toMatch(/^mrt_[0-9a-f]{12}_[0-9a-f]{64}$/);
  expect(one.digest).toMatch(/^[0-9a-f]{64}$/);
  expect(other.token).not.toBe(one.token);
  expect(other.digest).not.toBe(one.digest);
});
