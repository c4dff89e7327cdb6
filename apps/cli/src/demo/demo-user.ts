/** The user of the demo: answers the waits of a run and prints the answers, so that a pipeline with approvals runs by itself. */
import { acceptedAnswers, isLive, openWait } from "@millrace/orchestration";
import type { Actor, FindingAnswer, HumanReply, HumanWait, Run } from "@millrace/contracts";
import type { Host } from "@millrace/runtime-host";
import type { Output } from "../output/output.js";

/** The actor of everything the demo does. */
export const DEMO_USER: Actor = { type: "human", id: "demo" };

/** Answers the open wait of the run; false when there is none. */
export async function answerAsDemoUser(runtime: Host, run: Run, output: Output): Promise<boolean> {
  const wait = isLive(run) ? openWait(run) : null;
  if (wait === null) return false;
  if (wait.on === "review") await answerFindings(runtime, run, output);
  const reply = replyTo(wait, acceptedAnswers(run, runtime.stepKinds));
  output.line(`           you would be asked: ${wait.question.split("\n")[0] ?? ""}`);
  output.line(`           the demo answers for you: ${reply.answer}`);
  const { workspaceId, id: runId } = run;
  await runtime.execution.answer({ workspaceId, runId, wait: wait.id, subject: wait.subject, actor: DEMO_USER, reply });
  return true;
}

/** The answer that lets the run go on: the first of these that the wait accepts. */
function replyTo({ options }: HumanWait, accepted: ReturnType<typeof acceptedAnswers>): HumanReply {
  if (accepted.includes("choose")) return { answer: "choose", option: options[0] ?? "as you think best" };
  if (accepted.includes("approve")) return { answer: "approve" };
  return accepted.includes("incorporate") ? { answer: "incorporate", feedback: "" } : { answer: "proceed" };
}

/** Replies to serious findings, dismisses the rest. */
async function answerFindings({ reviews }: Host, { workspaceId, id: runId }: Run, output: Output): Promise<void> {
  const found = await reviews.ofRun({ workspaceId, runId });
  if (found === null) return;
  for (const { id: itemId, title, severity } of found.items) {
    const answer: FindingAnswer = severity === "low" ? { do: "dismiss" } : { do: "reply", text: "Round to whole cents." };
    await reviews.answer({ workspaceId, reviewId: found.review.id, itemId, actor: DEMO_USER, answer });
    output.line(`           finding '${title}': ${answer.do === "reply" ? answer.text : "dismissed"}`);
  }
}
