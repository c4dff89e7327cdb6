/** @packageDocumentation Millrace in any number of Node processes on PostgreSQL, with pg-boss as the queue. */
export { openNodeDatabase } from "./node-database.js";
export type { NodeDatabase, NodeDatabaseOptions } from "./node-database.js";
export { openNodeRuntime } from "./node-runtime.js";
export type { NodeRuntimeOptions } from "./node-runtime.js";
