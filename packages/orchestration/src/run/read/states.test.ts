import { readFileSync } from "node:fs";
import { runStatusSchema, stepStatusSchema } from "@millrace/contracts";
import { expect, it } from "vitest";

const page = readFileSync(new URL("../../../../../docs/states.md", import.meta.url), "utf8");

/** First column of the table under a heading. */
function statesUnder(heading: string): readonly string[] {
  const [, section = ""] = page.split(`## ${heading}\n`);
  const [table = ""] = section.split("\n## ");
  return [...table.matchAll(/^\| ([a-z]+) \|/gm)].map(([, state = ""]) => state).filter((state) => state !== "state");
}

it.each([
  ["A run", runStatusSchema.options],
  ["A step", stepStatusSchema.options],
])("docs/states.md has a row for every state: %s", (heading, states) => {
  expect(statesUnder(heading)).toEqual(states);
});
