import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("is the example in the README of @millrace/testing", () => {
  const readme = readFileSync(new URL("../../packages/testing/README.md", import.meta.url), "utf8");
  const [, subject] = /```ts run\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(subject).toBe(readFileSync(new URL("pipeline.test.ts", import.meta.url), "utf8"));
});
