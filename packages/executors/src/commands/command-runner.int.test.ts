import { describe, expect, test } from "vitest";
import { createCommandRunner } from "./command-runner.js";
import { processesWithVariable } from "../processes/process-table.js";
import type { CommandRequest } from "@millrace/kernel";

const runner = createCommandRunner({ graceMs: 50 });
const never = new AbortController().signal;
let count = 0;

/** A node program as a command, marked so that every descendant of it can be found. */
function script(source: string, more: Partial<CommandRequest> = {}): { readonly request: CommandRequest; readonly mark: string } {
  const mark = `command-test-${process.pid}-${(count += 1)}`;
  return {
    mark,
    request: {
      argv: [process.execPath, "-e", source],
      cwd: "/",
      env: { PATH: process.env["PATH"] ?? "", TEST_MARK: mark },
      timeoutMs: 20_000,
      keepBytes: 10_000,
      profile: null,
      ...more,
    },
  };
}

const family = `
  const { spawn } = require("node:child_process");
  process.on("SIGTERM", () => {});
  spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { detached: true, stdio: "ignore" }).unref();
  spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: "inherit" });
  console.log("ready");
  setInterval(() => {}, 1000);`;

describe("command runner", () => {
  test("gives the exit code and both outputs in order", async () => {
    const { request } = script(`require("fs").writeSync(1, "one\\n"); require("fs").writeSync(2, "two\\n"); process.exit(3)`);
    const result = await runner.run(request, never);
    expect(result.exit).toEqual({ code: 3, signal: null });
    expect(result.timedOut).toBe(false);
    expect(result.output.split("\n").toSorted()).toEqual(["", "one", "two"]);
  });

  test("inherits nothing from the host", async () => {
    const { request } = script(`console.log(Object.keys(process.env).filter((k) => k === "HOME" || k === "USER").length)`);
    expect((await runner.run(request, never)).output.trim()).toBe("0");
  });

  test("keeps the last bytes", async () => {
    const { request } = script(`for (let i = 0; i < 10000; i += 1) console.log("line " + i)`, { keepBytes: 20 });
    const { output } = await runner.run(request, never);
    expect(output.endsWith("line 9999\n")).toBe(true);
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(20);
  });

  test("a time-out ends the whole family, grandchildren that called setsid and ignore SIGTERM included", async () => {
    const { request, mark } = script(family, { timeoutMs: 600 });
    const result = await runner.run(request, never);
    expect(result.timedOut).toBe(true);
    expect(result.exit).toEqual({ code: null, signal: "SIGKILL" });
    expect(await processesWithVariable("TEST_MARK", mark)).toEqual([]);
  });

  test("an abort ends the whole family", async () => {
    const stop = new AbortController();
    const { request, mark } = script(`setTimeout(() => process.exit(9), 15000)`);
    const running = runner.run(request, stop.signal);
    stop.abort();
    const result = await running;
    expect(result).toMatchObject({ timedOut: false, exit: { code: null } });
    expect(await processesWithVariable("TEST_MARK", mark)).toEqual([]);
  });

  test("background processes left behind do not hold the result", async () => {
    const { request, mark } = script(
      `require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit", detached: true }).unref(); process.exit(0)`,
    );
    expect((await runner.run(request, never)).exit).toEqual({ code: 0, signal: null });
    expect(await processesWithVariable("TEST_MARK", mark)).toEqual([]);
  });

  test("a missing program is named", async () => {
    const { request } = script("", { argv: ["no-such-program-of-millrace"] });
    await expect(runner.run(request, never)).rejects.toMatchObject({
      code: "validation",
      message: "cannot run 'no-such-program-of-millrace' in '/' (ENOENT)",
    });
  });
});
