/** Checks of the event log: complete, without gaps, folding to the stored runs, with one live run per block. */
import { canonicalJson } from "@millrace/kernel";
import type { JsonValue, Run, RunEventType } from "@millrace/contracts";
import { createRegistries, heldEffect, openWait, replay, type Registries } from "@millrace/orchestration";
import type { Violation } from "./violation.logic.js";
import { repeated } from "./violation.logic.js";
import type { FleetRecords, RunRow, StoredEvent } from "./records.fixture.js";

const ENDS: ReadonlySet<RunEventType> = new Set(["run-finished", "run-failed", "run-cancelled"]);

export function historyViolations(records: FleetRecords): readonly Violation[] {
  const registries: Registries = createRegistries();
  const known = new Set(records.runs.map(({ id }) => id));
  const orphans = [...records.events.keys()].filter((id) => !known.has(id));
  return [
    ...orphans.map((id): Violation => ({ is: "lost", rule: "run-row", what: `there are events of '${id}' and no run` })),
    ...records.runs.flatMap((run) => runViolations(run, records.events.get(run.id) ?? [], registries)),
    ...liveViolations(records),
  ];
}

function runViolations(run: RunRow, events: readonly StoredEvent[], registries: Registries): readonly Violation[] {
  const gap = events.findIndex(({ sequence }, index) => sequence !== index + 1);
  if (gap >= 0 || events.length === 0)
    return [{ is: "lost", rule: "gapless", what: `run '${run.id}' has no event ${gap + 1} of ${run.revision}` }];
  return [
    ...foldViolations(run, events, registries),
    ...statusViolations(run),
    ...answerViolations(run, events),
    ...effectViolations(run, events),
  ];
}

function foldViolations(run: RunRow, events: readonly StoredEvent[], registries: Registries): readonly Violation[] {
  if (run.revision !== events.length || run.document.revision !== run.revision)
    return [
      {
        is: "wrong",
        rule: "revision",
        what: `run '${run.id}' is at ${run.revision} (its document at ${run.document.revision}) after ${events.length} events`,
      },
    ];
  const folded = replay(
    events.map(({ entry }) => entry),
    registries,
  );
  if (textOf(folded) === textOf(run.document)) return [];
  return [{ is: "wrong", rule: "fold", what: `the events of run '${run.id}' do not fold to what is stored` }];
}

/** JSON text of a value, as it is stored. */
function textOf(value: unknown): string {
  return canonicalJson(JSON.parse(JSON.stringify(value)) as JsonValue);
}

function statusViolations({ id, status, document }: RunRow): readonly Violation[] {
  const wanted = document.phase.is === "live" ? liveStatus(document) : document.phase.is;
  return wanted === status ? [] : [{ is: "wrong", rule: "status", what: `run '${id}' is listed as ${status} and is ${wanted}` }];
}

function liveStatus(run: Run): RunRow["status"] {
  if (openWait(run) !== null) return "waiting";
  return heldEffect(run) === null ? "running" : "paused";
}

/** A wait is opened once and answered at most once, and a run ends once. */
function answerViolations(run: RunRow, events: readonly StoredEvent[]): readonly Violation[] {
  const bodies = events.map(({ entry }) => entry.event);
  const asked = bodies.flatMap((event) => (event.type === "human-asked" ? [event.wait.id] : []));
  const answered = bodies.flatMap((event) => (event.type === "human-answered" ? [event.wait] : []));
  const end = bodies.findIndex(({ type }) => ENDS.has(type));
  return [
    ...repeated(asked).map((wait): Violation => ({ is: "twice", rule: "asked", what: `'${wait}' was asked twice` })),
    ...repeated(answered).map((wait): Violation => ({ is: "twice", rule: "answered", what: `'${wait}' was answered twice` })),
    ...(end >= 0 && end < bodies.length - 1
      ? [{ is: "wrong", rule: "after-end", what: `run '${run.id}' goes on after its end` } as const]
      : []),
  ];
}

function effectViolations(run: RunRow, events: readonly StoredEvent[]): readonly Violation[] {
  const bodies = events.map(({ entry }) => entry.event);
  const requested = bodies.flatMap((event) => (event.type === "effect-requested" ? [event.effect.key] : []));
  const started = bodies.flatMap((event) => (event.type === "job-started" ? [event.job.key] : []));
  const merged = bodies.filter(({ type }) => type === "merged");
  return [
    ...repeated(requested).map((key): Violation => ({ is: "twice", rule: "effect-key", what: `'${key}' was asked for twice` })),
    ...repeated(started).map((key): Violation => ({ is: "twice", rule: "job-key", what: `job '${key}' was started twice` })),
    ...(merged.length > 1
      ? [{ is: "twice", rule: "merged-event", what: `run '${run.id}' was merged ${merged.length} times` } as const]
      : []),
  ];
}

/** By the order of the log, a block's next run begins after the previous one ended. */
function liveViolations({ runs, events }: FleetRecords): readonly Violation[] {
  const blockOf = new Map(runs.map((run) => [run.id, run.block_id]));
  const log = [...events].flatMap(([runId, list]) => list.map(({ cursor, entry }) => ({ runId, cursor, type: entry.event.type })));
  const live = new Map<string, string>();
  const violations: Violation[] = [];
  for (const { runId, type } of log.toSorted((a, b) => a.cursor - b.cursor)) {
    const block = blockOf.get(runId) ?? runId;
    const other = live.get(block);
    if (type === "run-started" && other !== undefined)
      violations.push({ is: "twice", rule: "live-run", what: `block '${block}' had '${other}' and '${runId}' live at a time` });
    if (type === "run-started") live.set(block, runId);
    if (ENDS.has(type)) live.delete(block);
  }
  return violations;
}
