import fc from "fast-check";
import { expect, it } from "vitest";
import { copyOf } from "./copy.logic.js";

it("a copy is equal and shares nothing with its original", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const original = { value, list: [value], nothing: undefined };
      const copy = copyOf(original);
      expect(copy).toStrictEqual(original);
      expect(copy.list).not.toBe(original.list);
      const isShared = typeof value === "object" && value !== null && copy.value === original.value;
      expect(isShared).toBe(false);
    }),
  );
});

it("a key that is called like the prototype is a key like any other", () => {
  const original: unknown = JSON.parse('{"__proto__": {"a": 1}, "b": 2}');
  expect(JSON.stringify(copyOf(original))).toBe('{"__proto__":{"a":1},"b":2}');
});

it("what is neither plain nor a list is refused", () => {
  expect(() => copyOf({ at: new Date(0) })).toThrow(TypeError);
  expect(() => copyOf(new Map())).toThrow(TypeError);
});
