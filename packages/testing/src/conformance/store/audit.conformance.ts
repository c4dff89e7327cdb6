import type { AccountEvent, RunEvent } from "@millrace/contracts";
import type { AuditFilter, AuditPage } from "@millrace/kernel";
import { expect } from "vitest";
import { TASK, WS, aBoardEvent, aRunEvent, boardOf, expectRefusal, seedRun } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const person = { type: "human", id: "ada" } as const;

function finished(at: number): RunEvent {
  return { version: 1, at, actor: person, event: { type: "run-finished" } };
}

function accountEvent(at: number, id: string): AccountEvent {
  return { version: 1, at, actor: { type: "human", id }, event: { type: "account-changed", fields: ["name"] } };
}

export const auditCases: readonly StoreCase[] = [
  {
    name: "EVT-04 the audit has the decisions and not the work, by actor, type, block and time, page by page in both orders",
    async run({ store }) {
      await seedRun(store);
      const run = { workspaceId: WS, runId: "run_a", blockId: TASK } as const;
      await store.commit([{ change: "append-run-events", ...run, firstSequence: 1, events: [aRunEvent(0), finished(30)] }]);
      await store.commit([{ change: "append-board-event", workspaceId: WS, event: { ...aBoardEvent("Board"), at: 10 } }]);
      await store.commit([{ change: "append-run-events", ...run, firstSequence: 3, events: [{ ...finished(20), onBehalfOf: "bob" }] }]);
      const list = async (filter: AuditFilter = {}, page: AuditPage = { limit: 9 }, workspaceId = WS) =>
        (await store.audit.ofWorkspace(workspaceId, filter, page)).map(({ at }) => at);
      expect(await list()).toEqual([30, 20, 10]);
      expect(await list({}, { limit: 9, order: "oldest" })).toEqual([10, 20, 30]);
      expect(await list({ actor: "ada" })).toEqual([30, 20]);
      expect(await list({ type: "workspace-created" })).toEqual([10]);
      expect(await list({ blockId: TASK, from: 20, to: 30 })).toEqual([20]);
      expect(await list({ blockId: TASK, type: "run-finished", actor: "nobody" })).toEqual([]);
      const [, second] = await store.audit.ofWorkspace(WS, {}, { limit: 9 });
      expect(second).toMatchObject({ actor: person, onBehalfOf: "bob", runId: "run_a", blockId: TASK, event: { type: "run-finished" } });
      const after = second?.position ?? "";
      expect(await list({}, { limit: 9, after })).toEqual([10]);
      expect(await list({}, { limit: 9, after, order: "oldest" })).toEqual([30]);
      await expectRefusal(list({}, { limit: 9, after: "x" }), "validation");
      await store.commit(boardOf("ws_b"));
      expect(await list({}, { limit: 9 }, "ws_b")).toEqual([]);
    },
  },
  {
    name: "EVT-04 the audit of an account is its log, by actor, type and time",
    async run({ store }) {
      for (const [accountId, at, id] of [
        ["acc_a", 1, "ada"],
        ["acc_a", 2, "bob"],
        ["acc_b", 3, "ada"],
      ] as const)
        await store.commit([{ change: "append-account-event", accountId, event: accountEvent(at, id) }]);
      const list = async (filter: AuditFilter) => (await store.audit.ofAccount("acc_a", filter, { limit: 9 })).map(({ at }) => at);
      expect(await list({})).toEqual([2, 1]);
      expect(await list({ actor: "ada" })).toEqual([1]);
      expect(await list({ type: "account-changed", from: 2 })).toEqual([2]);
      expect(await list({ blockId: TASK })).toEqual([]);
    },
  },
];
