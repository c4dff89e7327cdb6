import { describe, expect, it } from "vitest";
import { chooseChecks } from "./detect-checks.logic.js";

const nothing = { packageJson: null, files: new Set<string>() };
const unsaid = { checks: [], noCi: false };
const withTest = (more: object = {}): string => JSON.stringify({ scripts: { test: "node --test" }, ...more });
const command = (found: Parameters<typeof chooseChecks>[1]): string | undefined => chooseChecks(unsaid, found).checks[0]?.argv[2];

describe("chooseChecks", () => {
  it("takes the commands that were given, through a shell", () => {
    expect(chooseChecks({ checks: ["make test", " make lint "], noCi: false }, nothing)).toEqual({
      checks: [
        { name: "make test", argv: ["sh", "-c", "make test"], timeoutMs: 600_000 },
        { name: "make lint", argv: ["sh", "-c", "make lint"], timeoutMs: 600_000 },
      ],
      ci: "required",
      because: null,
    });
  });

  it("names a check by what it runs last, and by all of it where that would not tell two apart", () => {
    const names = (...checks: string[]) => chooseChecks({ checks, noCi: false }, nothing).checks.map((check) => check.name);
    expect(names("npm ci && npm test")).toEqual(["npm test"]);
    expect(names("cd a && npm test", "cd b && npm test", "make")).toEqual(["cd a && npm test", "cd b && npm test", "make"]);
  });

  it("takes no checks only when that was said", () => {
    expect(chooseChecks({ checks: [], noCi: true }, { packageJson: withTest(), files: new Set(["package.json"]) })).toEqual({
      checks: [],
      ci: "none",
      because: null,
    });
  });

  it.each([
    ["no dependencies", withTest(), ["package-lock.json"], "npm test"],
    ["npm and dependencies", withTest({ dependencies: { a: "1" } }), ["package-lock.json"], "npm ci && npm test"],
    [
      "pnpm and dev dependencies",
      withTest({ devDependencies: { a: "1" } }),
      ["pnpm-lock.yaml"],
      "pnpm install --frozen-lockfile && pnpm test",
    ],
    ["dependencies without a lockfile", withTest({ dependencies: { a: "1" } }), [], "npm install && npm test"],
  ])("detects a package with %s", (_what, packageJson, files, expected) => {
    expect(command({ packageJson, files: new Set(["package.json", ...files]) })).toBe(expected);
  });

  it.each([
    ["nothing", null],
    ["a package without tests", JSON.stringify({ scripts: {} })],
    ["npm's placeholder", JSON.stringify({ scripts: { test: 'echo "Error: no test specified" && exit 1' } })],
    ["a broken package.json", "{"],
  ])("asks when it finds %s", (_what, packageJson) => {
    expect(() => chooseChecks(unsaid, { packageJson, files: new Set() })).toThrow(
      expect.objectContaining({ code: "config_invalid", fix: expect.stringMatching(/--check.*--no-ci/) as string }) as Error,
    );
  });

  it.each([
    ["both at once", { checks: ["make"], noCi: true }],
    ["an empty command", { checks: [" "], noCi: false }],
    ["the same command twice", { checks: ["make", "make"], noCi: false }],
  ])("refuses %s", (_what, asked) => {
    expect(() => chooseChecks(asked, nothing)).toThrow(expect.objectContaining({ code: "config_invalid" }) as Error);
  });
});
