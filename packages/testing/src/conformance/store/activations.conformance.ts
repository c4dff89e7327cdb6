import type { Activation, Change } from "@millrace/kernel";
import { expect } from "vitest";
import { WS, aRecord, anActivation, boardOf, expectRefusal, seedRun } from "./fixtures.js";
import type { StoreCase, StoreScene } from "./store-case.js";

const put = (activation: Activation): Change => ({ change: "put-activation", activation });
const drop = (runId: string, workspaceId = WS): Change => ({ change: "delete-activations", workspaceId, runId });

/** `run_a` has one of two vendors, `run_b` of one. */
async function seedThree({ store }: StoreScene): Promise<readonly [Activation, Activation, Activation]> {
  await seedRun(store);
  const three = [
    anActivation(),
    anActivation({ vendor: "other", expiresAt: 2000 }),
    anActivation({ runId: "run_b", expiresAt: 500 }),
  ] as const;
  await store.commit([{ change: "insert-run", record: aRecord("run_b", { status: "done" }) }, ...three.map(put)]);
  return three;
}

export const activationCases: readonly StoreCase[] = [
  {
    name: "a run has one activation of a vendor, and putting it again replaces it",
    async run(scene) {
      const [first, second] = await seedThree(scene);
      const { store } = scene;
      expect(await store.activations.get(WS, "run_a", "acme")).toEqual(first);
      expect(await store.activations.get(WS, "run_a", "third")).toBeNull();
      expect(await store.activations.get(WS, "run_x", "acme")).toBeNull();
      const replaced = anActivation({ sealed: "sealed anew", expiresAt: 3000 });
      await store.commit([put(replaced)]);
      expect(await store.activations.get(WS, "run_a", "acme")).toEqual(replaced);
      expect(await store.activations.get(WS, "run_a", "other")).toEqual(second);
    },
  },
  {
    name: "the activations of a run are deleted, all of them and no other's, with the run's end",
    async run(scene) {
      const [, , third] = await seedThree(scene);
      const { store } = scene;
      const ended = aRecord("run_a", { status: "done", revision: 2 });
      await expectRefusal(store.commit([drop("run_a"), { change: "update-run", record: ended, expected: 9 }]), "stale_revision");
      expect(await store.activations.get(WS, "run_a", "acme")).not.toBeNull();
      await store.commit([{ change: "update-run", record: ended, expected: 1 }, drop("run_a")]);
      expect(await store.activations.get(WS, "run_a", "acme")).toBeNull();
      expect(await store.activations.get(WS, "run_a", "other")).toBeNull();
      expect(await store.activations.get(WS, "run_b", "acme")).toEqual(third);
      await store.commit([drop("run_a"), drop("run_x")]);
    },
  },
  {
    name: "what expired before a moment is deleted and counted, and what expires at it is not",
    async run(scene) {
      const [, second] = await seedThree(scene);
      const { store } = scene;
      expect(await store.activations.deleteExpired(500)).toBe(0);
      expect(await store.activations.deleteExpired(1001)).toBe(2);
      expect(await store.activations.deleteExpired(1001)).toBe(0);
      expect(await store.activations.get(WS, "run_a", "acme")).toBeNull();
      expect(await store.activations.get(WS, "run_a", "other")).toEqual(second);
    },
  },
  {
    name: "an activation needs its run, of this workspace, and no other workspace reaches it",
    async run(scene) {
      const [first] = await seedThree(scene);
      const { store } = scene;
      await store.commit(boardOf("ws_b"));
      await expectRefusal(store.commit([put(anActivation({ runId: "run_x" }))]), "not_found");
      await expectRefusal(store.commit([put(anActivation({ workspaceId: "ws_b" }))]), "not_found");
      await store.commit([drop("run_a", "ws_b")]);
      expect(await store.activations.get("ws_b", "run_a", "acme")).toBeNull();
      expect(await store.activations.get(WS, "run_a", "acme")).toEqual(first);
    },
  },
];
