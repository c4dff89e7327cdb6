/** The person of the demo: answers what a run asks, and says so, so that a pipeline with people in it runs by itself. */
import { isLive, openWait } from "@millrace/orchestration";
import type { Actor, FindingAnswer, HumanReply, HumanWait, Run } from "@millrace/contracts";
import type { Host } from "@millrace/runtime-host";
import type { Output } from "../output/output.js";

export const DEMO_PERSON: Actor = { type: "human", id: "demo" };

/** Answers the run's open wait; false when it waits for nobody. */
export async function answerAsPerson(runtime: Host, run: Run, output: Output): Promise<boolean> {
  const wait = isLive(run) ? openWait(run) : null;
  if (wait === null) return false;
  if (wait.on === "review") await answerFindings(runtime, run, output);
  const reply = replyTo(wait);
  output.line(`           you would be asked: ${wait.question.split("\n")[0] ?? ""}`);
  output.line(`           the demo answers for you: ${reply.answer}`);
  const { workspaceId, id: runId } = run;
  await runtime.execution.answer({ workspaceId, runId, wait: wait.id, subject: wait.subject, actor: DEMO_PERSON, reply });
  return true;
}

function replyTo({ on, options }: Pick<HumanWait, "on" | "options">): HumanReply {
  switch (on) {
    case "decision":
      return { answer: "choose", option: options[0] ?? "as you think best" };
    case "approval":
    case "merge":
      return { answer: "approve" };
    case "cap":
      return { answer: "proceed" };
    case "review":
      return { answer: "incorporate", feedback: "" };
  }
}

/** Replies to serious findings, dismisses the rest. */
async function answerFindings({ reviews }: Host, { workspaceId, id: runId }: Run, output: Output): Promise<void> {
  const found = await reviews.ofRun({ workspaceId, runId });
  if (found === null) return;
  for (const { id: itemId, title, severity } of found.items) {
    const answer: FindingAnswer = severity === "low" ? { do: "dismiss" } : { do: "reply", text: "Round to whole cents." };
    await reviews.answer({ workspaceId, reviewId: found.review.id, itemId, actor: DEMO_PERSON, answer });
    output.line(`           finding '${title}': ${answer.do === "reply" ? answer.text : "dismissed"}`);
  }
}
