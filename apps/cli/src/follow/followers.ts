import type { Run, TimelineEntry } from "@millrace/contracts";
import type { JobProgress } from "@millrace/kernel";
import type { Output } from "../output/output.js";
import { eventLine } from "../views/event-line.logic.js";
import { paintTone } from "../views/paint.js";
import { progressLine, treeLines } from "../views/tree.logic.js";
import type { Follower, RunSnapshot } from "./follow-run.js";

const NO_DRIVER = "nothing has moved for a while and no driver seems to be at work; start one with: millrace run, or millrace work";

/** The follower that fits the output: JSON lines, a tree that is redrawn, or a line for each event. */
export function createFollower(output: Output, options: { readonly several: boolean }): Follower {
  if (output.json) return jsonFollower(output);
  return output.terminal && !options.several ? treeFollower(output) : lineFollower(output, options.several);
}

/** A follower that logs a run without step changes and outputs, on every kind of output: for demos and recordings. */
export function timelineFollower(output: Output): Follower {
  if (output.json) return jsonFollower(output);
  const lines = lineFollower(output, false);
  const isShown = ({ event }: TimelineEntry): boolean => event.type !== "step-entered" && event.type !== "output-recorded";
  return { ...lines, event: (entry, run) => (isShown(entry) ? lines.event(entry, run) : undefined) };
}

function jsonFollower(output: Output): Follower {
  return {
    event: ({ at, actor, event }, run) => output.document({ type: "event", runId: run.id, at, actor, event }),
    progress: (progress, run) => output.document({ type: "progress", runId: run.id, ...progress }),
    async redraw() {},
    stalled: (run) => output.document({ type: "stalled", runId: run.id }),
  };
}

function lineFollower(output: Output, several: boolean): Follower {
  const line = (run: Run, at: number, text: string): void => {
    const elapsed = `${((at - run.startedAt) / 1000).toFixed(1)} s`.padStart(8);
    output.line(`${elapsed}  ${several ? `${run.id}  ` : ""}${text}`);
  };
  return {
    event({ at, line: described }, run) {
      if (described !== null) line(run, at, paintTone(output.colours, described.tone, eventLine(described, kindsOf(run))));
    },
    progress: (progress: JobProgress, run) =>
      line(run, Date.now(), output.colours.dim(`step ${run.cursor + 1}: ${progressLine(progress)}`)),
    async redraw() {},
    stalled: () => output.note(NO_DRIVER),
  };
}

function kindsOf(run: Run): readonly string[] {
  return run.steps.map(({ definition }) => definition.kind);
}

/** Number of events that are shown below a tree. */
const LAST_EVENTS = 3;

function treeFollower(output: Output): Follower {
  const last: string[] = [];
  let stalled = false;
  const draw = async (snapshot: RunSnapshot): Promise<void> => {
    const { columns, rows } = output;
    const tree = treeLines({ view: await snapshot.view(), progress: snapshot.progress, now: snapshot.now }, output.colours, {
      columns,
      rows: rows - LAST_EVENTS,
    });
    const tail = stalled ? [output.colours.yellow(NO_DRIVER)] : last;
    output.redraw([...tree, ...tail.map((text) => ` ${text}`)]);
  };
  return {
    event({ line }, run) {
      if (line === null) return;
      stalled = false;
      last.push(paintTone(output.colours, line.tone, eventLine(line, kindsOf(run)).slice(0, Math.max(40, output.columns - 2))));
      if (last.length > LAST_EVENTS) last.shift();
    },
    progress() {},
    redraw: draw,
    stalled: () => (stalled = true),
  };
}
