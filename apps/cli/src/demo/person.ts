/** The person of the demo: answers what a run asks, and says so, so that a pipeline with people in it runs by itself. */
import { isLive, openWait, type HumanReply } from "@millrace/orchestration";
import type { Actor, HumanWait, Run } from "@millrace/contracts";
import type { LocalRuntime } from "@millrace/runtime-local";
import type { Output } from "../output/output.js";

export const DEMO_PERSON: Actor = { type: "human", id: "demo" };

/** Answers the run's open wait; false when it waits for nobody. */
export async function answerAsPerson(runtime: LocalRuntime, run: Run, output: Output): Promise<boolean> {
  const wait = isLive(run) ? openWait(run) : null;
  if (wait === null) return false;
  if (wait.on === "review") await answerFindings(runtime, run, output);
  const reply = replyTo(wait);
  output.line(`           you would be asked: ${wait.question.split("\n")[0] ?? ""}`);
  output.line(`           the demo answers for you: ${reply.answer}`);
  const { workspaceId, id: runId } = run;
  await runtime.execution.answer({ workspaceId, runId, wait: wait.id, shown: wait.shown, actor: DEMO_PERSON, reply });
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
async function answerFindings({ store }: LocalRuntime, { workspaceId, blockId, steps, cursor }: Run, output: Output): Promise<void> {
  const review = await store.reviews.latest(workspaceId, blockId, steps[cursor]?.definition.kind ?? "");
  if (review === null) return;
  for (const { id, title, severity } of await store.reviews.items(workspaceId, review.id)) {
    const answer =
      severity === "low" ? { status: "dismissed" as const, reply: null } : { status: "answered" as const, reply: "Round to whole cents." };
    await store.commit([{ change: "answer-review-item", workspaceId, reviewId: review.id, id, ...answer }]);
    output.line(`           finding '${title}': ${answer.reply ?? "dismissed"}`);
  }
}
