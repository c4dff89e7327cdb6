import { describe, expect, it } from "vitest";
import { createSlots } from "./semaphore.js";

const never = new AbortController().signal;

describe("slots", () => {
  it("lets the next one in when one is freed, in order", async () => {
    const slots = createSlots(1);
    const order: string[] = [];
    const first = await slots.take(never);
    const second = slots.take(never).then((slot) => {
      order.push("second");
      return slot;
    });
    const third = slots.take(never).then((slot) => {
      order.push("third");
      return slot;
    });
    expect(order).toEqual([]);
    first?.[Symbol.dispose]();
    (await second)?.[Symbol.dispose]();
    expect(await third).not.toBeNull();
    expect(order).toEqual(["second", "third"]);
  });

  it("gives nothing to who stopped waiting, and loses no slot by it", async () => {
    const slots = createSlots(1);
    const held = await slots.take(never);
    const stop = new AbortController();
    const waiting = slots.take(stop.signal);
    stop.abort();
    expect(await waiting).toBeNull();
    expect(await slots.take(stop.signal)).toBeNull();
    held?.[Symbol.dispose]();
    expect(await slots.take(never)).not.toBeNull();
  });
});
