/** Checks of the board and the queue: every planned run ended as planned, and nothing is left over. */
import { heldEffect, openWait } from "@millrace/orchestration";
import type { AcknowledgedCommand } from "../acknowledged-command.js";
import type { End, PlannedTask } from "../plan.logic.js";
import { repeated, type Violation } from "./violation.logic.js";
import type { FleetRecords, RunRow } from "./records.fixture.js";

const LIVE: ReadonlySet<RunRow["status"]> = new Set(["running", "waiting", "paused", "stopping"]);

export function boardViolations(
  records: FleetRecords,
  tasks: readonly PlannedTask[],
  acknowledged: readonly AcknowledgedCommand[],
): readonly Violation[] {
  return [
    ...tasks.flatMap((task) => endViolations(records, task)),
    ...queueViolations(records),
    ...notificationViolations(records),
    ...reservedViolations(records),
    ...acknowledgedViolations(records, acknowledged),
    ...repeated(acknowledged.flatMap(({ wait }) => wait ?? [])).map((wait): Violation => ({
      is: "lost",
      rule: "acknowledged",
      what: `the answer to '${wait}' was acknowledged, and it was asked for again`,
    })),
  ];
}

function endViolations({ blocks, runs }: FleetRecords, task: PlannedTask): readonly Violation[] {
  const block = blocks.find(({ title }) => title === task.name);
  if (block === undefined) return [{ is: "lost", rule: "block", what: `task ${task.name} is not on the board` }];
  const own = runs.filter((run) => run.block_id === block.id);
  if (own.length !== task.runs)
    return [
      {
        is: own.length > task.runs ? "twice" : "lost",
        rule: "runs",
        what: `task ${task.name} has ${own.length} runs instead of ${task.runs}`,
      },
    ];
  const last = own.find(({ id }) => !own.some(({ document }) => document.supersedes === id));
  if (last === undefined) return [{ is: "wrong", rule: "runs", what: `the runs of task ${task.name} supersede each other in a circle` }];
  const about = `the run of ${task.name} (${task.story}, ${task.pipelineId})`;
  if (LIVE.has(last.status))
    return [{ is: "stuck", rule: "rests", what: `${about} never came to rest: it is ${last.status} (${whereIs(last)})` }];
  if (!isEnd(last, task.end))
    return [{ is: "wrong", rule: "end", what: `${about} ended as ${endOf(last)} instead of ${textOf(task.end)}` }];
  if ((last.document.merged !== null) !== task.merges || (block.merged !== null) !== task.merges)
    return [{ is: task.merges ? "lost" : "wrong", rule: "merged", what: `${about} is ${task.merges ? "not " : ""}merged` }];
  return [];
}

function isEnd({ document: { phase } }: RunRow, end: End): boolean {
  if (end.is !== "failed") return phase.is === end.is;
  return phase.is === "failed" && phase.failure.kind === end.kind && phase.failure.code === end.code;
}

function endOf({ document: { phase } }: RunRow): string {
  return phase.is === "failed" ? `failed: ${phase.failure.kind}/${phase.failure.code}: ${phase.failure.message.slice(0, 300)}` : phase.is;
}

function textOf(end: End): string {
  return end.is === "failed" ? `failed: ${end.kind}/${end.code}` : end.is;
}

function whereIs({ document }: RunRow): string {
  const step = document.steps[document.cursor];
  return `step ${document.cursor}, ${step?.definition.kind ?? "none"}: ${step?.activity.is ?? "none"}`;
}

/** Every run of a fleet ends, and an ended run has no reservation. */
function reservedViolations({ reserved }: FleetRecords): readonly Violation[] {
  return reserved.map(({ scope, reserved_micros: micros }) => ({
    is: "wrong",
    rule: "reserved",
    what: `${micros} micros are still reserved in '${scope}'`,
  }));
}

/** I5, and no stray wake-ups. It holds at every moment, so snapshots check it as well. */
function queueViolations({ runs, wakeups, notifications }: FleetRecords): readonly Violation[] {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const woken = new Set(wakeups.map((row) => row.run_id));
  const asked = new Set(notifications.filter(({ status }) => status === "open").map(({ id }) => id));
  return [
    ...wakeups
      .filter((row) => !LIVE.has(byId.get(row.run_id)?.status ?? "done"))
      .map((row): Violation => ({ is: "wrong", rule: "wake-up", what: `run '${row.run_id}' is not live and has a wake-up` })),
    ...wakeups
      .filter(({ owner }) => owner !== null)
      .map((row): Violation => ({ is: "wrong", rule: "claim", what: `'${row.owner}' still claims run '${row.run_id}'` })),
    ...runs
      .filter(({ id, status, document }) => LIVE.has(status) && !woken.has(id) && !asked.has(openWait(document)?.id ?? ""))
      .map(({ id }): Violation => ({
        is: "stuck",
        rule: "asleep",
        what: `run '${id}' is live, and neither a wake-up nor an open notification knows of it`,
      })),
  ];
}

/** An open notification belongs to an open wait or a pause, or to an ended run that needs attention. */
function notificationViolations({ runs, notifications, events }: FleetRecords): readonly Violation[] {
  const open = new Set(
    runs.flatMap(({ document }) => {
      const held = heldEffect(document);
      return [openWait(document)?.id ?? [], held === null ? [] : `${held.key}/hold`].flat();
    }),
  );
  const known = new Set(notifications.map(({ id }) => id));
  const asked = [...events.values()].flat().flatMap(({ entry: { event } }) => (event.type === "human-asked" ? [event.wait.id] : []));
  return [
    ...notifications
      .filter(
        ({ id, status, run_id: runId }) =>
          // What a step could not do, and how a run ended, is told and not asked.
          status === "open" && !open.has(id) && id !== `${runId}/end` && !id.endsWith("/without-effect"),
      )
      .map((notification): Violation => ({
        is: "wrong",
        rule: "notification",
        what: `notification '${notification.id}' asks for something that is decided`,
      })),
    ...asked
      .filter((id) => !known.has(id))
      .map((id): Violation => ({ is: "lost", rule: "notification", what: `no notification tells of '${id}'` })),
  ];
}

function acknowledgedViolations({ events, runs }: FleetRecords, acknowledged: readonly AcknowledgedCommand[]): readonly Violation[] {
  const bodies = (runId: string) => (events.get(runId) ?? []).map(({ entry }) => entry.event);
  return acknowledged.flatMap((one): Violation[] => {
    const found =
      one.did === "answer"
        ? bodies(one.runId).some((event) => event.type === "human-answered" && event.wait === one.wait)
        : one.did === "stop"
          ? bodies(one.runId).some(({ type }) => type === "stop-requested")
          : runs.some(({ id }) => id === one.runId);
    const what = `${one.did} of run '${one.runId}'${one.wait === null ? "" : ` (${one.wait})`}`;
    return [
      ...(found ? [] : [{ is: "lost", rule: "acknowledged", what: `the ${what} was acknowledged and is in no history` } as const]),
      ...(one.refusedAgain === false
        ? [{ is: "twice", rule: "acknowledged", what: `the ${what} was accepted a second time` } as const]
        : []),
    ];
  });
}
