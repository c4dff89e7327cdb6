import { expect, it } from "vitest";
import { LAYERS } from "../repo-checks/layer-rules.ts";
import { tableOf, textOf } from "./documents.ts";

const page = textOf("docs/architecture.md");
const layers = tableOf(page, ["layer", "package", "what lives there", "may import"]).map(([layer, name, , imports]) => ({
  layer: Number(layer),
  name: name?.replaceAll("`", "") ?? "",
  imports: imports ?? "",
}));

it("every package of the layer table has its row, and no row is of another", () => {
  expect(layers.map(({ name }) => name).toSorted()).toEqual(Object.keys(LAYERS).toSorted());
});

it("every row says what its package may import", () => {
  const said = layers.map(({ name, imports }) => [name, importsOf(imports).toSorted()]);
  expect(said).toEqual(layers.map(({ name }) => [name, (LAYERS[name]?.workspace ?? []).toSorted()]));
});

it("every package imports lower layers only", () => {
  const layerOf = new Map(layers.map(({ name, layer }) => [name, layer]));
  const upwards = layers.flatMap(({ layer, imports }) =>
    importsOf(imports).filter((one) => !((layerOf.get(one) ?? Infinity) < layer || Number.isNaN(layer))),
  );
  expect(upwards).toEqual([]);
});

it.each([
  [
    "option of the composition",
    ["option", "what it changes", "default"],
    [
      ["packages/orchestration/src/options.ts", "OrchestrationOptions"],
      ["packages/orchestration/src/steps/registry.ts", "Registrations"],
    ],
  ],
  [
    "port of the engine",
    ["port", "interface", "adapters", "off means"],
    [
      ["packages/orchestration/src/platform/ports.ts", "OrchestrationPorts"],
      ["packages/kernel/src/ports/services.port.ts", "OutsideServices"],
    ],
  ],
] as const)("every %s has its row, and no row is of another", (_what, header, interfaces) => {
  const members = interfaces.flatMap(([file, name]) => membersOf(file, name));
  const rows = tableOf(page, header).map(([cell = ""]) => cell.replaceAll("`", ""));
  expect(rows.toSorted()).toEqual(members.toSorted());
});

it.each([
  ["I", 16],
  ["P", 16],
])("%s1 to %s%i have one row each, in order", (letter, last) => {
  const ids = page.split("\n").flatMap((line) => /^\| (?<id>[IP]\d+) \|/.exec(line)?.groups?.["id"] ?? []);
  expect(ids.filter((id) => id.startsWith(letter))).toEqual(Array.from({ length: last }, (_, index) => `${letter}${index + 1}`));
});

function importsOf(cell: string): readonly string[] {
  const all = layers.map(({ name }) => name);
  if (cell === "every package but testing") return all.filter((name) => !["testing", "tests", "cli"].includes(name));
  if (cell === "every package but cli") return all.filter((name) => !["tests", "cli"].includes(name));
  return cell === "–" ? [] : cell.split(", ");
}

/** Names of the members that an interface declares itself. */
function membersOf(file: string, name: string): readonly string[] {
  const body = new RegExp(`^export interface ${name}\\b[^{]*\\{\n(?<body>[\\s\\S]*?)^\\}`, "m").exec(textOf(file))?.groups?.["body"] ?? "";
  return [...body.matchAll(/^ {2}readonly (?<member>\w+)\??:/gm)].flatMap(({ groups }) => groups?.["member"] ?? []);
}
