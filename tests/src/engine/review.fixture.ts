/** Hosts with a review step, and the commands that people give to its findings. */
import type { FindingAnswer, ReviewItem, Run } from "@millrace/contracts";
import { openWait } from "@millrace/orchestration";
import { createTestHost, type ScriptedKind, type TestHost, type TestHostOptions } from "@millrace/testing";

export const finding = (title: string, severity = "high"): { readonly [key: string]: string } => ({
  category: "gap",
  severity,
  title,
  detail: `${title}?`,
});

export const pass = (...titles: readonly string[]) => ({ answer: { items: titles.map((title) => finding(title)) } });
export const clean = pass();

/** A host with a reviewer that returns these findings in turn, an agent that writes documents, and one step after them. */
export function reviewHost(
  reviewer: ScriptedKind,
  more: Partial<TestHostOptions> & { readonly agents?: Readonly<Record<string, ScriptedKind>> } = {},
): Promise<TestHost> {
  const { agents, ...options } = more;
  return createTestHost({
    pipeline: { steps: [{ kind: "requirements-review" }, { kind: "researcher" }] },
    task: { description: "as people wrote it" },
    ...options,
    script: {
      "requirements-review": reviewer,
      "requirements-rework": (_task, call) => ({ say: `document ${call + 1}` }),
      researcher: { say: "options" },
      ...agents,
    },
  });
}

export async function begun(host: TestHost): Promise<string> {
  const { id } = await host.start();
  await host.drive();
  return id;
}

export async function itemsOf(host: TestHost, runId: string): Promise<readonly ReviewItem[]> {
  return (await host.reviews.ofRun(at(host, runId)))?.items ?? [];
}

export function at(
  host: TestHost,
  runId: string,
): { readonly workspaceId: string; readonly runId: string; readonly actor: TestHost["user"] } {
  return { workspaceId: host.workspace.id, runId, actor: host.user };
}

/** Answers one finding, by its position from 0. */
export async function say(host: TestHost, runId: string, position: number, answer: FindingAnswer): Promise<ReviewItem> {
  const found = await host.reviews.ofRun(at(host, runId));
  const item = found?.items[position];
  if (found === null || item === undefined) throw new Error(`no finding ${position}`);
  return host.reviews.answer({ ...at(host, runId), reviewId: found.review.id, itemId: item.id, answer });
}

/** Replies to every finding and asks for the answers to be incorporated. */
export async function incorporate(host: TestHost, runId: string, feedback = ""): Promise<Run> {
  const items = await itemsOf(host, runId);
  for (const [position] of items.entries()) await say(host, runId, position, { do: "reply", text: `answer ${position + 1}` });
  return host.reviews.incorporate({ ...at(host, runId), feedback });
}

/** Accepts the open review as it is. */
export async function proceed(host: TestHost, runId: string): Promise<Run> {
  return host.reviews.proceed({ ...at(host, runId), subject: openWait(await host.run(runId))?.subject ?? "" });
}

/** Every review of the block, oldest first: `1 superseded, 2 incorporated`. */
export async function history(host: TestHost, runId: string, kind = "requirements-review"): Promise<string> {
  const log = await host.store.events.ofRun(host.workspace.id, runId, 0, 1000);
  const ids = log.flatMap(({ entry }) => {
    const { event } = entry;
    return event.type === "fact-recorded" && event.fact.is === "reviewed" ? [(event.fact["round"] as { id: string }).id] : [];
  });
  const rows = await Promise.all(ids.map((id) => host.store.reviews.get(host.workspace.id, id)));
  return rows.map((row) => (row?.kind === kind ? `${row.iteration} ${row.status}` : "missing")).join(", ");
}

/** Kinds of the agents that were asked, in order. */
export function asked(host: TestHost): string {
  return host.agents.begun.map(({ kind }) => kind.replace("requirements-", "")).join(" ");
}

/** Replaces the task's description. */
export async function describeAnew(host: TestHost, description: string): Promise<void> {
  await host.store.commit([{ change: "patch-block", workspaceId: host.workspace.id, id: host.task.id, patch: { description } }]);
}
