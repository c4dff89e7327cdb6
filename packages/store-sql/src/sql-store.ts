import type { ChangeSet, Clock, CommitOptions, RunContext, Store } from "@millrace/kernel";
import { assertOneScope } from "@millrace/kernel";
import { storeReads } from "./aggregates/index.js";
import { runContextRead } from "./aggregates/runs/context.js";
import { createPlanner } from "./commit/plan.js";
import type { SqlConnection } from "./connection.js";
import type { BoundStatement } from "./statement.js";

/** What a commit of the SQL store is asked beside its changes. */
export interface SqlCommitOptions extends CommitOptions {
  /** Statements that run after the changes, in the same transaction. Default none. */
  readonly more?: readonly BoundStatement[];
}

/** The store port, for a host that writes more in the same transaction: a queue in the same database. */
export interface StoreWithMore extends Store {
  /** As the port's. Like there, a commit without changes writes nothing, `more` included. */
  commit(changes: ChangeSet, options?: SqlCommitOptions): Promise<RunContext | null>;
}

/** The store port over any SQL connection. */
export function createSqlStore(connection: SqlConnection, clock: Clock): StoreWithMore {
  const plan = createPlanner(connection, clock);
  const context = runContextRead(connection);
  return {
    ...storeReads(connection, context.read),
    async commit(changes, { contextOf, more = [] } = {}) {
      assertOneScope(changes);
      const statements = plan(changes, more);
      if (statements.length === more.length) return null;
      if (contextOf !== undefined) return context.parse(contextOf, await connection.batch(statements, context.bind(contextOf)));
      await connection.batch(statements);
      return null;
    },
  };
}
