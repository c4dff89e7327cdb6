import { describe, expect, it } from "vitest";
import { builtInAgentKinds } from "./built-in.js";

describe("samples of the built-in agent kinds", () => {
  const structured = builtInAgentKinds.flatMap(({ id, answer, samples }) => (answer === null ? [] : [{ id, answer, samples }]));

  it.each(structured)("$id has some, and each is a valid answer", ({ answer, samples }) => {
    expect(samples.length).toBeGreaterThan(0);
    expect(samples.filter(([, value]) => !answer.safeParse(value).success)).toEqual([]);
  });

  it("are there for structured answers only", () => {
    expect(builtInAgentKinds.filter(({ answer, samples }) => answer === null && samples.length > 0)).toEqual([]);
  });
});
