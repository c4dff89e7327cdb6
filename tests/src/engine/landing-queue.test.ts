/** Many good tasks at once on one repository: all of them land, at a cost for each that does not grow with their number (F:C1, I14). */
import { canonicalJson } from "@millrace/kernel";
import { completedCheck, createTestHost, interceptPorts, type TestHost } from "@millrace/testing";
import { afterAll, expect, it } from "vitest";

/** How long the checks of a commit run. */
const CHECKS_MS = 120_000;
const score = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };
const table: string[] = [];
afterAll(() => console.log(["tasks  merged  merger jobs  commits judged/task  forge calls/task  advances/task", ...table].join("\n")));

interface Costs {
  readonly host: TestHost;
  /** Number of commits that were judged. */
  readonly judged: () => number;
  readonly forgeCalls: () => number;
}

async function hostWith(): Promise<Costs> {
  let forgeCalls = 0;
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }] },
    script: { coder: ({ key }) => ({ change: { [key.replaceAll(/\W/g, "-")]: "good" } }), merger: { answer: score } },
    wrap: (ports) =>
      interceptPorts(ports, async ({ port }, act) => {
        if (port === "forge") forgeCalls += 1;
        return act();
      }),
  });
  const since = new Map<string, number>();
  host.forge.judgeWith((head) => {
    const begun = since.get(head) ?? host.clock.now();
    since.set(head, begun);
    const isDone = host.clock.now() - begun >= CHECKS_MS;
    return [isDone ? completedCheck("test", "success") : { ...completedCheck("test", "success"), status: "in_progress", conclusion: null }];
  });
  return { host, judged: () => since.size, forgeCalls: () => forgeCalls };
}

async function startAll(host: TestHost, tasks: number): Promise<void> {
  const { workspace, user, pipeline, task } = host;
  const parentId = task.parentId ?? "";
  for (let index = 0; index < tasks; index += 1) {
    const added = await host.board.addTask({ workspaceId: workspace.id, parentId, input: { title: `task ${index}` }, actor: user });
    await host.execution.start({ workspaceId: workspace.id, blockId: added.id, pipelineId: pipeline.id, actor: user });
  }
}

it.each([12, 25, 50, 100])(
  "F:C1 %i good tasks at once all land, each assessed once",
  async (tasks) => {
    const { host, judged, forgeCalls } = await hostWith();
    await startAll(host, tasks);
    await host.drive(tasks * 2000);
    const runs = await host.store.runs.list(host.workspace.id, {}, { limit: 200 });
    const merged = host.forge.landed.length;
    const jobs = host.agents.begun.filter(({ kind }) => kind === "merger").length;
    const revisions = runs.reduce((sum, { revision }) => sum + revision, 0);
    const each = (count: number): string => (count / tasks).toFixed(1);
    table.push(
      [
        String(tasks).padEnd(5),
        String(merged).padStart(7),
        String(jobs).padStart(12),
        each(judged()).padStart(20),
        each(forgeCalls()).padStart(17),
        each(revisions).padStart(14),
      ].join(" "),
    );
    expect(runs.map(({ status }) => status)).toEqual(runs.map(() => "done"));
    expect(merged).toBe(tasks);
    expect(jobs).toBe(tasks);
    expect(judged() / tasks).toBeLessThanOrEqual(4);
    const lane = canonicalJson([host.repository.forge, host.repository.id, host.repository.base]);
    expect(await host.store.landings.line(host.workspace.id, lane, 1)).toEqual([]);
  },
  120_000,
);
