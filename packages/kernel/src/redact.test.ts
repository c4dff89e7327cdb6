import { describe, expect, it } from "vitest";
import { createRedact, redactAll } from "./redact.js";

const HELD = "hunter2/with+odd=chars&äö";
const chars = (count: number): string => "a1B2c3D4e5".repeat(Math.ceil(count / 10)).slice(0, count);
const base64 = (text: string): string => Buffer.from(text).toString("base64");

const shapes: readonly (readonly [string, string])[] = [
  ["a personal token of GitHub", `ghp_${chars(36)}`],
  ["a token of a GitHub App", `ghs_${chars(36)}`],
  ["an OAuth token of GitHub", `gho_${chars(36)}`],
  ["a fine-grained token of GitHub", `github_pat_${chars(22)}_${chars(59)}`],
  ["a key of Anthropic", `sk-ant-api03-${chars(40)}-${chars(20)}`],
  ["a key of OpenAI", `sk-proj-${chars(48)}`],
  ["a token of Slack", `xoxb-123456789012-${chars(24)}`],
  ["a key of AWS", "AKIAABCDEFGHIJKLMNOP"],
  ["a key of Google", `AIza${chars(35)}`],
  ["a token of npm", `npm_${chars(36)}`],
  ["a private key", `-----BEGIN OPENSSH PRIVATE KEY-----\n${chars(64)}\n${chars(20)}\n-----END OPENSSH PRIVATE KEY-----`],
  ["a private key without its end", `-----BEGIN PRIVATE KEY-----\n${chars(64)}`],
  ["a JSON Web Token", `eyJ${chars(20)}.eyJ${chars(30)}.${chars(43)}`],
  ["a personal token", `mr_abcdef1234_${chars(43)}`],
  ["a token of a run", `mrt_abcdef1234_${chars(43)}`],
];

describe("H:S10 redaction", () => {
  it.each(shapes)("knows %s by its shape", (_what, secret) => {
    const redact = createRedact();
    expect(redact(`before ${secret}`)).toBe("before [redacted]");
    expect(redact(`"${secret}"`)).not.toContain(secret.slice(-12));
  });

  it.each([
    ["as it is", HELD],
    ["in a URL", encodeURIComponent(HELD)],
    ["in JSON", JSON.stringify(`${HELD}"`).slice(1, -3)],
    ["in base64", base64(HELD)],
    ["in base64 behind one byte", base64(`u${HELD}`)],
    ["in base64 behind a name", base64(`user:${HELD}:more`)],
    ["in base64 of URLs", Buffer.from(HELD).toString("base64url")],
  ])("knows a value that the host holds %s", (_how, text) => {
    const redact = createRedact([HELD]);
    const [before, after] = redact(`<${text}>`).split("[redacted]");
    expect(`<${text}>`).toContain(before);
    // What is left beside the mark are the bytes around the value.
    expect(`${before}${after}`.length).toBeLessThan(24);
  });

  it("leaves words, ids and digests alone, and does nothing twice", () => {
    const redact = createRedact(["short", HELD]);
    const text =
      "task-management-of-risk-and-disk sk-learn-compatible-estimators short run_abc123 0123456789abcdef0123456789abcdef01234567 AKIAshort";
    expect(redact(text)).toBe(text);
    const once = redact(`${HELD} and ghp_${chars(36)}`);
    expect(redact(once)).toBe(once);
  });

  it("takes the longest of two values that begin alike", () => {
    expect(createRedact(["password", "password-of-the-host"])("password-of-the-host")).toBe("[redacted]");
  });

  it("reaches every text of a value, and keeps its shape, its names and what holds no secret", () => {
    const redact = createRedact([HELD]);
    const clean = { text: "nothing", list: [1, null, true] };
    const value = { id: HELD, runId: HELD, digest: HELD, deep: [{ message: `says ${HELD}` }], clean };
    const result = redactAll(value, redact);
    expect(result).toEqual({ id: HELD, runId: HELD, digest: HELD, deep: [{ message: "says [redacted]" }], clean });
    expect(result.clean).toBe(clean);
    expect(redactAll(clean, redact)).toBe(clean);
  });

  it("costs about the same for each character, whatever an enemy writes", () => {
    const redact = createRedact([HELD]);
    const CHARS = 1_000_000;
    const time = (piece: string): number => {
      const text = piece.repeat(CHARS / piece.length);
      const once = (): number => {
        const start = performance.now();
        redact(text);
        return performance.now() - start;
      };
      return Math.min(once(), once(), once());
    };
    const ordinary = time("what an agent says of its work, and sk-etches in code; ");
    for (const piece of [
      "eyJ-",
      "eyJaaaaaaaa.",
      "sk-",
      "ghp_",
      "mr_abcdef_",
      "github_pat_",
      "-----BEGIN PRIVATE KEY-----",
      "xoxb-",
      "hunter2/",
    ])
      // A quadratic rule would take as many times as long as there are pieces.
      expect(time(piece) / ordinary, piece).toBeLessThan(100);
  });
});
