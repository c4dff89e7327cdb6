import { expect, it } from "vitest";
import { ReadQueue } from "./read-queue.js";

const UNTIL = 100;
const query = (name: string, ...values: readonly string[]) => ({ name, text: name, values: [...values] });

function aQueue() {
  const packets: string[] = [];
  const queue = new ReadQueue(async (queries) => {
    packets.push(queries.map(({ text, values = [] }) => [text, ...values].join(" ")).join());
    return queries.map(({ text }) => (text === "bad" ? { error: "refused", rows: [] } : { error: null, rows: [{ text }] }));
  });
  return { queue, packets };
}

it("reads of one turn are one packet, and each has its own answer", async () => {
  const { queue, packets } = aQueue();
  const [a, bad] = await Promise.all([queue.add(query("a"), UNTIL), queue.add(query("bad"), UNTIL)]);
  expect(a).toEqual({ error: null, rows: [{ text: "a" }] });
  expect(bad).toEqual({ error: "refused", rows: [] });
  await queue.add(query("a"), UNTIL);
  expect(packets).toEqual(["a,bad", "a"]);
});

it("the same read of one turn is sent once; other values make another read", async () => {
  const { queue, packets } = aQueue();
  const answers = await Promise.all(["1", "1", "2"].map((value) => queue.add(query("a", value), UNTIL)));
  expect(answers).toHaveLength(3);
  expect(packets).toEqual(["a 1,a 2"]);
});

it("a burst is split: the last of a packet waits for the others", async () => {
  const { queue, packets } = aQueue();
  await Promise.all(Array.from({ length: 65 }, (_, index) => queue.add(query("a", String(index)), UNTIL)));
  expect(packets).toHaveLength(2);
});
