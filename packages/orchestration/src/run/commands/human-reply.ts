import type { HumanAnswer, HumanReply, Revision } from "@millrace/contracts";
import { MillraceError, type Change } from "@millrace/kernel";
import { keepText } from "../../platform/keep-text.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import type { RunAddress } from "../turn/run-session.js";
import type { ByPerson } from "./prove-person.js";

/** A person's answer to an open wait. */
export interface AnswerRequest extends RunAddress, ByPerson {
  /** Id of the wait. */
  readonly wait: string;
  /** Digest of what the person saw, as the wait shows it. */
  readonly subject: string;
  readonly reply: HumanReply;
  /** Guards that the commit of the answer must pass. Default: none. */
  readonly guards?: readonly Change[];
}

/** The answer for the decider, and the texts that must land with it. `subject` is the output the wait showed. */
export async function toAnswer(
  ports: Pick<OrchestrationPorts, "digestText" | "redact">,
  request: AnswerRequest,
  subject: Revision["previous"],
): Promise<{ readonly answer: HumanAnswer; readonly writes: readonly Change[] }> {
  const { wait, reply, workspaceId, runId } = request;
  if (reply.answer === "approve") {
    if (reply.edited === undefined) return { answer: { answer: "approve", edited: null }, writes: [] };
    const { output, write } = await keepText(ports, { workspaceId, runId, key: `${wait}/edited`, text: reply.edited });
    return { answer: { answer: "approve", edited: output }, writes: [write] };
  }
  if (reply.answer !== "request-changes") return { answer: reply, writes: [] };
  if (reply.feedback.trim() === "" && (reply.comments ?? []).length === 0)
    throw new MillraceError("validation", "a request for changes says what must change", { fix: "give feedback or comments" });
  return {
    answer: { answer: "request-changes", revision: { previous: subject, feedback: reply.feedback, comments: [...(reply.comments ?? [])] } },
    writes: [],
  };
}
