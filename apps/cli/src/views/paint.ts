import type { RunStatus, StepStatus, Tone } from "@millrace/contracts";
import type { Colours } from "../output/output.js";

const MARKS: Readonly<Record<StepStatus, string>> = {
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

/** A text in the colour of its tone. */
export function paintTone(colours: Colours, tone: Tone, text: string): string {
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
export function paintState(colours: Colours, state: StepStatus | RunStatus, text: string = state): string {
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

/** The mark of a step's state, in its colour. */
export function mark(colours: Colours, state: StepStatus): string {
  return paintState(colours, state, MARKS[state]);
}
