/** Worker that `run.ts` starts in workerd: a task becomes a merged change, with ids of the engine's own source. */
import { randomIds } from "@millrace/orchestration";
import { createTestHost } from "@millrace/testing";

const handler = {
  async fetch(): Promise<Response> {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "coder" }, { kind: "conflicts" }, { kind: "ci" }, { kind: "merger" }] },
      checks: { ci: "none" },
      script: {
        coder: { change: { "total.js": "fine" } },
        merger: { answer: { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "one new function" } },
      },
      wrap: (ports) => ({ ...ports, ids: randomIds }),
    });
    const { id } = await host.start();
    await host.drive();
    const run = await host.run(id);
    return Response.json({ id, events: run.revision, merged: run.merged, tree: host.forge.landed[0]?.tree ?? null });
  },
};

// oxlint-disable-next-line import/no-default-export -- the form of a worker's main module
export default handler;
