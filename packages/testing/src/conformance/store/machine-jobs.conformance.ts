import type { Change, MachineJob } from "@millrace/kernel";
import { expect } from "vitest";
import { expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

function aJob(revision: number, over: Partial<MachineJob> = {}): MachineJob {
  return { key: "run_a/0/1/work.1", machine: "one", seenAt: 5, state: "running", outcome: null, revision, ...over };
}

const put = (job: MachineJob): Change<"put-machine-job"> => ({ change: "put-machine-job", job });

export const machineJobCases: readonly StoreCase[] = [
  {
    name: "machine-jobs: a job is there once a machine has taken it on, and changes one revision at a time",
    async run({ store }) {
      expect(await store.machineJobs.get(aJob(1).key)).toBeNull();
      await expectRefusal(store.commit([put(aJob(2))]), "stale_revision");
      await store.commit([put(aJob(1))]);
      const ended = aJob(2, { state: "ended", outcome: '{"is":"lost"}', seenAt: 9 });
      await store.commit([put(ended)]);
      for (const revision of [1, 2, 4]) await expectRefusal(store.commit([put(aJob(revision))]), "stale_revision");
      expect(await store.machineJobs.get(ended.key)).toEqual(ended);
    },
  },
  {
    name: "machine-jobs: of two machines that take on a job at the same time, one has it",
    async run({ store, connect }) {
      const other = await connect();
      const taken = await Promise.allSettled([store.commit([put(aJob(1))]), other.commit([put(aJob(1, { machine: "two" }))])]);
      expect(taken.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      expect((await store.machineJobs.get(aJob(1).key))?.revision).toBe(1);
    },
  },
  {
    name: "machine-jobs: a machine finds those that it has to look at, by key and a page at most",
    async run({ store }) {
      const jobs = [
        aJob(1, { key: "c" }),
        aJob(1, { key: "b", state: "stopping" }),
        aJob(1, { key: "a", state: "forgetting" }),
        aJob(1, { key: "bb", state: "lost" }),
        aJob(1, { key: "d", state: "ended" }),
        aJob(1, { key: "e", state: "forgotten" }),
        aJob(1, { key: "f", machine: "two" }),
      ];
      for (const job of jobs) await store.commit([put(job)]);
      const keys = async (page: { after?: string; limit: number }) =>
        (await store.machineJobs.ofMachine("one", page)).map(({ key }) => key);
      expect(await keys({ limit: 9 })).toEqual(["a", "b", "bb", "c"]);
      expect(await keys({ limit: 2 })).toEqual(["a", "b"]);
      expect(await keys({ after: "b", limit: 9 })).toEqual(["bb", "c"]);
      await expectRefusal(store.machineJobs.ofMachine("one", { limit: 0 }), "validation");
    },
  },
];
