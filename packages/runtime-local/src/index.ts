/** @packageDocumentation Millrace in one Node process: SQLite, local git, agents as child processes. */
export { openLocalRuntime } from "./local-runtime.js";
export type { LocalRuntimeOptions } from "./local-runtime.js";
