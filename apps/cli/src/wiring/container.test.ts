import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { isMillraceError } from "@millrace/kernel";
import { describe, expect, it } from "vitest";
import type { Io } from "../io.js";
import { runCommandLine } from "../program.js";
import { createRepository } from "../sandbox.fixture.js";
import { createAppContainer } from "./container.js";

function testIo(cwd: string, userName: string | null = "ada"): Io & { readonly written: string[] } {
  const written: string[] = [];
  const writer = { write: (text: string) => written.push(text) };
  return {
    cwd,
    env: { PATH: process.env["PATH"], MILLRACE_STATE: join(cwd, ".git", "state") },
    out: writer,
    err: writer,
    openTerminal: () => null,
    in: new PassThrough(),
    userName,
    onInterrupt: () => () => undefined,
    exit: () => undefined,
    written,
  };
}

const settings = { json: false, quiet: false, as: null, agent: null, database: null, tokenFile: null };

describe("the container", () => {
  it("resolves and disposes every registration", async () => {
    await using sandbox = await createRepository();
    const io = testIo(sandbox.folder);
    expect(await runCommandLine(io, ["init", "--no-ci"])).toBe(0);
    const container = createAppContainer(io, settings);
    const names = Object.keys(container.registrations);
    expect(names).toEqual([
      "io",
      "settings",
      "output",
      "clock",
      "log",
      "actor",
      "tokens",
      "person",
      "trusted",
      "sandbox",
      "project",
      "agents",
      "models",
      "github",
      "worktrees",
      "jobs",
      "runtime",
    ]);
    for (const name of names) expect(container.resolve(name), name).toBeDefined();
    const runtime = await container.cradle.runtime.open();
    expect(await runtime.store.workspaces.get(container.cradle.project.config.workspaceId)).not.toBeNull();
    await container.dispose();
    const afterwards = await runtime.store.workspaces.list({ limit: 1 }).catch((error: unknown) => error);
    expect(isMillraceError(afterwards, "unavailable")).toBe(true);
  });

  it("disposes without having opened anything", async () => {
    const folder = await mkdtemp(join(tmpdir(), "millrace-boot-"));
    const container = createAppContainer(testIo(folder), settings);
    expect(container.cradle.output.json).toBe(false);
    await container.dispose();
    await rm(folder, { recursive: true });
  });

  it("takes a command of an agent's own process for the agent's, whatever name it gives (P5)", () => {
    const io = { ...testIo("/"), env: { MILLRACE_JOB_KEY: "run_1/0/1/work.1" } };
    expect(createAppContainer(io, { ...settings, as: "ada" }).cradle.actor).toEqual({ type: "agent", id: "run_1/0/1/work.1" });
  });

  it("knows no user when the system has no name for one, unless one is given", () => {
    const io = testIo("/", null);
    expect(() => createAppContainer(io, settings).cradle.actor).toThrow("who is asking is not known");
    expect(createAppContainer(io, { ...settings, as: " ada " }).cradle.actor).toEqual({ type: "human", id: "ada" });
  });
});
