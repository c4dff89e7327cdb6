/** @packageDocumentation Tests of pipelines without tokens: a store, scripted agents and a forge in memory, and a virtual clock. */
export { createMemoryForge, completedCheck } from "./forge/memory-forge.js";
export type { LandedMerge, MemoryForge } from "./forge/memory-forge.js";
export { CommitGraph } from "./forge/commits.js";
export type { Commit, Tree } from "./forge/commits.js";
export { createScriptedAgents } from "./agents/scripted-agents.js";
export type { ScriptedAgents, ScriptedKind, ScriptedTurn } from "./agents/scripted-agents.js";
export { createCountingIds, createVirtualClock } from "./host/virtual-clock.js";
export type { VirtualClock } from "./host/virtual-clock.js";
export { createFaultPlan, Crash, withFaults } from "./host/faults.js";
export type { FaultPlan } from "./host/faults.js";
export { interceptPorts } from "./host/intercept.js";
export type { Around, PortCall } from "./host/intercept.js";
export { createRecordingChannel } from "./host/recording-channel.js";
export type { RecordingChannel, RecordingChannelOptions } from "./host/recording-channel.js";
export { activityOf, createTestHost, silentLog } from "./host/test-host.js";
export { summaryOf, testUser } from "@millrace/orchestration/spec";
export type { TestHost, TestHostOptions } from "./host/test-host.js";
export { createMemoryStore } from "./memory-store/memory-store.js";
