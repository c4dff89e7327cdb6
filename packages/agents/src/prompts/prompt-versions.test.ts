import { digestText } from "@millrace/kernel";
import { expect, it } from "vitest";
import { builtInAgentKinds } from "../kinds/built-in.js";
import { promptLabel } from "../kinds/kind.js";
import { recordedPrompts } from "./recorded-prompts.fixture.js";

it("a role text that changes has a higher version: steps record which one their agent was given", async () => {
  const found: Record<string, string> = {};
  for (const kind of builtInAgentKinds) found[promptLabel(kind)] = (await digestText(kind.role)).slice(0, 12);
  // A text that changed on purpose: raise `promptVersion` of its kind, and record it under its new label.
  expect(found).toEqual(recordedPrompts);
});
