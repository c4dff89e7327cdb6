import type { Compilable, CompiledQuery, ConstraintNode, Kysely } from "kysely";
import { AddConstraintNode, AlterTableNode, CreateTableBuilder, createQueryId } from "kysely";
import type { Tables } from "../aggregates/tables.js";

/**
 * The statements of a migration with primary and foreign keys after everything else. Until a table is analysed, the planner finds
 * several indexes equally good for a row's key and takes the one created last: it should be the key.
 */
export function keysLast(statements: readonly Compilable[], db: Kysely<Tables>): readonly CompiledQuery[] {
  const compiled: CompiledQuery[] = [];
  const primary: CompiledQuery[] = [];
  const foreign: CompiledQuery[] = [];
  const executor = db.getExecutor();
  for (const statement of statements) {
    if (!(statement instanceof CreateTableBuilder)) {
      compiled.push(statement.compile());
      continue;
    }
    const node = statement.toOperationNode();
    const constraints = node.constraints ?? [];
    const add = (constraint: ConstraintNode): CompiledQuery => {
      const alter = AlterTableNode.cloneWithTableProps(AlterTableNode.create(node.table), {
        addConstraint: AddConstraintNode.create(constraint),
      });
      return executor.compileQuery(alter, createQueryId());
    };
    compiled.push(executor.compileQuery({ ...node, constraints: constraints.filter((one) => !isKey(one)) }, createQueryId()));
    primary.push(...constraints.filter(isPrimary).map(add));
    foreign.push(...constraints.filter(isForeign).map(add));
  }
  return [...compiled, ...primary, ...foreign];
}

function isPrimary({ kind }: ConstraintNode): boolean {
  return kind === "PrimaryKeyConstraintNode";
}

function isForeign({ kind }: ConstraintNode): boolean {
  return kind === "ForeignKeyConstraintNode";
}

function isKey(constraint: ConstraintNode): boolean {
  return isPrimary(constraint) || isForeign(constraint);
}
