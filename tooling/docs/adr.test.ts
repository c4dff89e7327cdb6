import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../repo-checks/lib.ts";
import { tableRows } from "../repo-checks/markdown.ts";
import { textOf } from "./documents.ts";

const RECORD = /^(?<number>\d{4})-[a-z0-9-]+\.md$/;
const HEAD = /^# (?<number>\d+)\. (?<title>.+)\n\n- Status: (?:accepted|superseded by .+)\n- Date: \d{4}-\d{2}-\d{2}\n\n/;
const SECTIONS = ["## Context", "## Options", "## Decision", "## Consequences"];

const files = readdirSync(path.join(root, "docs/adr")).filter((file) => file !== "README.md");

it.each(files)("the name of %s begins with a number of its own", (file) => {
  const number = RECORD.exec(file)?.groups?.["number"];
  expect(number).toBeDefined();
  expect(files.filter((one) => one.startsWith(`${number}-`))).toEqual([file]);
});

describe.each(files)("%s", (file) => {
  const text = textOf(`docs/adr/${file}`);
  const { number, title } = HEAD.exec(text)?.groups ?? {};

  it("has a title with the number of its file, a status and a date", () => {
    expect(Number(number)).toBe(Number(file.slice(0, 4)));
  });

  it("has the four sections, in order, and text in each", () => {
    const lines = text.split("\n");
    expect(lines.filter((line) => line.startsWith("## "))).toEqual(SECTIONS);
    for (const section of SECTIONS) expect(lines[lines.indexOf(section) + 2]?.trim()).toMatch(/^[^#]/);
  });

  it("is in the table of decisions", () => {
    const row = tableRows(textOf("docs/adr/README.md")).find(([cell]) => cell === number);
    expect(row).toEqual([number, `[${title}](${file})`]);
  });
});
