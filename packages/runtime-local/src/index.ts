/** @packageDocumentation Millrace in one Node process: SQLite, local git, agents as child processes. */
export { openLocalRuntime } from "./open.js";
export type { LocalRuntimeOptions } from "./open.js";
