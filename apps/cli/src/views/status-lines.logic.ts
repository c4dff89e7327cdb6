import type { Block, Budget, RunView } from "@millrace/contracts";
import type { SpendTotal } from "@millrace/kernel";
import { why } from "@millrace/contracts/why";
import { oneLine, printable } from "../output/format.logic.js";
import type { Colours } from "../output/output.js";
import { money } from "./money.logic.js";
import { paintState } from "./paint.js";

/** The state of a board. */
export interface BoardStatus {
  /** Live runs that need nobody, newest first. */
  readonly running: readonly RunView[];
  /** Live runs that wait for a person, or are held in front of a budget or a quota. */
  readonly waiting: readonly RunView[];
  /** Tasks whose finished pull request no pipeline merged. */
  readonly unmerged: readonly Block[];
  /** Tasks that no run works on, in the order in which they were added. */
  readonly next: readonly Block[];
  readonly spent: SpendTotal;
  readonly budget: Budget;
}

/** Rows of a list on one screen. */
const SHOWN = 8;
const TITLE_CHARS = 48;

/** The board on one screen at `now` (epoch ms). */
export function statusLines(status: BoardStatus, colours: Colours, now: number): readonly string[] {
  const zone = { utcOffsetMinutes: -new Date(now).getTimezoneOffset() };
  const run = (view: RunView): string =>
    `  ${view.id}  ${oneLine(view.task.title, TITLE_CHARS)}: ${paintState(colours, view.status, printable(why(view.reason, now, zone)))}`;
  const task = ({ id, title }: Block): string => `  ${id}  ${oneLine(title, TITLE_CHARS)}`;
  const section = <Row>(title: string, rows: readonly Row[], line: (row: Row) => string, all: string): readonly string[] =>
    rows.length === 0
      ? []
      : [
          colours.bold(`${title} (${rows.length})`),
          ...rows.slice(0, SHOWN).map(line),
          ...(rows.length > SHOWN ? [`  … ${rows.length - SHOWN} more: ${all}`] : []),
          "",
        ];
  const { running, waiting, unmerged, next, spent, budget } = status;
  return [
    ...section("Running", running, run, "millrace runs --status live"),
    ...section("Waits for a person", waiting, run, "millrace inbox"),
    ...section("Done, not merged", unmerged, (row) => `${task(row)}: millrace merge ${row.id}`, "millrace tasks --status pr_ready"),
    ...section("Next", next, task, "millrace tasks --status planned"),
    ...(running.length + waiting.length + unmerged.length + next.length === 0
      ? ["nothing to do: add a task with millrace task add", ""]
      : []),
    spentLine(spent, budget),
  ];
}

function spentLine({ settledMicros, reservedMicros }: SpendTotal, { monthlyMicros, taskMicros, runMicros }: Budget): string {
  const of = monthlyMicros === null ? "no monthly budget" : `of ${money(monthlyMicros)}`;
  const held = reservedMicros === 0 ? "" : `, ${money(reservedMicros)} reserved for calls in flight`;
  const caps = [taskMicros === null ? "" : `${money(taskMicros)} a task`, runMicros === null ? "" : `${money(runMicros)} a run`].filter(
    Boolean,
  );
  return `spent this month: ${money(settledMicros)} ${of}${held}${caps.length === 0 ? "" : `; at most ${caps.join(", ")}`}`;
}
