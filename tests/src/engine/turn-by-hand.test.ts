/** The turn that docs/turn.md follows by hand: what the page says is stored is what is stored. */
import { readFileSync } from "node:fs";
import { monthScope } from "@millrace/orchestration";
import { completedCheck, createTestHost, type TestHost } from "@millrace/testing";
import { expect, it } from "vitest";

const page = readFileSync(new URL("../../../docs/turn.md", import.meta.url), "utf8");

it("stores what the page says, before and after it", async () => {
  const host = await hostWithEndedJob();
  const before = await stored(host);
  expect(await host.execution.advance({ workspaceId: host.workspace.id, runId: "run_1" })).toEqual({ is: "continue" });
  const after = await stored(host);
  expect(rowsOf("| row | before | after |").map(([row, was, is]) => [row, was, is])).toEqual(
    Object.keys(before).map((row) => [row, before[row], after[row]]),
  );
});

it("commits the events that the page says, in their order", async () => {
  const host = await hostWithEndedJob();
  const { revision } = await host.run("run_1");
  await host.execution.advance({ workspaceId: host.workspace.id, runId: "run_1" });
  const events = await host.store.events.ofRun(host.workspace.id, "run_1", revision, 99);
  expect(rowsOf("| no. | event | what it says |").map(([no, event]) => [no, event])).toEqual(
    events.map(({ sequence, entry }) => [`${sequence}`, `\`${entry.event.type}\``]),
  );
});

/** A host whose run polls a job that has ended: its next turn is the one of the page. */
async function hostWithEndedJob(): Promise<TestHost> {
  const usage = { model: "scripted:scripted", tokens: null, costMicros: 120_000 };
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }] },
    script: { coder: { change: { feature: "1" }, usage } },
  });
  host.forge.judgeWith(() => [completedCheck("test", "success")]);
  const { id } = await host.start();
  const started = await host.execution.advance({ workspaceId: host.workspace.id, runId: id });
  if (started.is === "sleeping") host.clock.advanceTo(started.until);
  return host;
}

/** The rows of the page's table, in its words. */
async function stored(host: TestHost): Promise<Readonly<Record<string, string>>> {
  const { store, workspace, clock, wakeups } = host;
  const { revision, cursor, steps } = await host.run("run_1");
  const { status, progress, pullRequest } = await host.block();
  const { reservedMicros, settledMicros } = await store.spend.total(workspace.id, monthScope(clock.now()));
  const usage = await store.usage.ofRun(workspace.id, "run_1");
  const output = await store.outputs.get(workspace.id, "run_1/0/1/work.1");
  const dueAt = await wakeups.nextDueAt();
  return {
    "run: revision": `\`${revision}\``,
    "run: cursor": `\`${cursor}\``,
    "run: activities": `\`${steps.map(({ activity }) => activity.is).join(", ")}\``,
    "block: status": `\`${status}\``,
    "block: progress": `\`${progress}\``,
    "block: pull request": pullRequest === null ? "none" : `\`${pullRequest.id}\``,
    "spend of the month: reserved": `\`${reservedMicros}\``,
    "spend of the month: settled": `\`${settledMicros}\``,
    usage: usage.length === 0 ? "none" : usage.map(({ key }) => `\`${key}\``).join(),
    "output `run_1/0/1/work.1`": output === null ? "none" : "the coder's text",
    "wake-up": dueAt !== null && dueAt <= clock.now() ? "now" : `${dueAt}`,
  };
}

/** The rows below a header of the page. */
function rowsOf(header: string): readonly (readonly string[])[] {
  const lines = page.split("\n");
  const first = lines.indexOf(header) + 2;
  const end = lines.findIndex((line, index) => index >= first && !line.startsWith("|"));
  return lines.slice(first, end).map((line) => line.slice(2, -2).split(" | "));
}
