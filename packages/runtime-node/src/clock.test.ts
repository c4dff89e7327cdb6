import { describe, expect, it } from "vitest";
import { createDatabaseClock } from "./clock.js";

/** A database `ahead` ms ahead of a process, asked over a network with these trips (there, back), in ms. */
function world(ahead: number, trips: readonly (readonly [there: number, back: number])[]) {
  const state = { elapsed: 1000, look: 0, ahead };
  const clock = createDatabaseClock(() => state.elapsed);
  const query = async () => {
    const [there, back] = trips[state.look % trips.length] ?? [0, 0];
    state.look += 1;
    state.elapsed += there;
    const now = String(state.elapsed + state.ahead);
    state.elapsed += back;
    return { rows: [{ now }] };
  };
  return { state, clock, query };
}

describe("the database's clock", () => {
  it("is told by any process, whatever its own says", async () => {
    const { state, clock, query } = world(1_700_000_000_000, [[1, 1]]);
    await clock.synchronise(query);
    expect(clock.now()).toBe(state.elapsed + 1_700_000_000_000);
    state.elapsed += 500;
    expect(clock.now()).toBe(state.elapsed + 1_700_000_000_000);
  });

  it("is wrong by half the shortest trip at most", async () => {
    const { state, clock, query } = world(5000, [
      [400, 0],
      [0, 10],
      [0, 900],
    ]);
    await clock.synchronise(query);
    expect(Math.abs(clock.now() - (state.elapsed + 5000))).toBeLessThanOrEqual(5);
  });

  it("never goes back when the database's does", async () => {
    const { state, clock, query } = world(5000, [[0, 0]]);
    await clock.synchronise(query);
    const before = clock.now();
    state.ahead -= 600;
    await clock.synchronise(query);
    expect(clock.now()).toBe(before);
    state.elapsed += 601;
    expect(clock.now()).toBe(before + 1);
  });

  it("keeps going when a look fails, and is not told before the first one", async () => {
    const { state, clock, query } = world(5000, [[0, 0]]);
    expect(() => clock.now()).toThrow("not looked at");
    await clock.synchronise(query);
    await expect(clock.synchronise(async () => Promise.reject(new Error("away")))).rejects.toThrow("away");
    state.elapsed += 7;
    expect(clock.now()).toBe(state.elapsed + 5000);
  });
});
