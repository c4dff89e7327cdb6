import type { Run, RunEvent } from "@millrace/contracts";
import type { JobProgress } from "@millrace/kernel";
import type { Output } from "../output/output.js";
import { eventLine } from "../views/event.logic.js";
import { paintTone } from "../views/paint.js";
import { progressLine, treeLines } from "../views/tree.logic.js";
import type { Follower, Look } from "./follow-run.js";

const NO_DRIVER = "nothing has moved for a while and no driver seems to be at work; start one with: millrace run, or millrace work";

/** How a run is followed here: JSON lines, a tree that is redrawn, or a line for each event. */
export function createFollower(output: Output, options: { readonly several: boolean }): Follower {
  if (output.json) return jsonFollower(output);
  return output.terminal && !options.several ? treeFollower(output) : lineFollower(output, options.several);
}

/** The run as a log without its bookkeeping, on every kind of output: what a demo and a recording want. */
export function timelineFollower(output: Output): Follower {
  if (output.json) return jsonFollower(output);
  const lines = lineFollower(output, false);
  const told = (event: RunEvent): boolean => event.event.type !== "step-entered" && event.event.type !== "output-recorded";
  return { ...lines, event: (event, run) => (told(event) ? lines.event(event, run) : undefined) };
}

function jsonFollower(output: Output): Follower {
  return {
    event: ({ at, actor, event }, run) => output.document({ type: "event", runId: run.id, at, actor, event }),
    progress: (progress, run) => output.document({ type: "progress", runId: run.id, ...progress }),
    async look() {},
    stalled: (run) => output.document({ type: "stalled", runId: run.id }),
  };
}

function lineFollower(output: Output, several: boolean): Follower {
  const line = (run: Run, at: number, text: string): void => {
    const elapsed = `${((at - run.startedAt) / 1000).toFixed(1)} s`.padStart(8);
    output.line(`${elapsed}  ${several ? `${run.id}  ` : ""}${text}`);
  };
  return {
    event(event, run) {
      const told = eventLine(event, run.steps);
      if (told !== null) line(run, event.at, paintTone(output.colours, told));
    },
    progress: (progress: JobProgress, run) =>
      line(run, Date.now(), output.colours.dim(`step ${run.cursor + 1}: ${progressLine(progress)}`)),
    async look() {},
    stalled: () => output.note(NO_DRIVER),
  };
}

/** Events a tree keeps below itself. */
const LAST_EVENTS = 3;

function treeFollower(output: Output): Follower {
  const last: string[] = [];
  let stalled = false;
  const draw = async (look: Look): Promise<void> => {
    const { columns, rows } = output;
    const tree = treeLines({ view: await look.view(), progress: look.progress, now: look.now }, output.colours, {
      columns,
      rows: rows - LAST_EVENTS,
    });
    const tail = stalled ? [output.colours.yellow(NO_DRIVER)] : last;
    output.redraw([...tree, ...tail.map((text) => ` ${text}`)]);
  };
  return {
    event(event: RunEvent, run: Run) {
      const told = eventLine(event, run.steps);
      if (told === null) return;
      stalled = false;
      last.push(paintTone(output.colours, { ...told, text: told.text.slice(0, Math.max(40, output.columns - 2)) }));
      if (last.length > LAST_EVENTS) last.shift();
    },
    progress() {},
    look: draw,
    stalled: () => (stalled = true),
  };
}
