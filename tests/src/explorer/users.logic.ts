/** Commands that users, and impostors, may give to a run in any state: those that fit, and those that must be refused. */
import type { Actor, HumanAnswer, HumanWait, Run } from "@millrace/contracts";
import { acceptedAnswers, heldEffect, openWait, type Command } from "@millrace/orchestration";
import { NOW, registries } from "./engine.logic.js";
import { DRIVER, failed, returned, type Environment, type Harm } from "./environment.logic.js";

export interface LabelledCommand {
  readonly label: string;
  readonly command: Command;
  /** Default: none. */
  readonly harm?: Harm;
}

const USER: Actor = { type: "human", id: "ada" };
const SECOND_USER: Actor = { type: "human", id: "bob" };

function answers(wait: HumanWait | null): readonly HumanAnswer[] {
  return [
    { answer: "choose", option: wait?.options[0] ?? "a" },
    { answer: "approve", edited: null },
    { answer: "approve", edited: { key: "edited", digest: "digest-edited", chars: 6 } },
    { answer: "request-changes", revision: { previous: wait?.output ?? null, feedback: "again", comments: [] } },
    { answer: "reject", reason: "no" },
    { answer: "extra-round" },
    { answer: "proceed" },
    { answer: "incorporate", feedback: "" },
  ];
}

function say(actor: Actor, wait: string, subject: string, answer: HumanAnswer): Command {
  return { command: "answer", at: NOW, actor, wait, subject, answer };
}

/** Answers that fit the open wait, from two users where it needs two approvers. */
export function fittingAnswers(run: Run): readonly LabelledCommand[] {
  const wait = openWait(run);
  if (wait === null) return [];
  const accepted = acceptedAnswers(run, registries.stepKinds);
  const fitting = answers(wait).filter(({ answer }) => accepted.includes(answer));
  const askers = wait.approvers > 1 ? [USER, SECOND_USER] : [USER];
  return askers.flatMap((actor) =>
    fitting
      // A user who approved may still reject or request changes.
      .filter((answer) => answer.answer !== "approve" || !(wait.approvedBy.includes(actor.id) || isRefusedEdit(answer, wait, run)))
      .map((answer) => ({
        label: `${actor.id} answers ${answer.answer}`,
        command: say(actor, wait.id, wait.subject, answer),
        ...(isAgreement(answer) ? {} : { harm: "fault" as const }),
      })),
  );
}

/** An answer after which nothing but the run itself keeps it from going on. */
function isAgreement(answer: HumanAnswer): boolean {
  return answer.answer !== "reject" && answer.answer !== "request-changes";
}

/** Kinds whose result is prose and nothing else, of those that are explored. */
const PROSE: ReadonlySet<string> = new Set(["researcher", "documenter", "architect"]);

/** An edit of a proposal that several users approve, or of one that is more than its text: it is refused. */
function isRefusedEdit(answer: HumanAnswer, wait: HumanWait, run: Run): boolean {
  if (answer.answer !== "approve" || answer.edited === null) return false;
  const author = run.steps.findLast(({ output }) => output !== null && output.key === wait.output?.key);
  return wait.approvers > 1 || author === undefined || !PROSE.has(author.definition.kind);
}

/** A user may resume a paused run at any time. */
export function resumptions(run: Run, environment: Environment): readonly (LabelledCommand & { readonly environment: Environment })[] {
  if (heldEffect(run) === null) return [];
  const command: Command = { command: "release", at: NOW, actor: USER };
  const raised = { label: "ada raises the budget and resumes it", environment: { ...environment, spent: false }, command };
  return [{ label: "ada resumes it", environment, command }, ...(environment.spent ? [raised] : [])];
}

export function stops(run: Run): readonly LabelledCommand[] {
  if (run.phase.is !== "live") return [];
  return (["failed", "cancelled"] as const).map((as) => ({
    label: `ada stops it as ${as}`,
    command: { command: "stop", at: NOW, actor: USER, as, reason: "enough" },
  }));
}

/** What a step kind throws instead of deciding ends the run, whatever it does (F:C6). */
export function defects(run: Run): readonly LabelledCommand[] {
  if (run.phase.is !== "live") return [];
  const command: Command = { command: "defect", at: NOW, actor: DRIVER, code: "internal", message: "a kind threw" };
  return [{ label: "a step kind throws", command }];
}

/** Commands that must be refused in this state. */
export function mustBeRefused(run: Run): readonly LabelledCommand[] {
  const resume: LabelledCommand = { label: "ada resumes what is not paused", command: { command: "release", at: NOW, actor: USER } };
  return [...unfittingAnswers(run), ...(heldEffect(run) === null ? [resume] : [])];
}

function unfittingAnswers(run: Run): readonly LabelledCommand[] {
  const wait = openWait(run);
  const id = wait?.id ?? "run.0.1.1";
  const subject = wait?.subject ?? "digest-coder";
  const approve: HumanAnswer = { answer: "approve", edited: null };
  const all = answers(wait);
  if (wait === null)
    return all.map((answer) => ({ label: `${answer.answer} although nothing is asked`, command: say(USER, id, subject, answer) }));
  const accepted = acceptedAnswers(run, registries.stepKinds);
  const fitting = all.filter(({ answer }) => accepted.includes(answer));
  const unfitting = all.filter((answer) => !fitting.includes(answer));
  return [
    ...unfitting.map((answer) => ({ label: `${answer.answer}, which does not fit`, command: say(USER, id, subject, answer) })),
    ...fitting.flatMap((answer) => [
      { label: `${answer.answer} with another digest`, command: say(USER, id, `${subject}-before`, answer) },
      { label: `${answer.answer} to an older wait`, command: say(USER, `${id}0`, subject, answer) },
      { label: `${answer.answer} by an agent`, command: say({ type: "agent", id: "coder" }, id, subject, answer) },
      { label: `${answer.answer} by the system`, command: say(DRIVER, id, subject, answer) },
    ]),
    ...fitting
      .filter((answer) => isRefusedEdit(answer, wait, run))
      .map((answer) => ({ label: "an edit that is refused", command: say(USER, id, subject, answer) })),
    ...wait.approvedBy.map((who) => ({ label: `${who} approves twice`, command: say({ type: "human", id: who }, id, subject, approve) })),
  ];
}

const lateAnswer = {
  output: { key: "late", digest: "late", chars: 4 },
  excerpt: "late",
  product: { is: "none" },
  question: null,
  model: null,
} as const;

/** Late results, which must be ignored: of effects that the run no longer waits for, and of any effect once it is not live. */
export function lateResults(run: Run, environment: Environment, current: string | null): readonly LabelledCommand[] {
  const keys = environment.keys.filter((key) => key !== current || run.phase.is !== "live").slice(-3);
  const late = keys.flatMap((key): LabelledCommand[] => [
    { label: `late: ${key} was answered`, command: returned(key, { of: "ask-agent", answer: lateAnswer }) },
    {
      label: `late: job ${key} was lost`,
      command: returned(key, { of: "job", outcome: { is: "lost", transient: true, message: "late" } }),
    },
    {
      label: `late: ${key} merged`,
      command: returned(key, {
        of: "merge",
        result: { is: "merged", commit: environment.base, head: environment.head, base: environment.base },
      }),
    },
    { label: `late: ${key} started`, command: returned(key, { of: "start-job", handle: { key, ref: "late", model: null } }) },
    { label: `late: ${key} failed`, command: failed(key, false) },
    { label: `late: ${key} outlived its patience`, command: { command: "timed-out", at: NOW, actor: DRIVER, key, message: "late" } },
  ]);
  const unexpected: LabelledCommand = {
    label: "late: an exit that is not awaited",
    command: { command: "stopped", at: NOW, actor: DRIVER },
  };
  return run.phase.is === "stopping" ? late : [...late, unexpected];
}
