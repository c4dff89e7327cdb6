/** @packageDocumentation Adapters of the agent port: coding agents as supervised jobs, inline model calls, commands. */
export { createCommandRunner } from "./commands/command-runner.js";
