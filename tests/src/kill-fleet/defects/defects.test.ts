import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { DEFECTS } from "./defects.js";

it.each(Object.entries(DEFECTS))("'%s' fits the source", (_name, changes) => {
  for (const { file, from } of changes) {
    const source = readFileSync(fileURLToPath(new URL(`../../../../packages/${file}`, import.meta.url)), "utf8");
    expect(source.split(from)).toHaveLength(2);
  }
});
