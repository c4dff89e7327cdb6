/** What the event log says about the runs: whole, gapless, folding to what is stored, one live run per block. */
import { builtInAgentKinds, createAgentKinds } from "@millrace/agents";
import { canonicalJson } from "@millrace/kernel";
import type { JsonValue, RunEventType } from "@millrace/contracts";
import { builtInGates, builtInStepKinds, createStepKinds, openWait, replay, type Registries } from "@millrace/orchestration";
import type { Violation } from "./violation.logic.js";
import { repeated } from "./violation.logic.js";
import type { FleetRecords, RunRow, StoredEvent } from "./records.fixture.js";

const ENDS: ReadonlySet<RunEventType> = new Set(["run-finished", "run-failed", "run-cancelled"]);

export function historyFaults(records: FleetRecords): readonly Violation[] {
  const registries: Registries = { kinds: createAgentKinds(builtInAgentKinds), stepKinds: createStepKinds(builtInStepKinds(builtInGates)) };
  const known = new Set(records.runs.map(({ id }) => id));
  const orphans = [...records.events.keys()].filter((id) => !known.has(id));
  return [
    ...orphans.map((id): Violation => ({ is: "lost", rule: "run-row", what: `there are events of '${id}' and no run` })),
    ...records.runs.flatMap((run) => runFaults(run, records.events.get(run.id) ?? [], registries)),
    ...liveFaults(records),
  ];
}

function runFaults(run: RunRow, events: readonly StoredEvent[], registries: Registries): readonly Violation[] {
  const gap = events.findIndex(({ sequence }, index) => sequence !== index + 1);
  if (gap >= 0 || events.length === 0)
    return [{ is: "lost", rule: "gapless", what: `run '${run.id}' has no event ${gap + 1} of ${run.revision}` }];
  return [...foldFaults(run, events, registries), ...statusFaults(run), ...answerFaults(run, events), ...effectFaults(run, events)];
}

function foldFaults(run: RunRow, events: readonly StoredEvent[], registries: Registries): readonly Violation[] {
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

/** As it would be stored: without what JSON leaves out. */
function textOf(value: unknown): string {
  return canonicalJson(JSON.parse(JSON.stringify(value)) as JsonValue);
}

function statusFaults({ id, status, document }: RunRow): readonly Violation[] {
  const { phase } = document;
  const wanted = phase.is === "live" ? (openWait(document) === null ? "running" : "waiting") : phase.is;
  return wanted === status ? [] : [{ is: "wrong", rule: "status", what: `run '${id}' is listed as ${status} and is ${wanted}` }];
}

/** A wait is asked once and answered at most once, and an end is an end. */
function answerFaults(run: RunRow, events: readonly StoredEvent[]): readonly Violation[] {
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

function effectFaults(run: RunRow, events: readonly StoredEvent[]): readonly Violation[] {
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

/** From the order of the log: a block's next run begins after its last one ended. */
function liveFaults({ runs, events }: FleetRecords): readonly Violation[] {
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
