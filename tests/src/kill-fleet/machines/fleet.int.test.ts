import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sqliteFile } from "../database.fixture.js";
import { impossibleMishaps, runMachines } from "./fleet.fixture.js";
import { MISHAPS } from "./mishaps.logic.js";

/** A small fleet; `tooling/kill-fleet/run.ts` takes any number of runs and kills. */
const LIMIT_MS = 240_000;
const skipped = [...impossibleMishaps(1)].filter(([name]) => name !== "dead-machine");
const note = skipped.map(([name, why]) => ` (without ${name}: ${why})`).join("");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-fleet-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

describe(`one machine${note}`, () => {
  it("good work ends merged while workers are killed, files go, locks stay, processes sleep, clocks step and the disk is full", async () => {
    const database = sqliteFile(join(folder, "fleet.db"), 2);
    const cache = join(folder, "compiled");
    const outcome = await runMachines({ database, folder, cache, machines: 1, runs: 6, kills: 4, seed: 7, limitMs: LIMIT_MS });
    expect(outcome.violations).toEqual([]);
    expect(outcome.kills).toBe(4);
    expect(outcome.merges).toBe(6);
    const never = MISHAPS.filter((name) => outcome.mishaps[name] === 0);
    expect(never).toEqual(MISHAPS.filter((name) => outcome.skipped.has(name)));
  }, 280_000);
});
