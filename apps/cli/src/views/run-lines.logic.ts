import type { SandboxName } from "@millrace/executors";
import type { CostView, RunView, StepView, VerdictView } from "@millrace/contracts";
import { why } from "@millrace/contracts/why";
import { clockTime, count, duration, harmless, indented, oneLine, printable, short } from "../output/format.logic.js";
import type { Colours } from "../output/output.js";
import { answerCommands, diffCommand, nextCommands } from "./commands.logic.js";
import { timelineLine } from "./event-line.logic.js";
import { mark, paintState, paintTone } from "./paint.js";

/** Lines of a text that `show` prints before it says where the rest is. */
const SHOWN_LINES = 40;
/** Lines of a check's output that `show` prints, from its end. */
const CHECK_LINES = 12;

/** What a view does not say: the sandboxes of the jobs that this machine has of the run, and the present time in epoch ms. */
export interface RunBackdrop {
  readonly sandboxes: readonly SandboxName[];
  readonly now: number;
}

/** A run from top to bottom: head, steps with their evidence, timeline, failure, open wait, next commands. */
export function runLines(view: RunView, backdrop: RunBackdrop, colours: Colours): readonly string[] {
  const kinds = view.steps.map(({ kind }) => kind);
  return [
    ...headLines(view, backdrop, colours),
    "",
    colours.bold("Steps"),
    ...view.steps.flatMap((step) => stepLines(step, colours)),
    ...section(
      "Timeline",
      view.timeline.flatMap((entry) => {
        const text = timelineLine(entry, kinds);
        return text === null ? [] : [`  ${paintTone(colours, entry.line?.tone ?? "plain", text)}`];
      }),
      colours,
    ),
    ...section("Failure", failureLines(view), colours),
    ...section("Waits for a person", waitLines(view, colours), colours),
    ...section("Next", view.wait === null ? nextCommands(view).map((command) => `  ${command}`) : [], colours),
  ];
}

function section(title: string, lines: readonly string[], colours: Colours): readonly string[] {
  return lines.length === 0 ? [] : ["", colours.bold(title), ...lines];
}

function headLines(view: RunView, { sandboxes, now }: RunBackdrop, colours: Colours): readonly string[] {
  const end = view.finishedAt === null ? "" : `, took ${duration(view.finishedAt - view.startedAt)}`;
  const row = (name: string, text: string): string => `${colours.dim(name.padEnd(12))} ${text}`;
  return [
    `${colours.bold(view.id)}  ${paintState(colours, view.status)}`,
    row("why", printable(why(view.reason, now, { utcOffsetMinutes: -new Date(now).getTimezoneOffset() }))),
    row("task", `${oneLine(view.task.title, 100)}  ${colours.dim(view.task.id)}`),
    row("pipeline", `${view.pipeline.name}  ${colours.dim(view.pipeline.id)}`),
    row("started", `${clockTime(view.startedAt)} by ${view.startedBy.id}${end}`),
    ...(view.supersedes === null ? [] : [row("goes on", view.supersedes)]),
    ...(view.pullRequest === null
      ? []
      : [row("pull request", `#${view.pullRequest.number}  ${view.pullRequest.branch} into ${view.pullRequest.base}`)]),
    ...(view.merged === null ? [] : [row("merged", colours.green(view.merged))]),
    ...(sandboxes.length === 0
      ? []
      : [row("sandbox", sandboxes.includes("none") ? colours.yellow(sandboxes.join(", ")) : sandboxes.join(", "))]),
    row("cost", costText(view.cost)),
  ];
}

function costText(cost: CostView): string {
  if (cost.calls === 0) return "nothing was spent";
  const cached = cost.cacheReadTokens + cost.cacheWriteTokens;
  return [
    `${cost.calls} call${cost.calls === 1 ? "" : "s"}`,
    `${count(cost.inputTokens)} tokens in`,
    `${count(cost.outputTokens)} out`,
    ...(cached === 0 ? [] : [`${count(cost.cacheReadTokens)} read from a cache`, `${count(cost.cacheWriteTokens)} written to one`]),
    `${(cost.settledMicros / 1_000_000).toFixed(4)} settled`,
    ...(cost.estimatedCalls === 0 ? [] : [`${cost.estimatedCalls} of unknown cost counted as reserved`]),
  ].join(", ");
}

/** One step: its line, then its evidence. */
function stepLines(step: StepView, colours: Colours): readonly string[] {
  const parts = [
    step.state === "done" ? "" : paintState(colours, step.state),
    step.doing ?? "",
    step.attempt > 1 ? `attempt ${step.attempt}` : "",
    step.durationMs === null ? "" : duration(step.durationMs),
    step.waitedMs === 0 ? "" : `waited ${duration(step.waitedMs)}`,
    step.model ?? "",
    step.output === null ? "" : `wrote ${step.output.chars} characters`,
  ].filter((part) => part !== "");
  return [
    `  ${mark(colours, step.state)} ${String(step.number).padStart(2)} ${step.kind.padEnd(20)} ${parts.join(", ")}`.trimEnd(),
    ...evidenceLines(step, colours).map((line) => `       ${line}`),
  ];
}

function evidenceLines(step: StepView, colours: Colours): readonly string[] {
  return [
    ...(step.verdict === null ? [] : verdictLines(step.verdict, colours)),
    ...step.helpers.map(
      ({ attempt, head, outcome, summary }) =>
        `helper attempt ${attempt}${head === null ? "" : ` for ${short(head)}`}: ${outcome}: ${oneLine(summary, 120)}`,
    ),
    ...step.ratings.flatMap((rating, index) => [
      `rating ${index + 1}: ${rating.rating} of ${rating.bar}, ${rating.passed ? colours.green("passes") : colours.yellow("not yet")}: ${oneLine(rating.summary, 120)}`,
      ...rating.comments.map((comment) => `  - ${oneLine(comment, 120)}`),
    ]),
    ...(step.assessment === null
      ? []
      : [
          `complexity ${step.assessment.complexity}, risk ${step.assessment.risk}, impact ${step.assessment.impact}: ${oneLine(step.assessment.rationale, 120)}`,
        ]),
    ...(step.report === null ? [] : reportLines(step.report, colours)),
    ...(step.note === null ? [] : [oneLine(step.note, 200)]),
    ...(step.withheld === null ? [] : [colours.yellow(`does not merge by itself: ${oneLine(step.withheld, 120)}`)]),
    ...step.decisions.map(({ question, chosen }) => `decided: ${oneLine(question, 80)} → ${oneLine(chosen, 60)}`),
    ...(step.approved === null ? [] : [colours.green(`approved by ${step.approved.by.join(", ")} for ${short(step.approved.subject)}`)]),
  ];
}

function reportLines(report: NonNullable<StepView["report"]>, colours: Colours): readonly string[] {
  const verdict = report.accepted ? colours.green("accepted") : colours.yellow("not accepted");
  return [
    `tests ${verdict}: ${oneLine(report.because, 120)}`,
    ...report.concerns.map(({ title, severity }) => `  - ${severity}: ${oneLine(title, 120)}`),
  ];
}

function verdictLines(verdict: VerdictView, colours: Colours): readonly string[] {
  const says = verdict.says === "green" ? colours.green : verdict.says === "red" ? colours.red : colours.yellow;
  return [
    `${says(verdict.says)}: ${oneLine(verdict.because, 140)}`,
    colours.dim(`head ${short(verdict.head)}  base ${short(verdict.base)}  settings ${short(verdict.settings)}`),
    ...verdict.checks.flatMap((check) => {
      const conclusion = check.conclusion ?? check.status.replace("_", " ");
      const good = check.conclusion === "success";
      const line = `check ${oneLine(check.name, 80)}: ${good ? colours.green(conclusion) : colours.yellow(conclusion)}`;
      return good || check.summary === null ? [line] : [line, ...cut(check.summary, CHECK_LINES, "  | ")];
    }),
  ];
}

/** The last lines of a program's output: its end says why it failed. */
function cut(text: string, lines: number, margin: string): readonly string[] {
  const all = indented(text, margin);
  return all.length <= lines ? all : [`${margin}… ${all.length - lines} more lines above`, ...all.slice(-lines)];
}

function failureLines({ failure, cancelled }: RunView): readonly string[] {
  if (cancelled !== null) return [`  cancelled by ${cancelled.by.id}: ${oneLine(cancelled.reason, 200)}`];
  if (failure === null) return [];
  return [
    `  ${failure.code} in step ${failure.step + 1}: ${oneLine(failure.message, 400)}`,
    ...(failure.detail === null ? [] : cut(failure.detail, CHECK_LINES, "  | ")),
    `  ${failure.hint}`,
  ];
}

/** The open wait: question, text to be judged, digest, and the commands that answer. Empty when nothing is asked. */
export function waitLines(view: Pick<RunView, "id" | "wait" | "steps">, colours: Colours): readonly string[] {
  return view.wait === null
    ? []
    : [...questionLines(view.wait, colours), "  answer with:", ...answerCommands(view).map((command) => `    ${command}`)];
}

/** The question of a wait, the text to be judged, and its digest. */
export function questionLines(wait: NonNullable<RunView["wait"]>, colours: Colours): readonly string[] {
  const text = wait.text === null ? [] : indented(harmless(wait.text), "  | ");
  const rest = text.length - SHOWN_LINES;
  const diff = diffCommand(wait);
  return [
    `  ${colours.yellow(oneLine(harmless(wait.question), 2000))}`,
    ...wait.options.map((option, index) => `    ${index + 1}. ${oneLine(harmless(option), 200)}`),
    ...(text.length === 0 ? [] : ["", ...text.slice(0, SHOWN_LINES)]),
    ...(rest > 0 ? [`  | … ${rest} more lines: millrace logs prints all of them`] : []),
    "",
    `  digest of what is shown: ${wait.subject}`,
    ...(wait.approvers > 1
      ? [
          `  approvals: ${wait.approvedBy.length} of ${wait.approvers}${wait.approvedBy.length === 0 ? "" : ` (${wait.approvedBy.join(", ")})`}`,
        ]
      : []),
    ...(diff === null ? [] : [`  the change itself: ${diff}`]),
  ];
}
