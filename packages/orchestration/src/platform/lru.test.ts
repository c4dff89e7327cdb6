import { describe, expect, it } from "vitest";
import { Lru } from "./lru.js";

describe("an LRU cache", () => {
  it("holds at most its capacity; what was used least recently gives way", () => {
    const cache = new Lru<string, number>(2);
    cache.set("a", 1);
    cache.set("b", 2);
    expect(cache.get("a")).toBe(1);
    cache.set("c", 3);
    expect(["a", "b", "c"].map((key) => cache.get(key))).toEqual([1, undefined, 3]);
  });

  it("counts what an entry weighs, and an entry set again once", () => {
    const cache = new Lru<string, string>(5, (text) => text.length);
    cache.set("a", "aaa");
    cache.set("a", "a");
    cache.set("b", "bbbb");
    expect([cache.get("a"), cache.get("b")]).toEqual(["a", "bbbb"]);
    cache.set("c", "c");
    expect(["a", "b", "c"].map((key) => cache.has(key))).toEqual([false, true, true]);
  });

  it("forgets what is deleted, and has room for it again", () => {
    const cache = new Lru<string, number>(1);
    cache.set("a", 1);
    cache.delete("a");
    cache.delete("a");
    expect(cache.get("a")).toBeUndefined();
    cache.set("b", 2);
    expect(cache.get("b")).toBe(2);
  });

  it("does not keep an entry that weighs more than all of it", () => {
    const cache = new Lru<string, string>(3, (text) => text.length);
    cache.set("long", "long text");
    expect(cache.has("long")).toBe(false);
  });
});
