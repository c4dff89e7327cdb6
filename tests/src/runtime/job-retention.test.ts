import type { JobCleaner, KeptJob } from "@millrace/executors";
import { jobRetention } from "@millrace/runtime-host";
import { createTestHost } from "@millrace/testing";
import { expect, it } from "vitest";

const DAY = 24 * 60 * 60_000;

it("F:C15 the folder of a job goes when its run finished longer ago than the workspace keeps it, and no other", async () => {
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "coder" }] },
    script: { coder: { change: { a: "1" } } },
    settings: { retention: { transcripts: 10 } },
  });
  const { id } = await host.start();
  const jobs: readonly KeptJob[] = [
    { key: `${id}/0/1/work.1`, workspaceId: host.workspace.id, runId: id },
    { key: "run_x/0/1/work.1", workspaceId: host.workspace.id, runId: "run_x" },
  ];
  const cleaned: string[] = [];
  const cleaner: JobCleaner = {
    list: async () => jobs,
    clean: async ({ key }, { transcript }) => {
      if (transcript) cleaned.push(key);
      return true;
    },
  };
  const sweep = jobRetention(host.store, cleaner);
  const pass = (days: number) => sweep.run(host.clock.now() + days * DAY, 200, new AbortController().signal);
  expect(await pass(11)).toBe(0);
  await host.drive();
  expect(await pass(9)).toBe(0);
  expect(await pass(11)).toBe(1);
  cleaned.length = 0;
  await host.store.commit([{ change: "hold-run", workspaceId: host.workspace.id, id, isHeld: true }]);
  expect(await pass(11)).toBe(0);
  await host.store.commit([{ change: "hold-run", workspaceId: host.workspace.id, id, isHeld: false }]);
  expect(await pass(11)).toBe(1);
  expect(cleaned).toEqual([`${id}/0/1/work.1`]);
});
