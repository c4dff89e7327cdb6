import { describe, expect, it } from "vitest";
import { createDatabaseClock } from "./clock.js";

/** A database whose clock is `ahead` ms ahead of the process, and whose round trips take these times (there, back), in ms. */
function databaseAhead(ahead: number, roundTrips: readonly (readonly [there: number, back: number])[]) {
  const state = { elapsed: 1000, queries: 0, ahead };
  const clock = createDatabaseClock(() => state.elapsed);
  const query = async () => {
    const [there, back] = roundTrips[state.queries % roundTrips.length] ?? [0, 0];
    state.queries += 1;
    state.elapsed += there;
    const now = String(state.elapsed + state.ahead);
    state.elapsed += back;
    return { rows: [{ now }] };
  };
  return { state, clock, query };
}

describe("the database's clock", () => {
  it("tells the database's time, whatever the clock of the process says", async () => {
    const { state, clock, query } = databaseAhead(1_700_000_000_000, [[1, 1]]);
    await clock.synchronise(query);
    expect(clock.now()).toBe(state.elapsed + 1_700_000_000_000);
    state.elapsed += 500;
    expect(clock.now()).toBe(state.elapsed + 1_700_000_000_000);
  });

  it("is wrong by half the shortest round trip at most", async () => {
    const { state, clock, query } = databaseAhead(5000, [
      [400, 0],
      [0, 10],
      [0, 900],
    ]);
    await clock.synchronise(query);
    expect(Math.abs(clock.now() - (state.elapsed + 5000))).toBeLessThanOrEqual(5);
  });

  it("F:C9 goes on at once when the database's clock was set back by ten minutes", async () => {
    const { state, clock, query } = databaseAhead(5_000_000, [[0, 0]]);
    await clock.synchronise(query);
    expect(clock.now()).toBe(state.elapsed + 5_000_000);
    state.ahead -= 600_000;
    await clock.synchronise(query);
    expect(clock.now()).toBe(state.elapsed + 4_400_000);
    state.elapsed += 20;
    expect(clock.now()).toBe(state.elapsed + 4_400_000);
  });

  it("stands still rather than go back by a little", async () => {
    const { state, clock, query } = databaseAhead(5000, [[0, 0]]);
    await clock.synchronise(query);
    const before = clock.now();
    state.ahead -= 600;
    await clock.synchronise(query);
    expect(clock.now()).toBe(before);
    state.elapsed += 601;
    expect(clock.now()).toBe(before + 1);
  });

  it("goes on when a synchronisation fails, and has no time before the first one", async () => {
    const { state, clock, query } = databaseAhead(5000, [[0, 0]]);
    expect(() => clock.now()).toThrow("not read yet");
    await clock.synchronise(query);
    await expect(clock.synchronise(async () => Promise.reject(new Error("away")))).rejects.toThrow("away");
    state.elapsed += 7;
    expect(clock.now()).toBe(state.elapsed + 5000);
  });
});
