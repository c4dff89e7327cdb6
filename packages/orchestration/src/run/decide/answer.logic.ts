import { humanAnswerSchema, type HumanAnswer, type HumanWait, type Run } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import { requirePerson } from "../../platform/actor.logic.js";
import type { Command } from "../model/command.js";
import { currentStep, openWait } from "../model/due.logic.js";
import type { StepKinds } from "../model/step-kind.js";
import { APPROVAL_WAIT, declaredWait } from "../model/waits.js";
import { requireOpenWait } from "../rules/actions.logic.js";
import type { Transition } from "./transition.js";

type AnswerCommand = Extract<Command, { command: "answer" }>;

/**
 * Answers that the open wait of a run accepts, by their names; empty while it waits for no person.
 *
 * @throws MillraceError `config_invalid` when no registered step kind declares the wait.
 */
export function acceptedAnswers(run: Run, stepKinds: StepKinds): readonly HumanAnswer["answer"][] {
  const wait = openWait(run);
  return wait === null ? [] : declaredWait(stepKinds, currentStep(run).state, wait.on).answers;
}

/** A person's answer to an open wait (promise P5). */
export function decideAnswer(transition: Transition, command: AnswerCommand): void {
  const wait = requireWait(transition, command);
  checkAnswer(wait, acceptedAnswers(transition.run, transition.stepKinds), command);
  if (command.answer.answer === "approve" && command.answer.edited !== null) checkEditable(transition, wait);
  const step = transition.run.cursor;
  const by = command.actor.id;
  if (command.answer.answer === "approve" && wait.approvedBy.length + 1 < wait.approvers) {
    transition.emit({ type: "human-agreed", step, wait: wait.id, by });
    return;
  }
  transition.emit({ type: "human-answered", step, wait: wait.id, by, answer: command.answer });
  if (command.answer.answer === "reject") return rejectRun(transition, wait, command.answer.reason);
  if (command.answer.answer === "approve") {
    transition.emit({ type: "step-approved", step, approval: { by: [...wait.approvedBy, by], subject: wait.subject, at: command.at } });
    if (command.answer.edited !== null) {
      // The text belongs to the step that wrote it: a companion shows the work of the one before it.
      const author = authorOf(transition.run, wait) ?? step;
      transition.emit({ type: "output-recorded", step: author, output: command.answer.edited, model: null });
    }
    if (wait.on === APPROVAL_WAIT) return transition.finishStep();
  }
  transition.answered(wait, command.answer);
}

function requireWait(transition: Transition, command: AnswerCommand): HumanWait {
  const { run } = transition;
  requirePerson(command.actor, "only people approve, reject and decide");
  if (run.phase.is !== "live")
    throw new MillraceError("run_not_live", `run '${run.id}' is ${run.phase.is}; its waits are closed`, {
      fix: `see it with: millrace show ${run.id}`,
    });
  const { activity } = currentStep(run);
  return requireOpenWait(run, activity.is === "wait" ? activity.wait : null, command.wait);
}

function checkAnswer(wait: HumanWait, accepted: readonly HumanAnswer["answer"][], { answer, subject, actor }: AnswerCommand): void {
  if (!accepted.includes(answer.answer))
    throw new MillraceError("wait_mismatch", `'${answer.answer}' does not answer a ${wait.on}`, {
      fix: `possible answers: ${accepted.join(", ")}`,
    });
  // A value that does not fit the event's schema would make the run's history unreadable.
  const misfit = humanAnswerSchema.safeParse(answer).error?.issues[0];
  if (misfit !== undefined)
    throw new MillraceError("validation", `the answer's ${misfit.path.join(".")}: ${misfit.message}`, {
      fix: "give the answer again, shorter",
    });
  if (subject !== wait.subject)
    throw new MillraceError("digest_mismatch", "what you saw is not what is waiting for an answer", {
      fix: "look at the run again, then answer with the digest it shows",
    });
  if (answer.answer === "approve" && answer.edited !== null && wait.approvers > 1)
    throw new MillraceError("validation", "a proposal that several people approve cannot be edited by one of them", {
      fix: "approve it unchanged, or request changes",
    });
  if (answer.answer === "approve" && wait.approvedBy.includes(actor.id))
    throw new MillraceError(
      "conflict",
      `'${actor.id}' has approved already; ${wait.approvers - wait.approvedBy.length} other approval(s) are needed`,
    );
  if (answer.answer === "choose" && wait.options.length > 0 && !wait.options.includes(answer.option))
    throw new MillraceError("validation", `'${answer.option}' is not one of the options`, {
      fix: `choose one of: ${wait.options.join(" | ")}`,
    });
}

/** Index of the step whose text a wait shows; null where it shows none. */
function authorOf({ steps }: Run, { output }: HumanWait): number | null {
  const index = output === null ? -1 : steps.findLastIndex((step) => step.output?.key === output.key);
  return index < 0 ? null : index;
}

/**
 * Only a text that is the whole result can be edited. One that was made from a structured answer, or speaks of a change in the
 * repository, is not what later steps and the merge stand on: that would stay as it was, without an approval.
 */
function checkEditable({ run, kinds, stepKinds }: Transition, wait: HumanWait): void {
  const step = run.steps[authorOf(run, wait) ?? -1];
  const kind = step === undefined ? null : kinds.get(step.definition.kind);
  const isText =
    step !== undefined &&
    kind !== null &&
    kind.answer === null &&
    kind.contract.delivers === "nothing" &&
    stepKinds.of(step.state).asks !== null;
  if (isText) return;
  throw new MillraceError(
    "validation",
    `the result of '${step?.definition.kind ?? wait.on}' is more than its text: an edit would not reach it`,
    {
      fix: "request changes and say what must change, so that the step makes it anew; or approve it unchanged",
    },
  );
}

function rejectRun(transition: Transition, wait: HumanWait, reason: string): void {
  const because = reason === "" ? "" : `: ${reason}`;
  transition.fail({ kind: "rejected", code: `${wait.on}_rejected`, message: `rejected by ${transition.actor.id}${because}`, detail: null });
}
