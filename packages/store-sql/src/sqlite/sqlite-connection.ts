/**
 * One SQLite database, open in this process.
 *
 * Owns: the handle, its prepared statements, transactions. Does not own: opening checks and migrations
 * (`open-database.ts`); which batches share a transaction (`batch-queue.ts`).
 * 1. A transaction runs without yielding to the event loop, so nothing of this process runs between its statements.
 * 2. It takes the write lock first (BEGIN IMMEDIATE): a transaction that read before it writes could
 *    lose its snapshot to another process and fail in the middle.
 * 3. A read sees every batch that was added before it, acknowledged or not.
 * 4. After a refused statement the transaction is rolled back before the error leaves.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { MillraceError } from "@millrace/kernel";
import type { Kysely } from "kysely";
import type { Tables } from "../aggregates/tables.js";
import type { CommitStatement } from "../commit/commit-statement.js";
import type { BoundRead, SqlConnection } from "../connection.js";
import type { Dialect } from "../dialect.js";
import type { Statement } from "../statement.js";
import { sqliteDialect } from "./sqlite-dialect.js";
import { BatchQueue } from "./batch-queue.js";
import { constraintOf, sqliteError } from "./sqlite-errors.logic.js";

export class SqliteConnection implements SqlConnection {
  readonly db: Kysely<Tables>;
  readonly dialect: Dialect = sqliteDialect;
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #prepared = new Map<string, StatementSync>();
  readonly #queue: BatchQueue = new BatchQueue((statements) => this.#transact(statements));

  constructor(database: DatabaseSync, db: Kysely<Tables>, path: string) {
    this.#database = database;
    this.db = db;
    this.#path = path;
  }

  async all<Args, Row>(statement: Statement<Args, Row>, args: Args): Promise<readonly Row[]> {
    this.#queue.flush();
    try {
      // The row type is what Kysely inferred for this very statement; documents inside are parsed by the reader.
      const rows: unknown = this.#prepare(statement.sql).all(...statement.bind(args));
      return rows as readonly Row[];
    } catch (error) {
      throw sqliteError(error, this.#path);
    }
  }

  async batch<Args, Row>(statements: readonly CommitStatement[], read?: BoundRead<Args, Row>): Promise<readonly Row[] | null> {
    await this.#queue.add(statements);
    return read === undefined ? null : this.all(read.statement, read.args);
  }

  #transact(statements: readonly CommitStatement[]): void {
    let current: CommitStatement | null = null;
    try {
      this.#prepare("begin immediate").run();
      for (current of statements) this.#prepare(current.sql).run(...current.values);
      current = null;
      this.#prepare("commit").run();
    } catch (error) {
      this.#rollback();
      throw this.#refusal(error, current);
    }
  }

  /** Value of a pragma, for tests of how the database was opened. */
  pragma(name: "synchronous" | "journal_mode" | "foreign_keys" | "busy_timeout"): unknown {
    return Object.values(this.#prepare(`pragma ${name}`).get() ?? {})[0];
  }

  /** Runs waiting batches first. Closing twice is harmless. */
  close(): void {
    this.#queue.flush();
    this.#prepared.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(text: string): StatementSync {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const prepared = this.#database.prepare(text);
    this.#prepared.set(text, prepared);
    return prepared;
  }

  #rollback(): void {
    if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec("rollback");
  }

  #refusal(error: unknown, statement: CommitStatement | null): MillraceError {
    const kind = constraintOf(error);
    const refusal = kind === null ? undefined : statement?.refusals?.[kind];
    return refusal === undefined ? sqliteError(error, this.#path) : refusal();
  }
}
