/** Every reference of the documents resolves: other documents, headings, files, and names inside files. */
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../repo-checks/lib.ts";
import { anchorsOf, codeOf, documents, linksOf, pathOf, referencesOf, textOf } from "./documents.ts";

/** `pnpm proofs` checks their references against the tests that vitest runs. */
const PROOFS = new Set([
  "docs/acceptance.md",
  "docs/faults.md",
  "docs/hostile-agents.md",
  "docs/weak-spots.md",
  "docs/weak-spots-platform.md",
]);
/** Report of one mutation run, about the files as they were then. */
const RECORDS = new Set(["docs/mutation.md"]);

describe.each(documents())("%s", (document) => {
  const text = textOf(document);

  it("has links that lead somewhere", () => {
    expect(linksOf(text).flatMap((target) => deadEnd(document, target))).toEqual([]);
  });

  it.skipIf(RECORDS.has(document))("names files and folders that exist", () => {
    const paths = codeOf(text).flatMap((code) => pathOf(code) ?? []);
    expect(paths.filter((one) => !existsSync(path.join(root, one)))).toEqual([]);
  });

  it.skipIf(PROOFS.has(document))("names what is in those files", () => {
    expect(referencesOf(text).flatMap(missing)).toEqual([]);
  });
});

it("finds dead ends, and follows what is not one", () => {
  const said = "[a](README.md) [b](README.md#try-it) [c](docs/gone.md) [d](README.md#gone) [e](https://example.org) `[f](no.md)`";
  expect(linksOf(said).flatMap((target) => deadEnd("AGENTS.md", target))).toEqual(["docs/gone.md", "README.md#gone", "no.md"]);
});

it("tells paths from other code, and knows where those of the engine are", () => {
  const codes = ["run/turn/turn.ts", "tests/", "pnpm test", "run/step/attempt", "turn.ts", "steps/<kind>/"];
  expect(codes.map(pathOf)).toEqual(["packages/orchestration/src/run/turn/turn.ts", "tests/", null, null, null, null]);
});

it("finds a name that is in no such file", () => {
  const said = "`run/turn/turn.ts` › `turn`, `run/turn/turn.ts` › `gone`, `run/turn/gone.ts` › `turn`";
  expect(referencesOf(said).flatMap(missing)).toEqual(["run/turn/turn.ts › gone", "run/turn/gone.ts › turn"]);
});

function deadEnd(document: string, target: string): readonly string[] {
  const [file = "", anchor] = target.split("#");
  const to = file === "" ? document : path.join(path.dirname(document), file);
  if (!existsSync(path.join(root, to))) return [target];
  return anchor === undefined || anchorsOf(textOf(to)).includes(anchor) ? [] : [target];
}

/** A name is a word of the file; a title of a test is any part of it. */
function missing({ file, name }: { readonly file: string; readonly name: string }): readonly string[] {
  const to = pathOf(file);
  if (to === null || !existsSync(path.join(root, to))) return [`${file} › ${name}`];
  const text = textOf(to);
  const isThere = /^[\w.]+$/.test(name) ? new RegExp(`\\b${name.replaceAll(".", "\\.")}\\b`).test(text) : text.includes(name);
  return isThere ? [] : [`${file} › ${name}`];
}
