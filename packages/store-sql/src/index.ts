/** @packageDocumentation The store, the wake-ups and the pull request ledger of Millrace in a SQL database. */
export { openSqliteStore } from "./open-sqlite-store.js";
export type { SqlStore, SqliteStoreOptions } from "./open-sqlite-store.js";
