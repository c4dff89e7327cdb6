import { z } from "zod";
import { errorCodeSchema } from "../shared/errors.schema.js";
import type { Operations } from "../shared/operation.js";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";

const nothing = z.strictObject({});
const count = z.number().int().nonnegative();

/** A part that a host needs: whether it is there, and what is missing. */
export const hostPartSchema = z.strictObject({ name: z.string(), ok: z.boolean(), problem: z.string().nullable() });
/** A part that a host needs. */
export type HostPart = z.infer<typeof hostPartSchema>;

/** A setting in force. A secret is only `set` or not. */
export const configurationEntrySchema = z.strictObject({ name: z.string(), value: z.string().nullable(), isSecret: z.boolean() });
/** A setting in force. */
export type ConfigurationEntry = z.infer<typeof configurationEntrySchema>;

/** What this process knows of a sweep. Times are epoch ms, lengths of time ms; null: it has not run here yet. */
export const sweepStateSchema = z.strictObject({
  name: z.string(),
  everyMs: count,
  lastRunAt: timestampSchema.nullable(),
  tookMs: count.nullable(),
  /** Rows that the last pass dealt with. */
  rows: count.nullable(),
  /** How much later than its pause says the next pass is. */
  lagMs: count,
  failure: z.strictObject({ code: errorCodeSchema, message: z.string(), at: timestampSchema }).nullable(),
});
/** What this process knows of a sweep. */
export type SweepState = z.infer<typeof sweepStateSchema>;

/** Counts of a host. Each costs the same whatever the history. */
export const hostMetricsSchema = z.strictObject({
  /** Live runs by status. */
  runs: z.strictObject({ running: count, waiting: count, paused: count, stopping: count }),
  /** How long the oldest due wake-up has waited for a driver, in ms; 0: none waits. */
  wakeUpLagMs: count,
  /** The longest lag of a sweep of this process, in ms. */
  sweepLagMs: count,
  /** Live runs that nothing will wake, and that wait for nobody. */
  stuckRuns: count,
});
/** Counts of a host. */
export type HostMetrics = z.infer<typeof hostMetricsSchema>;

/** A live run that nothing will wake, and that waits for nobody. */
const stuckRunSchema = z.strictObject({ workspaceId: idSchema, runId: idSchema, status: z.string(), updatedAt: timestampSchema });

/** Operations on the host itself. They say nothing of what tenants have. */
export const operationsOfHost = {
  "host.health": {
    id: "ADM-01",
    method: "GET",
    path: "/health",
    input: nothing,
    output: z.strictObject({ ok: z.literal(true) }),
    errors: [],
    capability: "public",
    summary: "Answers if the process does. Asks nothing else.",
  },
  "host.readiness": {
    id: "ADM-02",
    method: "GET",
    path: "/ready",
    input: nothing,
    output: z.strictObject({ ready: z.boolean(), parts: z.array(hostPartSchema) }),
    errors: [],
    capability: "public",
    summary: "Whether the host can work, within 2 seconds. What is missing is named to operators only.",
  },
  "host.metrics": {
    id: "ADM-03",
    method: "GET",
    path: "/metrics",
    input: nothing,
    output: hostMetricsSchema,
    errors: [],
    capability: "operator",
    summary: "Counts of the host.",
  },
  "host.configuration": {
    id: "ADM-05",
    method: "GET",
    path: "/admin/configuration",
    input: nothing,
    output: z.strictObject({ entries: z.array(configurationEntrySchema), parts: z.array(hostPartSchema) }),
    errors: [],
    capability: "operator",
    summary: "The settings in force, secrets as set or not set, and what is missing.",
  },
  "host.sweeps": {
    id: "ADM-06a",
    method: "GET",
    path: "/admin/sweeps",
    input: nothing,
    output: z.array(sweepStateSchema),
    errors: [],
    capability: "operator",
    summary: "The sweeps of this process: when each ran, how long it took, its last failure.",
  },
  "host.runSweep": {
    id: "ADM-06b",
    method: "POST",
    path: "/admin/sweeps/{name}/run",
    input: z.strictObject({ name: z.string().min(1).max(100) }),
    output: sweepStateSchema,
    errors: [],
    capability: "operator",
    summary: "One pass of a sweep now. Safe beside the same sweep anywhere else.",
  },
  "host.stuck": {
    id: "ADM-07a",
    method: "GET",
    path: "/admin/stuck",
    input: nothing,
    output: z.array(stuckRunSchema),
    errors: [],
    capability: "operator",
    summary: "Live runs that nothing will wake and that wait for nobody, at most 200.",
  },
  "host.endRun": {
    id: "ADM-07b",
    method: "POST",
    path: "/admin/stuck/{runId}/end",
    input: z.strictObject({ workspaceId: idSchema, runId: idSchema }),
    output: null,
    errors: ["conflict"],
    capability: "operator",
    summary: "Ends a run that cannot be read, without reading it. One that can be read is stopped instead.",
  },
  "host.drain": {
    id: "ADM-08",
    method: "POST",
    path: "/admin/drain",
    input: z.strictObject({ on: z.boolean() }),
    output: z.strictObject({ draining: z.boolean() }),
    errors: [],
    capability: "operator",
    summary: "Drivers of this process take up no more runs; what they drive comes to a commit.",
  },
} as const satisfies Operations;
