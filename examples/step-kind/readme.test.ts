import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("its test is the example in the README of @millrace/testing", () => {
  const readme = readFileSync(new URL("../../packages/testing/README.md", import.meta.url), "utf8");
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block);
  expect(blocks).toContain(readFileSync(new URL("licence-check.test.ts", import.meta.url), "utf8"));
});
