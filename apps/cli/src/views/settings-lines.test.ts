import { workspaceSettingsSchema } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { settingsLines } from "./settings-lines.logic.js";

const nothing = { settledMicros: 0, reservedMicros: 0 };

describe("settings", () => {
  it("show the defaults", () => {
    expect(settingsLines(workspaceSettingsSchema.parse({}), null, nothing)).toEqual([
      "monthly     $100.00   ($0.00 spent this month)",
      "per task    none",
      "per run     none",
      "reserved    $0.05 before a call, $1.00 before a job",
      "task limit  none",
      "urgent      what waits for you longer than 120 min",
      "tests need  unset",
    ]);
  });

  it.each([
    [{ composePath: "deploy/compose.yml", noInfrastructure: false }, "tests need  deploy/compose.yml"],
    [{ composePath: null, noInfrastructure: true }, "tests need  nothing"],
    [{ composePath: null, noInfrastructure: false }, "tests need  unset"],
  ])("say what tests need: %j", (testing, line) => {
    expect(settingsLines(workspaceSettingsSchema.parse({}), testing, nothing).at(-1)).toBe(line);
  });

  it.each([
    [{ mode: "shared", shared: 3 }, "task limit  3 at a time in a service"],
    [{ mode: "per-type", perType: { bug: 2, feature: 1 } }, "task limit  bug=2,feature=1 at a time in a service"],
    [{ mode: "per-type", perType: {} }, "task limit  none at a time in a service"],
  ])("name the limit %j", (taskLimit, line) => {
    const lines = settingsLines(workspaceSettingsSchema.parse({ taskLimit }), null, { settledMicros: 1_500_000, reservedMicros: 50_000 });
    expect(lines[0]).toBe("monthly     $100.00   ($1.50 spent this month, $0.05 reserved for calls in flight)");
    expect(lines.at(-3)).toBe(line);
  });
});
