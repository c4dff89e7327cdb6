import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { processRow } from "../processes/process-table.js";
import { claimFolder } from "./folder-claim.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-claim-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a process leaves that claimed the folder and was killed, or that has it still. */
async function claimedBy(generation: number, owner: { readonly pid: number; readonly startedAt: string }): Promise<void> {
  await writeFile(join(folder, `claim-${generation}.json`), JSON.stringify({ ...owner, bootId: null }));
}

it("F:C16 one of several claims gets the folder, and the next one when it is given back", async () => {
  const claims = await Promise.all(Array.from({ length: 5 }, () => claimFolder(folder)));
  const [mine, ...others] = claims.filter((claim) => claim !== null);
  expect(others).toEqual([]);
  expect(await claimFolder(folder)).toBeNull();
  await mine?.[Symbol.asyncDispose]();
  expect(await readdir(folder)).toEqual([]);
  await using next = await claimFolder(folder);
  expect(next).not.toBeNull();
});

it("F:C16 what a killed process had claimed is claimed by one of several", async () => {
  await claimedBy(3, { pid: process.pid, startedAt: "another start" });
  const claims = await Promise.all(Array.from({ length: 5 }, () => claimFolder(folder)));
  expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  expect(await readdir(folder)).toEqual(["claim-4.json"]);
});

it("F:C16 what a living process has is left to it", async () => {
  const child = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
  await once(child, "spawn");
  const row = await processRow(child.pid ?? 0);
  await claimedBy(0, { pid: child.pid ?? 0, startedAt: row?.startedAt ?? "" });
  expect(await claimFolder(folder)).toBeNull();
  child.stdin.end();
  await once(child, "exit");
  await using claim = await claimFolder(folder);
  expect(claim).not.toBeNull();
});
