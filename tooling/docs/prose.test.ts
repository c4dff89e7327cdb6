import { expect, it } from "vitest";
import { documents, proseOf, textOf } from "./documents.ts";

/** Columns of a line of prose. Tables and links that stand alone may be longer. */
const COLUMNS = 120;

/** The documents of the repository as a whole, but the record of a mutation run. A README of a package goes by the same rule, in review. */
const own = documents().filter((file) => (!file.includes("/") || file.startsWith("docs/")) && file !== "docs/mutation.md");

it.each(own)("%s keeps its prose within 120 columns", (file) => {
  const long = proseOf(textOf(file))
    .split("\n")
    .flatMap((line, index) => (line.length > COLUMNS && !line.startsWith("|") && !line.startsWith("[") ? [`line ${index + 1}`] : []));
  expect(long).toEqual([]);
});
