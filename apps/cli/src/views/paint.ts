import type { Colours } from "../output/output.js";
import type { EventLine, Tone } from "./event.logic.js";
import type { RunView, StepView } from "./run-view.js";

type State = StepView["state"] | RunView["status"];

const MARKS: Readonly<Record<StepView["state"], string>> = {
  pending: "○",
  running: "●",
  waiting: "◆",
  paused: "‖",
  stopping: "■",
  done: "✔",
  skipped: "–",
  failed: "✖",
  cancelled: "⊘",
};

export function paintTone(colours: Colours, { tone, text }: EventLine): string {
  const paint: Readonly<Record<Tone, (text: string) => string>> = {
    plain: (plain) => plain,
    good: colours.green,
    bad: colours.red,
    ask: colours.yellow,
    dim: colours.dim,
  };
  return paint[tone](text);
}

/** A text in the colour of a state. */
export function paintState(colours: Colours, state: State, text: string = state): string {
  switch (state) {
    case "done":
      return colours.green(text);
    case "failed":
    case "cancelled":
      return colours.red(text);
    case "waiting":
    case "paused":
    case "stopping":
      return colours.yellow(text);
    case "running":
      return colours.cyan(text);
    case "pending":
    case "skipped":
      return colours.dim(text);
  }
}

export function mark(colours: Colours, state: StepView["state"]): string {
  return paintState(colours, state, MARKS[state]);
}
