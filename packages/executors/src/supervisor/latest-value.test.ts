import { expect, it } from "vitest";
import { LatestValue } from "./latest-value.js";

it("writes the first and the last of what came during a write, in order, also after one that failed", async () => {
  const written: number[] = [];
  const gate = Promise.withResolvers<void>();
  const latest = new LatestValue<number>(async (value) => {
    written.push(value);
    if (value === 1) await gate.promise;
    if (value === 3) throw new Error("the disk is full");
  });
  for (const value of [1, 2, 3]) latest.set(value);
  gate.resolve();
  await latest.idle();
  latest.set(4);
  await latest.idle();
  expect(written).toEqual([1, 3, 4]);
});
