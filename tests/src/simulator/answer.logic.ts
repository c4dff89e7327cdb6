/** Random values that fit a JSON Schema, so that agents of any kind can be simulated. */
import type { JsonValue } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { z } from "zod";
import type { Random } from "./random.logic.js";

const schemaNode = z.looseObject({
  type: z.string().optional(),
  const: z.json().optional(),
  enum: z.array(z.json()).optional(),
  anyOf: z.array(z.json()).optional(),
  oneOf: z.array(z.json()).optional(),
  allOf: z.array(z.json()).optional(),
  properties: z.record(z.string(), z.json()).optional(),
  required: z.array(z.string()).optional(),
  items: z.json().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
  $ref: z.string().optional(),
});
type Node = z.infer<typeof schemaNode>;

/** Maximum number of items beyond the schema's minimum. */
const MAX_ITEMS = 2;
/** Maximum depth of recursive schemas. */
const MAX_DEPTH = 12;

/**
 * A random value that fits `schema`. `of` names the kind in errors.
 *
 * @throws MillraceError `validation` naming the part of the schema that it does not support.
 */
export function answerFor(schema: JsonValue, random: Random, of = "a kind"): JsonValue {
  return answer(schema, { random, root: schema, path: `${of}: answer`, depth: 0 });
}

interface Place {
  readonly random: Random;
  readonly root: JsonValue;
  readonly path: string;
  readonly depth: number;
}

function answer(schema: JsonValue, place: Place): JsonValue {
  const node = schemaNode.parse(schema === true ? {} : schema);
  const { random } = place;
  if (place.depth > MAX_DEPTH) throw unanswerable(place, "is nested too deeply");
  if (node.$ref !== undefined) return answer(referred(node.$ref, place), { ...place, depth: place.depth + 1 });
  if (node.const !== undefined) return node.const;
  if (node.enum !== undefined) return random.pick(node.enum);
  const choices = node.anyOf ?? node.oneOf ?? node.allOf;
  if (choices !== undefined) return answer(random.pick(choices), { ...place, depth: place.depth + 1 });
  switch (node.type) {
    case "object":
      return object(node, place);
    case "array":
      return list(node, place);
    case "string":
      return text(node, place);
    case "number":
      return round(fromTo(node) + random.next() * spanOf(node));
    case "integer":
      return wholeFrom(node) + random.below(Math.max(1, Math.floor(spanOf(node))));
    case "boolean":
      return random.chance(0.5);
    case "null":
      return null;
    default:
      throw unanswerable(place, `has the type '${node.type ?? "none"}'`);
  }
}

function object(node: Node, place: Place): JsonValue {
  const required = new Set(node.required);
  const entries = Object.entries(node.properties ?? {}).filter(([name]) => required.has(name) || place.random.chance(0.5));
  return Object.fromEntries(
    entries.map(([name, schema]) => [name, answer(schema, { ...place, path: `${place.path}.${name}`, depth: place.depth + 1 })]),
  );
}

function list(node: Node, place: Place): JsonValue {
  const least = node.minItems ?? 0;
  const most = Math.min(node.maxItems ?? least + MAX_ITEMS, least + MAX_ITEMS);
  const length = least + place.random.below(most - least + 1);
  const { items } = node;
  if (items === undefined) throw unanswerable(place, "is a list of nothing in particular");
  return Array.from({ length }, (_, index) => answer(items, { ...place, path: `${place.path}[${index}]`, depth: place.depth + 1 }));
}

/** A text for a pattern is a guess; the kind's own schema judges the whole answer. */
function text(node: Node, place: Place): string {
  const word = `w${place.random.below(1000)}`;
  const long = word.padEnd(node.minLength ?? 0, "x").slice(0, node.maxLength);
  if (node.pattern !== undefined && !new RegExp(node.pattern, "u").test(long)) throw unanswerable(place, `has the pattern ${node.pattern}`);
  return long;
}

function fromTo(node: Node): number {
  return node.minimum ?? node.exclusiveMinimum ?? 0;
}

function wholeFrom(node: Node): number {
  return node.minimum ?? (node.exclusiveMinimum === undefined ? 0 : node.exclusiveMinimum + 1);
}

function spanOf(node: Node): number {
  return Math.min((node.maximum ?? fromTo(node) + 10) - fromTo(node), 1_000_000);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function referred(ref: string, place: Place): JsonValue {
  let at: JsonValue | undefined = place.root;
  for (const name of ref.split("/").slice(1)) at = isRecord(at) ? at[name] : undefined;
  if (at === undefined) throw unanswerable(place, `refers to '${ref}', which is not there`);
  return at;
}

function isRecord(value: JsonValue | undefined): value is { readonly [name: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unanswerable(place: Place, why: string): MillraceError {
  return new MillraceError("validation", `no random answer can be made: ${place.path} ${why}`, {
    fix: "script the kind in simulate({ script })",
  });
}
