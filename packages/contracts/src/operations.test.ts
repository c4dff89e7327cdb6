import { describe, expect, it } from "vitest";
import { z } from "zod";
import { capabilitySchema, errorCodeSchema, operations, type Operation } from "./index.js";

const table: readonly (readonly [string, Operation])[] = Object.entries<Operation>(operations);
const parametersOf = ({ path }: Operation): readonly string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);

describe("the operation table", () => {
  it("names each row of the work list once", () => {
    const ids = table.flatMap(([, { id, also = [] }]) => [id, ...also]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[A-Z]{3}-\d{2}[a-z]?$/);
  });

  it("has each route once, whatever its parameters are called", () => {
    const routes = table.map(([, { method, path }]) => `${method} ${path.replaceAll(/\{\w+\}/g, "{}")}`);
    expect(new Set(routes).size).toBe(routes.length);
  });
});

describe.each(table)("%s", (name, operation) => {
  it("is named by its module and a verb", () => {
    expect(name).toMatch(/^[a-z-]+\.[a-zA-Z]+$/);
  });

  it("takes every parameter of its path as a member of its input, and no unknown one", () => {
    expect(Object.keys(operation.input.shape)).toEqual(expect.arrayContaining([...parametersOf(operation)]));
    expect(operation.input.safeParse({ surprise: 1 }).error?.issues).toContainEqual(expect.objectContaining({ code: "unrecognized_keys" }));
  });

  it("has only codes and a capability that exist, each code once", () => {
    expect(errorCodeSchema.options).toEqual(expect.arrayContaining([...operation.errors]));
    expect(new Set(operation.errors).size).toBe(operation.errors.length);
    expect([...capabilitySchema.options, "public"]).toContain(operation.capability);
  });

  it("can be documented as JSON Schema, in and out", () => {
    expect(z.toJSONSchema(operation.input, { io: "input" })).toMatchObject({ type: "object", additionalProperties: false });
    expect(operation.output === null ? {} : z.toJSONSchema(operation.output)).toBeTypeOf("object");
    expect(operation.summary).toMatch(/^[A-Z].*\.$/);
  });
});
