/** @packageDocumentation Millrace in any number of Node processes on PostgreSQL, with pg-boss as the queue. */
export { openNodeDatabase } from "./database.js";
export type { NodeDatabase, NodeDatabaseOptions } from "./database.js";
export { openNodeRuntime } from "./open.js";
export type { NodeRuntimeOptions } from "./open.js";
