/** @packageDocumentation The store of Millrace in PostgreSQL. Needs `pg` beside it. */
export { openPostgresStore } from "./open-postgres-store.js";
export type { PostgresStoreOptions } from "./open-postgres-store.js";
export type { SqlStore } from "./open-sqlite-store.js";
