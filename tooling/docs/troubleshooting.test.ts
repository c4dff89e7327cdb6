import { failureKindSchema } from "@millrace/contracts";
import { expect, it } from "vitest";
import { run } from "../repo-checks/lib.ts";
import { tableOf, textOf } from "./documents.ts";

const page = textOf("docs/troubleshooting.md");
const firstCells = (header: readonly string[]): readonly string[] =>
  tableOf(page, header).map(([cell]) => (cell ?? "").replaceAll("`", ""));

it("every family of failures has its row, and no row is of another", () => {
  expect(firstCells(["failure", "what happened", "look at"])).toEqual(failureKindSchema.options);
});

it("every event of the engine's and the hosts' logs has its row, and no row is of another", () => {
  const sources = ["packages/orchestration/src/*.ts", "packages/runtime-host/src/*.ts", "packages/executors/src/*.ts"];
  const found = run("git", ["grep", "-h", "-o", "-E", String.raw`logFailure\([^"]+"[a-z-]+"`, "--", ...sources]).output;
  const events = [...found.matchAll(/"(?<event>[a-z-]+)"/g)].flatMap(({ groups }) => groups?.["event"] ?? []);
  expect(firstCells(["log event", "what it means", "what follows"]).toSorted()).toEqual([...new Set(events)].toSorted());
});
