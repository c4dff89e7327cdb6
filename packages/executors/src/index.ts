/** @packageDocumentation Adapters of the agent port: coding agents as supervised jobs, inline model calls, commands. */
export { createLocalExecutor } from "./jobs/local-executor.js";
export type { LocalExecutor, LocalExecutorOptions } from "./jobs/local-executor.js";
export type { JobLimits } from "./jobs/job-request.js";
export { createInlineExecutor } from "./inline/inline-executor.js";
export type { InlineExecutorOptions } from "./inline/inline-executor.js";
export { createModel } from "./inline/create-model.js";
export type { InlineModel, ModelOptions } from "./inline/create-model.js";
export { routeExecutors } from "./route-executors.js";
export { knownAgents, parseAgentOption, sampleAgentLaunch } from "./launch/known-agents.js";
export type { AcpLaunch, AgentLaunch, CommandLaunch } from "./launch/agent-launch.js";
export { probeAgent } from "./launch/probe-agent.js";
export type { AgentProbe } from "./launch/probe-agent.js";
export { sampleScriptSchema } from "./sample-agent/script.schema.js";
export type { SampleAction, SampleScript, SampleTurn } from "./sample-agent/script.schema.js";
export { createCommandRunner } from "./commands/command-runner.js";
export { isProcessAlive, ownIdentity } from "./processes/own-identity.js";
export type { ProcessIdentity } from "./processes/own-identity.js";
