/**
 * Cuts what Millrace says in GraphQL out of GitHub's published schema and writes it to `tests/fixtures/github/schema.graphql`:
 *
 *   npm pack @octokit/graphql-schema@15.26.1, unpack, node tooling/github-graphql/run.ts FOLDER/schema.graphql
 *
 * Run it again when `packages/integrations/src/github/graphql-texts.ts` changes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import {
  buildSchema,
  getNamedType,
  parse,
  print,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
  type ASTNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  type NamedTypeNode,
} from "graphql";

const TEXTS = new URL("../../packages/integrations/src/github/graphql-texts.ts", import.meta.url);
const TARGET = new URL("../../tests/fixtures/github/schema.graphql", import.meta.url);
const BUILT_IN = new Set(["String", "Int", "Float", "Boolean", "ID"]);

const [source] = process.argv.slice(2);
if (source === undefined) throw new Error("name the file schema.graphql of @octokit/graphql-schema");
const text = readFileSync(source, "utf8");
// The published schema declares one field twice.
const schema = buildSchema(text, { assumeValidSDL: true });
/** Fields by type; a type without any is kept whole. */
const used = new Map<string, Set<string>>();
const use = (type: string, field?: string): void => {
  const fields = used.get(type) ?? new Set<string>();
  used.set(type, fields);
  if (field !== undefined) fields.add(field);
};

for (const [, said = ""] of readFileSync(TEXTS, "utf8").matchAll(/`((?:query|mutation) [^`]*)`/g)) {
  const document = parse(said);
  const problems = validate(schema, document);
  if (problems.length > 0) throw new AggregateError(problems, "it does not fit the schema");
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      NamedType: ({ name }) => use(name.value),
      Argument: () => {
        const input = info.getInputType();
        if (input != null) use(getNamedType(input).name);
      },
      ObjectField: ({ name }) => {
        const parent = info.getParentInputType();
        const input = info.getInputType();
        if (parent != null) use(getNamedType(parent).name, name.value);
        if (input != null) use(getNamedType(input).name);
      },
      Field: ({ name }) => {
        const [parent, type] = [info.getParentType(), info.getType()];
        if (parent != null) use(parent.name, name.value);
        if (type != null) use(getNamedType(type).name);
      },
    }),
  );
}

const definitions = parse(text).definitions.flatMap((definition) => cut(definition));
const header = `# Cut out of GitHub's GraphQL schema by tooling/github-graphql/run.ts: what Millrace says, and nothing else.\n`;
writeFileSync(TARGET, `${header}${definitions.map((one) => print(bare(one))).join("\n\n")}\n`);
buildSchema(readFileSync(TARGET, "utf8"));
console.log(`${String(definitions.length)} types`);

function cut(definition: DefinitionNode): readonly DefinitionNode[] {
  if (!("name" in definition) || definition.name === undefined) return [];
  const name = definition.name.value;
  const fields = used.get(name);
  if (fields === undefined || BUILT_IN.has(name)) return [];
  const isUsed = ({ name: { value } }: NamedTypeNode): boolean => used.has(value);
  switch (definition.kind) {
    case "ObjectTypeDefinition":
    case "InterfaceTypeDefinition": {
      const interfaces = (definition.interfaces ?? []).filter(isUsed);
      // A type has what its interfaces have; one that nothing is asked of has its id.
      const inherited = interfaces.flatMap((one) => [...(used.get(one.name.value) ?? []), ...(one.name.value === "Node" ? ["id"] : [])]);
      const needed = new Set([...fields, ...inherited, ...(name === "Node" ? ["id"] : [])]);
      const kept = (definition.fields ?? []).filter((one) => needed.has(one.name.value));
      return [{ ...definition, interfaces, fields: kept.map(withKnownArguments) }];
    }
    case "InputObjectTypeDefinition":
      return [{ ...definition, fields: (definition.fields ?? []).filter((one) => fields.has(one.name.value)) }];
    case "UnionTypeDefinition":
      return [{ ...definition, types: (definition.types ?? []).filter(isUsed) }];
    default:
      return [definition];
  }
}

/** An argument whose type is not kept is not used either. */
function withKnownArguments(field: FieldDefinitionNode): FieldDefinitionNode {
  return { ...field, arguments: (field.arguments ?? []).filter(({ type }) => BUILT_IN.has(nameOf(type)) || used.has(nameOf(type))) };
}

function nameOf(type: ASTNode): string {
  if (type.kind === "NamedType") return type.name.value;
  if (type.kind === "NonNullType" || type.kind === "ListType") return nameOf(type.type);
  throw new TypeError(`${type.kind} is no type`);
}

/** Without prose and directives. */
function bare<T extends ASTNode>(node: T): T {
  return visit(node, {
    enter: (one) => ("description" in one && one.description !== undefined ? { ...one, description: undefined } : undefined),
    Directive: () => null,
  });
}
