/** W-21, W-23, I10: after a crash at any commit, a review loop ends as without it, and every agent is called once. */
import { isMillraceError } from "@millrace/kernel";
import { openWait } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { Crash, createFaultPlan, withFaults, type TestHost } from "@millrace/testing";
import { asked, at, clean, history, incorporate, itemsOf, pass, proceed, reviewHost, say } from "./review.fixture.js";
import { changePreset, oneTurn } from "./tester.fixture.js";

type When = "before" | "after" | "never";

/** Runs the whole loop (a fold, no convergence, the cap, an extra round, a fold that converges) and returns how it ended. */
async function loop(when: When, nth: number): Promise<{ readonly end: object; readonly commits: number; readonly crashed: boolean }> {
  const plan = createFaultPlan();
  const seen = { commits: 0, crashed: false, counting: false };
  const host = await reviewHost([pass("A", "B"), pass("C"), clean], {
    wrap: (ports) => {
      const { store } = withFaults(ports, plan);
      const commit: typeof store.commit = (changes) => {
        if (seen.counting && when !== "never" && seen.commits === nth)
          (when === "before" ? plan.crashBeforeCommit : plan.crashAfterCommit).armed = true;
        if (seen.counting) seen.commits += 1;
        return store.commit(changes);
      };
      return { ...ports, store: { ...store, commit } };
    },
  });
  await changePreset(host, { maxReviewIterations: 2 });
  const { id } = await host.start();
  seen.counting = true;
  for (let turn = 0; turn < 60 && (await host.run(id)).phase.is === "live"; turn += 1) {
    await step(host, id).catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
      seen.crashed = true;
    });
  }
  const run = await host.run(id);
  const rows = await host.store.reviews.latest(host.workspace.id, host.task.id, "requirements-review");
  const document = (await host.block()).document;
  const end = {
    phase: run.phase.is,
    asked: asked(host),
    reviews: await history(host, id),
    latest: rows === null ? null : { ...rows, id: "", createdAt: 0 },
    document: document === null ? null : await host.store.outputs.get(host.workspace.id, document.output.key),
    told: host.agents.begun.at(-1)?.block.description,
    notifications: (await host.store.notifications.open(host.workspace.id, { limit: 10 })).map(({ type }) => type),
    events: run.revision,
  };
  return { end, commits: seen.commits, crashed: seen.crashed };
}

/** One step of a driver, or of a person who continues after a crash. */
async function step(host: TestHost, id: string): Promise<unknown> {
  const wait = openWait(await host.run(id));
  if (wait === null) return oneTurn(host);
  if (wait.on === "cap") return host.reviews.extraRound(at(host, id));
  const open = (await itemsOf(host, id)).findIndex(({ status }) => status === "open");
  if (open >= 0) return say(host, id, open, { do: "reply", text: "so" });
  return host.reviews.incorporate({ ...at(host, id), feedback: "shorter" });
}

describe("W-21: a crash between any two awaits of the loop", () => {
  it("the loop itself goes where it is expected to", async () => {
    const { end } = await loop("never", 0);
    expect(end).toMatchObject({
      phase: "done",
      asked: "review rework review rework review researcher",
      reviews: "1 superseded, 2 superseded, 3 incorporated",
      document: "document 2",
      told: "document 2",
      notifications: [],
    });
  });

  it.each(["before", "after"] as const)("%s any of its commits ends as it would have", async (when) => {
    const { end, commits } = await loop("never", 0);
    expect(commits).toBeGreaterThan(12);
    for (let nth = 0; nth < commits; nth += 1) {
      const crashed = await loop(when, nth);
      expect({ nth, crashed: crashed.crashed, end: crashed.end }).toEqual({ nth, crashed: true, end });
    }
  });

  it.each(["crashBeforeCommit", "crashAfterCommit"] as const)("a person who proceeds is heard once, whatever dies: %s", async (fault) => {
    const plan = createFaultPlan();
    const host = await reviewHost([pass("A"), pass("B")], { wrap: (ports) => withFaults(ports, plan) });
    const { id } = await host.start();
    await host.drive();
    await incorporate(host, id);
    await host.drive();
    plan[fault].armed = true;
    await expect(proceed(host, id)).rejects.toThrow(Crash);
    const again = await proceed(host, id).then(
      () => "heard now",
      (error: unknown) => (isMillraceError(error) ? error.code : "other"),
    );
    expect(again).toBe(fault === "crashBeforeCommit" ? "heard now" : "wait_closed");
    await host.drive();
    expect(await history(host, id)).toBe("1 superseded, 2 incorporated");
    expect(host.agents.begun.at(-1)?.block.description).toBe("document 1");
  });
});
