import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { claimCheck } from "./check-claims.js";
import { isAlive, thisProcess } from "./process-identity.js";

async function folder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "millrace-claims-"));
  onTestFinished(() => rm(root, { recursive: true }));
  return join(root, "check");
}

/** The pid of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  if (child.pid === undefined) throw new Error("the process did not start");
  return child.pid;
}

async function plant(at: string, generation: number, text: string): Promise<void> {
  await mkdir(join(at, `work-${String(generation)}`, "left over"), { recursive: true });
  await writeFile(join(at, `claim-${String(generation)}.json`), text);
}

describe("claimCheck", () => {
  it("gives a check to one of many concurrent claims", async () => {
    const at = await folder();
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimCheck(at)));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  });

  it("gives it again after it was released", async () => {
    const at = await folder();
    await (await claimCheck(at))?.release();
    expect(await claimCheck(at)).not.toBeNull();
  });

  it("takes it over from a dead process, once, and removes what that one left", async () => {
    const at = await folder();
    await plant(at, 3, JSON.stringify({ pid: await deadPid(), startedAt: null }));
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimCheck(at)));
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
    expect((await readdir(at)).toSorted()).toEqual(["claim-3.json", "claim-4.json", "work-4"]);
  });

  it("takes it over from a process whose pid was reused", async () => {
    const at = await folder();
    await plant(at, 0, JSON.stringify({ pid: process.pid, startedAt: "another boot/1" }));
    expect(await claimCheck(at)).not.toBeNull();
  });

  it("takes it over from a claim that cannot be read", async () => {
    const at = await folder();
    await plant(at, 0, "{");
    expect(await claimCheck(at)).not.toBeNull();
  });
});

describe("isAlive", () => {
  it("knows this process and a dead one", async () => {
    expect(await isAlive(await thisProcess())).toBe(true);
    expect(await isAlive({ pid: await deadPid(), startedAt: null })).toBe(false);
  });
});
