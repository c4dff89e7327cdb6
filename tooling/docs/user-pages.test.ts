import { createRegistries, parsePipeline } from "@millrace/orchestration";
import { expect, it } from "vitest";
import { tableOf, textOf } from "./documents.ts";
import { generatedTables } from "./user-pages.ts";

it.each(generatedTables)("F:E9 $page has the rows of its registry: $header", ({ page, header, rows, own = 0 }) => {
  const found = tableOf(textOf(page), header);
  expect(found.map((cells) => cells.slice(0, cells.length - own))).toEqual(rows);
  expect(found.flat().every((cell) => cell !== "")).toBe(true);
});

it("F:E9 every pipeline file that the page shows can be added", () => {
  const blocks = [...textOf("docs/pipelines.md").matchAll(/^```json\n(?<block>[\s\S]*?)^```/gm)].map(
    ({ groups }) => groups?.["block"] ?? "",
  );
  expect(blocks.map((block) => parsePipeline(JSON.parse(block), createRegistries()).id)).toEqual(["pl_mine"]);
});

it("F:E9 the page of forges has a heading for each forge that a board may be on", () => {
  const schema = textOf("apps/cli/src/config/config.schema.ts");
  const names = /forge: z\.enum\(\[(?<names>[^\]]+)\]\)/.exec(schema)?.groups?.["names"]?.match(/[\w-]+/g) ?? [];
  const headings = textOf("docs/forges.md").match(/^## .*$/gm) ?? [];
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !headings.some((heading) => heading.includes(`\`${name}\``)))).toEqual([]);
});
