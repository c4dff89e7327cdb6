import { boardEventSchema, EVENT_SHAPE_VERSION, runEventSchema } from "@millrace/contracts";
import { createRegistries, type DefinedStepKind } from "@millrace/orchestration";
import { expect, it } from "vitest";
import { tableOf, textOf } from "./documents.ts";

const page = textOf("docs/events.md");
const ofRuns = tableOf(page, ["event", "what it means", "written when", "changes in the run", "since"]);
const ofBoards = tableOf(page, ["event", "what it means", "written by", "since"]);
const facts = tableOf(page, ["step kind", "fact", "what the step kind learnt"]);

it.each([
  ["a run", ofRuns, runEventSchema.options.map(({ shape }) => shape.type.value)],
  ["a board", ofBoards, boardEventSchema.options.map(({ shape }) => shape.type.value)],
])("every event of %s has its row, and no row is of another", (_of, rows, types) => {
  expect(rows.map(([event]) => event)).toEqual(types.map((type) => `\`${type}\``));
});

it("every fact of every step kind has its row, and no row is of another", () => {
  const declared = createRegistries()
    .stepKinds.list()
    .flatMap((kind) => factsOf(kind).map((fact) => `\`${kind.name}\` \`${fact}\``));
  expect(facts.map(([kind, fact]) => `${kind} ${fact}`).toSorted()).toEqual(declared.toSorted());
});

it("no event is of a shape that is still to come", () => {
  const since = [...ofRuns, ...ofBoards].map((row) => Number(row.at(-1)));
  expect(since.filter((version) => !(version >= 1 && version <= EVENT_SHAPE_VERSION))).toEqual([]);
});

/** The tags of a kind's facts. A panel lets the facts of the kind it wraps pass: its own stand in its source. */
function factsOf({ name, fact, isPanel }: DefinedStepKind): readonly string[] {
  const schema = isPanel ? textOf(`packages/orchestration/src/steps/${name}/state.ts`) : JSON.stringify(fact.toJSONSchema());
  const tag = isPanel ? /is: z\.literal\("(?<tag>[^"]+)"\)/g : /"is":\{"type":"string","const":"(?<tag>[^"]+)"/g;
  return [...schema.matchAll(tag)].flatMap(({ groups }) => groups?.["tag"] ?? []);
}
