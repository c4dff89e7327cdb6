/**
 * The tables with rows of workspaces, read off the migrations that create them: no list that a new module could be missing in.
 */
import { AddColumnNode, AlterTableNode, CreateTableNode, ForeignKeyConstraintNode, type Kysely, type OperationNode } from "kysely";
import type { Tables } from "../aggregates/tables.js";
import type { Dialect } from "../dialect.js";
import type { Migration } from "./migration.js";

/** A table with a column `workspace_id`. */
export interface TableOfWorkspaces {
  readonly name: string;
  /** Column with the `id` of another row of the same table that has to exist; null: none. */
  readonly parentColumn: string | null;
}

const COLUMN = "workspace_id";

/** Those tables; the ones that others point at come last. */
export function tablesOfWorkspaces(migrations: readonly Migration[], db: Kysely<Tables>, dialect: Dialect): readonly TableOfWorkspaces[] {
  const nodes = migrations.flatMap(({ statements }) =>
    statements(db, dialect).map((statement): OperationNode => statement.compile().query),
  );
  const parents = new Map(nodes.filter(CreateTableNode.is).map((node) => [nameOf(node.table), parentColumnOf(node)]));
  const names = nodes.flatMap((node) => {
    if (CreateTableNode.is(node)) return node.columns.some(({ column }) => column.column.name === COLUMN) ? [nameOf(node.table)] : [];
    if (AlterTableNode.is(node)) return addsColumn(node) ? [nameOf(node.table)] : [];
    return [];
  });
  // A foreign key points at a table that was created before.
  return [...new Set(names)].toReversed().map((name) => ({ name, parentColumn: parents.get(name) ?? null }));
}

const nameOf = (table: CreateTableNode["table"]): string => table.table.identifier.name;

function addsColumn({ columnAlterations = [] }: AlterTableNode): boolean {
  return columnAlterations.some((node) => AddColumnNode.is(node) && node.column.column.column.name === COLUMN);
}

function parentColumnOf({ table, constraints = [] }: CreateTableNode): string | null {
  const own = constraints.find((node) => ForeignKeyConstraintNode.is(node) && nameOf(node.references.table) === nameOf(table));
  if (own === undefined || !ForeignKeyConstraintNode.is(own)) return null;
  return own.columns.map(({ column }) => column.name).find((name) => name !== COLUMN) ?? null;
}
