/** The commands of this program that make sense for a run now. The read model says what is possible; the words for it are the program's. */
import type { RunView, WaitView } from "@millrace/contracts";

/** Characters of a digest that a person has to type. */
const TYPED_DIGEST = 12;

/** A run as `--json` prints it: the read model, and the commands that make sense now in `next`. */
export function runDocument(view: RunView): RunView & { readonly next: readonly string[] } {
  return { ...view, next: nextCommands(view) };
}

/** Commands that make sense now, most likely first. */
export function nextCommands(view: RunView): readonly string[] {
  const { id } = view;
  switch (view.status) {
    case "waiting":
      return answerCommands(view);
    case "running":
    case "paused":
      return ["millrace run", `millrace watch ${id}`, `millrace stop ${id}`];
    case "stopping":
      return ["millrace run"];
    case "failed":
      return [
        ...(view.failure === null ? [] : [`millrace logs ${id} --step ${view.failure.step + 1}`]),
        `millrace retry ${id}`,
        `millrace restart ${id} --from 1`,
      ];
    case "cancelled":
      return [`millrace run ${view.task.id}`];
    case "done":
      if (view.merged === null) return view.pullRequest === null ? [] : [`millrace diff ${view.task.id}`, `millrace merge ${view.task.id}`];
      return [`git pull ${remoteOf(view)} ${view.pullRequest?.base ?? view.repository?.base ?? ""}`.trim()];
  }
}

/** Commands that answer the open wait; none when there is none. */
export function answerCommands(view: Pick<RunView, "id" | "wait" | "steps">): readonly string[] {
  const { id, wait } = view;
  if (wait === null) return [];
  const hasFindings = view.steps.some(({ state, review }) => state === "waiting" && review !== null);
  return [...(hasFindings ? [`millrace review ${id}`] : []), ...wait.answers.flatMap((answer) => answerCommand(answer, id, wait))];
}

function answerCommand(answer: WaitView["answers"][number], run: string, { subject, options }: WaitView): readonly string[] {
  const digest = subject.slice(0, TYPED_DIGEST);
  switch (answer) {
    case "choose":
      return options.length === 0
        ? [`millrace decide ${run} "..."`]
        : options.map((option) => `millrace decide ${run} '${option.replaceAll("'", "'\\''")}'`);
    case "approve":
      return [`millrace approve ${run} --digest ${digest}`];
    case "request-changes":
      return [`millrace changes ${run} --feedback "..."`];
    case "reject":
      return [`millrace reject ${run} --reason "..."`];
    case "extra-round":
      return [`millrace round ${run}`];
    case "proceed":
      return [`millrace proceed ${run} --digest ${digest}`];
    case "incorporate":
      return [`millrace incorporate ${run}`];
  }
}

/** Command that shows a change that is to be merged: a merge is bound to a head on a base. Null for a text. */
export function diffCommand({ on, subject }: Pick<WaitView, "on" | "subject">): string | null {
  const [head, base] = subject.split("+");
  return on !== "merge" || head === undefined || base === undefined
    ? null
    : `git fetch millrace && git diff ${base.slice(0, TYPED_DIGEST)}...${head.slice(0, TYPED_DIGEST)}`;
}

/** Name of the remote that changes land on, in the working copy of a person. */
function remoteOf({ repository }: RunView): string {
  return repository?.forge === "github" ? "origin" : "millrace";
}
