/**
 * A pool of connections to one PostgreSQL database.
 *
 * Owns: how statements travel, and the meaning of a lost connection. Does not own: opening checks and migrations (`open-postgres.ts`).
 * 1. A batch is one round trip: one statement where its parts may be combined (`statement-batching.logic.ts`), else BEGIN, its
 *    statements and COMMIT, sent together. When the server refuses one it refuses the rest, and COMMIT answers ROLLBACK. Batches that
 *    wait at the same time share a transaction, and equal statements of several become one (`commit-queue.ts`).
 * 2. A batch is answered when its transaction has ended: an answered commit never holds back readers of the log.
 * 3. A batch whose answer is lost rejects with `unavailable` and `details.outcome` `unknown`. It is not sent again here: its guards would
 *    refuse the effects of its own first copy, and the caller would take them for another process's.
 * 4. A transaction whose statements depend on each other costs a round trip for each: only a queue beside the store needs one.
 * 5. Reads of one turn of the event loop are one round trip (`read-queue.ts`).
 * 6. Work that certainly did not happen is retried: a transaction that lost a deadlock, a connection that could not be made, a read.
 */
import { setTimeout as wait } from "node:timers/promises";
import { MillraceError } from "@millrace/kernel";
import type { Kysely } from "kysely";
import type { Pool, PoolClient, QueryConfig, QueryResult } from "pg";
import type { Tables } from "../aggregates/tables.js";
import type { CommitStatement } from "../commit/commit-statement.js";
import type { BoundRead, SqlConnection } from "../connection.js";
import type { Dialect } from "../dialect.js";
import type { Statement } from "../statement.js";
import { CommitQueue, type Commit, type GroupOutcome, type Outcome } from "./commit-queue.js";
import { fromPostgres, toPostgres } from "./postgres-text.logic.js";
import { postgresDialect } from "./postgres-dialect.js";
import { ReadQueue, type Answer } from "./read-queue.js";
import { batched, sequential, StatementCache, type WireStatement } from "./statement-batching.logic.js";
import type { PostgresQuery } from "./wakeup-rows.js";
import {
  constraintOf,
  isFull,
  isLost,
  isOutdated,
  isPassing,
  isRowWrittenTwice,
  postgresError,
  sqlstateOf,
  unreachable,
} from "./postgres-errors.logic.js";

/** Attempts of a transaction that loses to others. Each time at least one other has ended. */
const MAX_ATTEMPTS = 20;
const RETRY_MS = 50;
/** Advisory lock of retried transactions, so that they run one at a time: they cannot deadlock with each other again, which costs a second each time. */
const RETRY_LOCK: WireStatement = {
  sql: "select pg_advisory_xact_lock(hashtextextended('millrace/again', 0))",
  values: [],
  origin: null,
};
const BEGIN = { name: "begin", text: "begin" };
const COMMIT = { name: "commit", text: "commit" };

export interface PostgresConnectionOptions {
  readonly pool: Pool;
  readonly db: Kysely<Tables>;
  /** Of the database, without its password. */
  readonly name: string;
  readonly primaryKeys: ReadonlySet<string>;
  /** Time to look for a server that is away, in ms. */
  readonly reconnectMs: number;
}

interface Failure {
  /** The refused statement; null for BEGIN and COMMIT, and for a combined statement. */
  readonly statement: CommitStatement | null;
  readonly error: unknown;
}

export class PostgresConnection implements SqlConnection {
  readonly db: Kysely<Tables>;
  readonly dialect: Dialect = postgresDialect;
  readonly #options: PostgresConnectionOptions;
  readonly #names = new Map<string, string>();
  readonly #cache = new StatementCache();
  readonly #reads = new ReadQueue((queries, until) => this.#ask(queries, until));
  readonly #commits = new CommitQueue<Failure>({
    together: async (commits) => {
      const statements = batched(sharedRowsLast(commits), this.#cache);
      return this.#transact(
        await this.#connected(),
        statements,
        commits.map(({ read }) => read),
      );
    },
    alone: ({ statements, read }) => this.#land(batched(statements, this.#cache), read),
    isUnknown: ({ error }) => isLost(error),
  });
  readonly #pending = new Set<Promise<unknown>>();
  #closed: Promise<void> | null = null;
  #isEnded = false;

  constructor(options: PostgresConnectionOptions) {
    this.#options = options;
    this.db = options.db;
  }

  get name(): string {
    return this.#options.name;
  }

  all<Args, Row>(statement: Statement<Args, Row>, args: Args): Promise<readonly Row[]> {
    return this.#tracked(() => this.#rows(statement, args));
  }

  batch<Args, Row>(statements: readonly CommitStatement[], read?: BoundRead<Args, Row>): Promise<readonly Row[] | null> {
    return this.#tracked(async () => {
      const answer = await this.#commit({ statements, read: read === undefined ? null : this.#query(read) });
      // The row type is what Kysely inferred for this very statement.
      return answer === null || answer.error !== null ? null : (answer.rows as readonly Row[]);
    });
  }

  async #rows<Args, Row>(statement: Statement<Args, Row>, args: Args): Promise<readonly Row[]> {
    const until = performance.now() + this.#options.reconnectMs;
    const query = this.#query({ statement, args });
    for (let attempt = 1; ; attempt += 1) {
      const { error, rows } = await (statement.reads ? this.#reads.add(query, until) : this.#alone(query, until));
      // The row type is what Kysely inferred for this very statement; documents inside are parsed by the reader.
      if (error === null) return rows as readonly Row[];
      const again = isLost(error) ? statement.reads && performance.now() < until : isPassing(error) || sqlstateOf(error)?.code === "23505";
      if (!again || attempt >= MAX_ATTEMPTS) throw this.#failed({ statement: null, error });
    }
  }

  async #commit({ statements, read }: Commit): Promise<Answer | null> {
    // A statement that states its tables takes no lock but those of its rows, and may share a transaction.
    const isShared = statements.every(({ tables }) => tables !== undefined);
    const outcome = await (isShared ? this.#commits.add({ statements, read }) : this.#land(batched(statements, this.#cache), read));
    if (outcome.is === "landed") return outcome.answer;
    const { statement, error } = outcome.failure;
    const isRefused = constraintOf(error, this.#options.primaryKeys) !== null || isRowWrittenTwice(error);
    if (!isRefused || (statement !== null && statement.fallback === undefined)) throw this.#failed(outcome.failure);
    // Sent one by one, the server says which statement it refuses.
    const inOrder = await this.#land(sequential(statements, this.#cache), read);
    if (inOrder.is === "failed") throw this.#failed(inOrder.failure);
    return inOrder.answer;
  }

  /** Runs one statement of another owner of the database, once. Rejects with the driver's own errors, which that owner understands. */
  async query(text: string, values: readonly unknown[] = []): Promise<{ readonly rows: readonly unknown[] }> {
    const client = await this.#client(performance.now() + this.#options.reconnectMs);
    try {
      // Without values it may be a script of several statements: their rows, one after the other.
      const result: QueryResult | QueryResult[] = await client.query(text, [...values]);
      client.release();
      return { rows: [result].flat().flatMap(({ rows }) => rows) };
    } catch (error) {
      // A script may have left a transaction open.
      client.release(true);
      throw error;
    }
  }

  /** Runs statements that depend on each other in one transaction; when it loses to another one, all of `work` runs again. */
  async transaction<T>(work: (query: PostgresQuery) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const client = await this.#client(performance.now() + this.#options.reconnectMs);
      try {
        await client.query("begin");
        const result = await work((text, values = []) => client.query(text, [...values]));
        await client.query("commit");
        client.release();
        return result;
      } catch (error) {
        // Ends the transaction too.
        client.release(true);
        if (!isPassing(error) || attempt >= MAX_ATTEMPTS) throw this.#failed({ statement: null, error });
      }
    }
  }

  /** Waits for pending work. Closing twice is harmless. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    await Promise.allSettled(this.#pending);
    this.#isEnded = true;
    await this.#options.pool.end();
  }

  /** `close` waits for work that began before it; work that begins later is refused. */
  async #tracked<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed !== null) throw this.#isClosed();
    const pending = work();
    this.#pending.add(pending);
    try {
      return await pending;
    } finally {
      this.#pending.delete(pending);
    }
  }

  #isClosed(): MillraceError {
    return new MillraceError("unavailable", `the store of '${this.#options.name}' was closed`, { fix: "Open it again." });
  }

  async #alone(query: QueryConfig, until: number): Promise<Answer> {
    const [answer] = await this.#ask([query], until);
    if (answer === undefined) throw new TypeError("a query without an answer");
    return answer;
  }

  /** Sends statements that do not depend on each other in one packet; each has a transaction and an answer of its own. */
  async #ask(queries: readonly QueryConfig[], until: number): Promise<readonly Answer[]> {
    const client = await this.#client(until);
    const { stream } = client.connection;
    stream.cork();
    const sent = queries.map((query) => answerTo(client, query));
    stream.uncork();
    const answers = await Promise.all(sent);
    client.release(answers.some(({ error }) => error !== null && (isLost(error) || isOutdated(error))));
    return answers;
  }

  /** Runs a transaction, again for as long as it loses to others. */
  async #land(statements: readonly WireStatement[], read: QueryConfig | null): Promise<Outcome<Failure>> {
    for (let attempt = 1; ; attempt += 1) {
      const landed = await this.#transact(await this.#connected(), attempt === 1 ? statements : [RETRY_LOCK, ...statements], [read]);
      if (landed.is === "landed") return { is: "landed", answer: landed.answers[0] ?? null };
      if (!isPassing(landed.failure.error) || attempt >= MAX_ATTEMPTS) return landed;
    }
  }

  /** One attempt of a transaction, and the reads after it. */
  async #transact(
    client: PoolClient,
    statements: readonly WireStatement[],
    reads: readonly (QueryConfig | null)[],
  ): Promise<GroupOutcome<Failure>> {
    const queries = statements.map(({ sql, values }) => ({ name: this.#name(sql), text: sql, values: values.map(toPostgres) }));
    // A statement by itself is a transaction.
    const isLone = queries.length === 1;
    // One packet: each query by itself would be a system call, and wake the server for one statement.
    const { stream } = client.connection;
    stream.cork();
    const sent = (isLone ? queries : [BEGIN, ...queries, COMMIT]).map((query) => client.query(query));
    const asked = reads.map((query) => (query === null ? Promise.resolve(null) : answerTo(client, query)));
    stream.uncork();
    const outcomes = await Promise.allSettled(sent);
    // The first refusal is the reason; later ones only say that the transaction is over.
    const at = outcomes.findIndex(({ status }) => status === "rejected");
    const refused = outcomes[at];
    const error: unknown = refused?.status === "rejected" ? refused.reason : null;
    const answers = await Promise.all(asked);
    const errors = [error, ...answers.map((answer) => answer?.error ?? null)].filter((one) => one !== null);
    client.release(errors.some((one) => isLost(one) || isOutdated(one)));
    if (error === null) return { is: "landed", answers };
    return { is: "failed", failure: { statement: statements[isLone ? at : at - 1]?.origin ?? null, error } };
  }

  #connected(): Promise<PoolClient> {
    return this.#client(performance.now() + this.#options.reconnectMs);
  }

  /** A working connection, retried until then: nothing was sent yet. */
  async #client(until: number): Promise<PoolClient> {
    for (;;) {
      if (this.#isEnded) throw this.#isClosed();
      try {
        return await this.#options.pool.connect();
      } catch (error) {
        if (!(isLost(error) || isFull(error)) || performance.now() >= until) throw postgresError(error, this.#options.name);
        await wait(RETRY_MS);
      }
    }
  }

  #failed({ statement, error }: Failure): MillraceError {
    const { name, primaryKeys } = this.#options;
    if (isLost(error)) return unreachable(name, "unknown", error);
    const kind = constraintOf(error, primaryKeys);
    const refusal = kind === null ? undefined : statement?.refusals?.[kind];
    return refusal === undefined ? postgresError(error, name) : refusal();
  }

  #query<Args>({ statement: { sql, bind }, args }: BoundRead<Args, unknown>): QueryConfig & { readonly name: string } {
    return { name: this.#name(sql), text: sql, values: bind(args).map(toPostgres) };
  }

  /** Name of a prepared statement: it is parsed and planned once per connection. */
  #name(text: string): string {
    const known = this.#names.get(text) ?? `millrace_${this.#names.size + 1}`;
    this.#names.set(text, known);
    return known;
  }
}

/** Never rejects. */
function answerTo(client: PoolClient, query: QueryConfig): Promise<Answer> {
  return client.query<Record<string, unknown>>(query).then(
    ({ rows }) => ({ error: null, rows: rows.map(fromPostgres) }),
    (error: unknown) => ({ error, rows: [] }),
  );
}

/** Commits that touch only rows of their own come first: a contended row, such as a total, is then locked only while the last statements run. */
function sharedRowsLast(commits: readonly Commit[]): readonly CommitStatement[] {
  const isOwn = ({ statements }: Commit): boolean => statements.every(({ rowSet, bulk }) => rowSet !== undefined || bulk !== undefined);
  return [...commits.filter(isOwn), ...commits.filter((commit) => !isOwn(commit))].flatMap(({ statements }) => statements);
}
