/** @packageDocumentation The store of Millrace in PostgreSQL. Needs `pg` beside it. */
export { openPostgresStore } from "./open-postgres-store.js";
export type { PostgresStore, PostgresStoreOptions } from "./open-postgres-store.js";
export type { SqlStore } from "./open-sqlite-store.js";
export type { StoreWithMore } from "./sql-store.js";
export { postgresError } from "./postgres/postgres-errors.logic.js";
export type { BoundStatement, SqlValue } from "./statement.js";
export type { DueRun, PostgresQuery, RunKey, WakeUpRows } from "./postgres/wakeup-rows.js";
