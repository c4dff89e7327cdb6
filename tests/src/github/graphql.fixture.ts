/** Validates GraphQL requests to the stand-in and its responses against GitHub's published schema. */
import { readFileSync } from "node:fs";
import { buildSchema, execute, parse, validate, type GraphQLSchema } from "graphql";
import type { Exchange } from "@millrace/testing/github";

/** Concrete types of objects that are answered without `__typename`. */
const TYPES: Readonly<Record<string, string>> = { Node: "PullRequest", GitObject: "Commit" };

/** Validates each query against the schema, and each response by executing the query with the response as its data. */
export class GraphqlInspector {
  readonly problems: string[] = [];
  readonly #schema: GraphQLSchema;

  constructor() {
    this.#schema = buildSchema(readFileSync(new URL("../../fixtures/github/schema.graphql", import.meta.url), "utf8"));
  }

  async inspect({ operation, status, requestBody, responseBody }: Exchange): Promise<void> {
    if (status !== 200) return;
    const document = parse(textOf(requestBody, "query"));
    const tell = (problem: string): void => void this.problems.push(`${operation}: ${problem}`);
    for (const { message } of validate(this.#schema, document)) tell(message);
    const rootValue = fieldOf(responseBody, "data");
    if (rootValue === null || fieldOf(responseBody, "errors") !== null) return;
    const again = await execute({
      schema: this.#schema,
      document,
      rootValue,
      variableValues: Object(fieldOf(requestBody, "variables")) as Record<string, unknown>,
      typeResolver: (value, _context, _info, { name }) => textOf(value, "__typename") || TYPES[name],
    });
    for (const { message, path } of again.errors ?? []) tell(`${(path ?? []).join(".")}: ${message}`);
    if (again.errors === undefined && JSON.stringify(again.data) !== JSON.stringify(rootValue)) tell("answers more or less than was asked");
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? ((Reflect.get(value, name) as unknown) ?? null) : null;
}

function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === "string" ? text : "";
}
