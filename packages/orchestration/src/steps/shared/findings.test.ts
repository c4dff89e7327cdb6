import { describe, expect, it } from "vitest";
import { compareRounds, fingerprint, fingerprintOutput, fingerprints, fingerprintSchema, normalise } from "./findings.logic.js";

const of = (body: string, quotedSource?: string): string => fingerprint({ body, quotedSource });

describe("fingerprints", () => {
  it.each([
    ["case and spacing", "The  loop\n never ends", "the loop never ends"],
    ["the number of a line", "Off by one in line 12", "Off by one in line 340"],
    ["a range of lines", "See lines 12-14 and 20", "see lines 7"],
    ["a place in a file", "src/sum.ts:12:5 returns NaN", "src/sum.ts:90 returns NaN"],
    ["an anchor", "sum.ts#L12-L14 is dead code", "sum.ts#L3 is dead code"],
    ["a hunk header", "@@ -1,4 +1,6 @@ drop this", "@@ -10,4 +12,6 @@ drop this"],
  ])("do not depend on %s", (_what, one, other) => {
    expect(of(one)).toBe(of(other));
  });

  it.each([
    ["other words", of("the loop never ends"), of("the loop ends early")],
    ["a number that is no line", of("returns 3"), of("returns 4")],
    ["a port", of("listens on host:80"), of("listens on host:81")],
    ["another quotation", of("rename it", "let a"), of("rename it", "let b")],
    ["where the quotation ends", of("b c", "a"), of("c", "a b")],
    ["no quotation", of("rename it"), of("rename it", "let a")],
  ])("tell apart %s", (_what, one, other) => {
    expect(one).not.toBe(other);
  });

  it("never change: stored rounds are compared with new ones", () => {
    expect([of(""), of("the loop never ends"), of("rename it", "let a")]).toEqual([
      "8bd99c2c4e0b866d",
      "3bcdd63e98b95843",
      "d8b9dd323204432d",
    ]);
    expect(fingerprintSchema.safeParse(of("x")).success).toBe(true);
  });

  it("of a list are one of each, in an order that does not depend on the list's", () => {
    const [a, b] = [{ body: "a" }, { body: "b" }];
    expect(fingerprints([b, a, a])).toEqual(fingerprints([a, b]));
    expect(fingerprints([a, b])).toHaveLength(2);
  });

  it("of an output leave out what differs every time", () => {
    const output = (time: string, sha: string): string =>
      `${time} FAIL sum.test.ts (${sha})\nexpected 3, got 4 in ${time === "" ? 1 : 22}ms`;
    expect(fingerprintOutput(output("2026-11-23T05:41:02.123Z", "3e54d62"))).toBe(
      fingerprintOutput(output("2025-01-02 10:00:00", "b90fb8be01")),
    );
    expect(fingerprintOutput("took 1.5 s at 10:20:30")).toBe(fingerprintOutput("took 30 ms at 7:01"));
    expect(fingerprintOutput("expected 3, got 4")).not.toBe(fingerprintOutput("expected 3, got 5"));
  });

  it.each([
    ["a date alone", "on 2026-11-23", "on 1999-01-02"],
    ["a date with a time to the minute or the second", "on 2026-11-23 10:00", "on 1999-01-02t11:30:20z"],
    ["a fraction of a second in a date", "on 2026-11-23 10:00:00.123", "on 1999-01-02 10:00:00,4"],
    ["a time of day and its fraction", "at 10:20:30.123", "at 7:01:02,4"],
    ["a fraction of a duration", "took 1.55 s", "took 30 s"],
    ["the space before a unit", "took 5ms", "took 5 ms"],
    ["one second or more", "took 1 second", "took 20 seconds"],
    ["sec and secs", "took 1 sec", "took 20 secs"],
    ["one minute or more", "took 1 minute", "took 20 minutes"],
    ["min and mins", "took 1 min", "took 20 mins"],
  ])("of an output leave out %s", (_what, one, other) => {
    expect(fingerprintOutput(one)).toBe(fingerprintOutput(other));
  });

  it("of an output never change either: a head is compared with those before it", () => {
    const outputs = ["on 2026-11-23 x", "at 10:20 x", "took 5 ms x", "commit 3e54d62 x"];
    expect(outputs.map(fingerprintOutput)).toEqual(["on # x", "at # x", "took # x", "commit # x"].map((body) => fingerprintOutput(body)));
  });

  it("are quick on texts made to be slow", () => {
    const started = performance.now();
    for (const text of ["line ".repeat(5000), ".a".repeat(12_000), " ".repeat(25_000), "1 to ".repeat(5000), "@@ -".repeat(6000)])
      fingerprintOutput(text);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("normalise", () => {
  it.each([
    ["@@ -1,4 +1,6 @@ -9,2 +9,3 @@ drop this", "@@ drop this"],
    ["at line12, lines#3-4 and 7", "at line #, line #"],
    ["sum.ts#L12-14 is dead", "sum.tsline # is dead"],
    ["src/sum.ts:3:125 returns NaN", "src/sum.ts:# returns NaN".toLowerCase()],
  ])("leaves out every number of a place: %s", (text, expected) => expect(normalise(text)).toBe(expected));

  it("keeps what a finding says", () => {
    expect(normalise("  In `sum.ts:3:1`, Lines 3 to 5: use\tHTTP/2 on port 8080 ")).toBe("in `sum.ts:#`, line #: use http/2 on port 8080");
  });
});

describe("compareRounds", () => {
  it.each([
    ["the first round", [], ["a", "b"], { fresh: ["a", "b"], repeated: [], reseeded: [], gone: [] }],
    ["the same again", [["a"]], ["a"], { fresh: [], repeated: ["a"], reseeded: [], gone: [] }],
    ["one repaired, one new", [["a", "b"]], ["b", "c"], { fresh: ["c"], repeated: ["b"], reseeded: [], gone: ["a"] }],
    ["one that came back", [["a"], ["b"]], ["a"], { fresh: [], repeated: [], reseeded: ["a"], gone: ["b"] }],
    ["nothing any more", [["a"]], [], { fresh: [], repeated: [], reseeded: [], gone: ["a"] }],
  ])("%s", (_name, earlier, now, expected) => {
    expect(compareRounds(earlier, now)).toEqual(expected);
  });
});
