import { describe, expect, it } from "vitest";
import { createSemaphore } from "./semaphore.js";

const never = new AbortController().signal;

describe("semaphore", () => {
  it("grants a released permit to the next waiter, in order", async () => {
    const semaphore = createSemaphore(1);
    const order: string[] = [];
    const first = await semaphore.acquire(never);
    const second = semaphore.acquire(never).then((permit) => {
      order.push("second");
      return permit;
    });
    const third = semaphore.acquire(never).then((permit) => {
      order.push("third");
      return permit;
    });
    expect(order).toEqual([]);
    first?.[Symbol.dispose]();
    (await second)?.[Symbol.dispose]();
    expect(await third).not.toBeNull();
    expect(order).toEqual(["second", "third"]);
  });

  it("grants nothing to a waiter that was aborted, and loses no permit by it", async () => {
    const semaphore = createSemaphore(1);
    const held = await semaphore.acquire(never);
    const stop = new AbortController();
    const waiting = semaphore.acquire(stop.signal);
    stop.abort();
    expect(await waiting).toBeNull();
    expect(await semaphore.acquire(stop.signal)).toBeNull();
    held?.[Symbol.dispose]();
    expect(await semaphore.acquire(never)).not.toBeNull();
  });
});
