import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createCommandRunner } from "./command-runner.js";
import { processesWithVariable, processTable } from "../processes/process-table.js";
import { createBubblewrap } from "../sandbox/bubblewrap/bubblewrap.js";
import { createPlace, noSandbox } from "../sandbox/sandbox.fixture.js";
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

  test("passes standard input on, and keeps standard output apart as bytes", async () => {
    const { request } = script(`process.stdin.pipe(process.stdout); process.stderr.write("noted")`, {
      stdin: new Uint8Array([0, 255, 10]),
      stdout: { maxBytes: 3 },
    });
    const result = await runner.run(request, never);
    expect(result).toMatchObject({ output: "noted", overflowed: false, exit: { code: 0 } });
    expect([...result.stdout]).toEqual([0, 255, 10]);
  });

  test("a program that writes more than it may is ended", async () => {
    const { request, mark } = script(`setInterval(() => process.stdout.write("x".repeat(1000)), 1)`, { stdout: { maxBytes: 10_000 } });
    const result = await runner.run(request, never);
    expect(result).toMatchObject({ overflowed: true, timedOut: false });
    expect(result.stdout.byteLength).toBeLessThanOrEqual(10_000);
    expect(await processesWithVariable("TEST_MARK", mark)).toEqual([]);
  });

  test("a program that does not read its input is no error", async () => {
    const { request } = script("process.exit(0)", { stdin: new Uint8Array(10_000_000) });
    expect((await runner.run(request, never)).exit).toEqual({ code: 0, signal: null });
  });
});

describe.skipIf(noSandbox !== null)(`commands with a profile${noSandbox === null ? "" : ` (${noSandbox})`}`, () => {
  const sandboxed = createCommandRunner({ sandbox: createBubblewrap(), graceMs: 50 });

  test("run in the sandbox, with their input and output", async () => {
    await using place = await createPlace();
    const { argv, cwd, env, profile } = place.command(`cat >copy; ls /; cat copy >&2; exit 4`);
    const request: CommandRequest = { argv, cwd, env, profile, timeoutMs: 20_000, keepBytes: 1000, stdout: { maxBytes: 1000 } };
    const result = await sandboxed.run({ ...request, stdin: new TextEncoder().encode("given") }, never);
    expect(result).toMatchObject({ exit: { code: 4, signal: null }, output: "given", overflowed: false });
    expect(new TextDecoder().decode(result.stdout)).not.toMatch(/^(?:var|work|boot|sys)$/m);
    expect(await readFile(join(place.work, "copy"), "utf8")).toBe("given");
  });

  test("a time-out leaves nothing of them", async () => {
    await using place = await createPlace();
    const { argv, cwd, env, profile } = place.command(
      `cp /usr/bin/sleep timed-out-1; trap "" TERM; env -i setsid ./timed-out-1 1000 & ./timed-out-1 1000`,
    );
    const result = await sandboxed.run({ argv, cwd, env, profile, timeoutMs: 700, keepBytes: 1000 }, never);
    expect(result).toMatchObject({ timedOut: true, exit: { code: null, signal: "SIGKILL" } });
    expect((await processTable()).filter(({ name }) => name === "timed-out-1")).toEqual([]);
  });

  test("a program that is not there is named", async () => {
    await using place = await createPlace();
    const { cwd, env, profile } = place.command("");
    const request: CommandRequest = { argv: ["no-such-program-of-millrace"], cwd, env, profile, timeoutMs: 20_000, keepBytes: 1000 };
    await expect(sandboxed.run(request, never)).rejects.toMatchObject({ code: "validation" });
  });
});
