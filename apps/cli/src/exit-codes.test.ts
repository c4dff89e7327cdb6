import { readFile } from "node:fs/promises";
import { errorCodeSchema } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { EXIT, EXIT_MEANINGS, exitCodeOf } from "./exit-codes.js";

describe("exit codes", () => {
  it("give every error code a place, and none the place of success, usage or a wait", () => {
    const codes = errorCodeSchema.options.map(exitCodeOf);
    expect(codes).toHaveLength(errorCodeSchema.options.length);
    const allowed = [EXIT.internal, EXIT.badInput, EXIT.conflict, EXIT.runFailed, EXIT.environment, EXIT.forbidden];
    expect(codes.filter((code) => !(allowed as readonly number[]).includes(code))).toEqual([]);
  });

  it("say environment for everything that is missing or broken outside", () => {
    const environment = errorCodeSchema.options.filter((code) => exitCodeOf(code) === EXIT.environment);
    expect(environment).toEqual(
      expect.arrayContaining(["database_newer", "database_corrupt", "git_missing", "agent_missing", "agent_login", "repository_dirty"]),
    );
    expect(errorCodeSchema.options.filter((code) => exitCodeOf(code) === EXIT.internal)).toEqual(["internal"]);
  });

  it("are explained once each, and the README says the same", async () => {
    expect(EXIT_MEANINGS.map(([code]) => code)).toEqual(Object.values(EXIT));
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    for (const [code, meaning] of EXIT_MEANINGS) expect(readme).toContain(`| ${code} | ${meaning} |`);
  });
});
