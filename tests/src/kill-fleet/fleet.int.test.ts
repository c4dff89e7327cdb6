import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sqliteFile, type FleetDatabase } from "./database.fixture.js";
import { runFleet } from "./fleet.fixture.js";

/** A small fleet; `tooling/kill-fleet/run.ts` takes any number of runs and kills. */
const LIMIT_MS = 240_000;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-fleet-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function oneFile(workers: number): { readonly database: FleetDatabase; readonly cache: string } {
  return { database: sqliteFile(join(folder, "fleet.db"), workers), cache: join(folder, "compiled") };
}

describe("a fleet on one SQLite file", () => {
  it("loses nothing and does nothing twice while its workers are killed", async () => {
    const outcome = await runFleet({ ...oneFile(2), runs: 40, kills: 12, seed: 7, limitMs: LIMIT_MS });

    expect(outcome.violations).toEqual([]);
    expect(outcome.kills).toBe(12);
    expect(outcome.workersStarted).toBe(14);
    expect(Math.max(...outcome.inFlight)).toBeGreaterThan(20);
    const { ledger, acknowledged } = outcome.evidence;
    expect(ledger.merges.length).toBeGreaterThan(20);
    expect(acknowledged.length).toBeGreaterThan(5);
  }, 280_000);

  it("is told apart from one whose executor keeps no keys: work that is done twice is noticed", async () => {
    const outcome = await runFleet({
      ...oneFile(1),
      runs: 6,
      kills: 0,
      seed: 7,
      limitMs: 30_000,
      lostReplies: 0.6,
      forgetsKeys: true,
    });

    expect(outcome.evidence.ledger.lostReplies).toBeGreaterThan(0);
    expect(outcome.violations).toContainEqual(expect.objectContaining({ is: "twice", rule: "performed" }));
  }, 90_000);

  it("does not pass for one whose server restarted: what was asked for and never happened is a fault", async () => {
    const outcome = await runFleet({ ...oneFile(1), runs: 1, kills: 0, restarts: 1, drops: 2, seed: 7, limitMs: LIMIT_MS });

    expect(outcome.violations).toEqual([
      { is: "wrong", rule: "did-not-happen", what: "0 of 1 restarts happened" },
      { is: "wrong", rule: "did-not-happen", what: "0 of 2 dropped connections happened" },
    ]);
  }, 280_000);
});
