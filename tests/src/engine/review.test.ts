import type { Run } from "@millrace/contracts";
import { openWait } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import { summaryOf, type TestHost } from "@millrace/testing";
import {
  asked,
  at,
  begun,
  clean,
  finding,
  history,
  incorporate,
  itemsOf,
  describeAnew,
  pass,
  proceed,
  reviewHost,
  say,
} from "./review.fixture.js";
import { changePreset } from "./tester.fixture.js";

const waitOf = async (host: TestHost, id: string) => openWait(await host.run(id));
const notifications = async (host: TestHost) => host.store.notifications.open(host.workspace.id, { limit: 10 });

describe("acceptance 11: a final document replaces the description for every step, and survives restarts", () => {
  it("of requirements: later steps read it, and the first reviewer did not", async () => {
    const host = await reviewHost([pass("A"), clean]);
    const id = await begun(host);
    await incorporate(host, id);
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    const told = host.agents.begun.map(({ kind, block }) => [kind, block.description]);
    expect(told).toEqual([
      ["requirements-review", "as people wrote it"],
      ["requirements-rework", "as people wrote it"],
      ["requirements-review", "as people wrote it"],
      ["researcher", "document 1"],
    ]);
    expect((await host.block()).document).toMatchObject({ kind: "requirements-review" });
  });

  it("of clarity: the investigation reaches the reviewer and the agent that writes the report", async () => {
    const host = await reviewHost(clean, {
      pipeline: { steps: [{ kind: "bug-investigator" }, { kind: "clarity-review" }, { kind: "researcher" }] },
      agents: {
        "bug-investigator": { say: "the cause" },
        "clarity-review": [pass("Which browser"), clean],
        "clarity-rework": { say: "the report" },
      },
    });
    const id = await begun(host);
    await incorporate(host, id);
    await host.drive();
    const investigated = [{ kind: "bug-investigator", text: "the cause" }];
    expect(host.agents.begun.find(({ kind }) => kind === "clarity-review")?.priorOutputs).toEqual(investigated);
    expect(host.agents.begun.find(({ kind }) => kind === "clarity-rework")?.priorOutputs).toEqual(investigated);
    expect(host.agents.begun.at(-1)).toMatchObject({ kind: "researcher", block: { description: "the report" } });
    expect((await host.block()).document?.kind).toBe("clarity-review");
  });

  it("a restart from the review reviews nothing again, and the document stays (W-36)", async () => {
    const host = await reviewHost([pass("A"), clean]);
    const id = await begun(host);
    await incorporate(host, id);
    await host.drive();
    const again = await host.execution.restart({ ...at(host, id), step: 0 });
    await host.drive();
    expect(summaryOf(await host.run(again.id))).toBe("requirements-review:done researcher:done");
    expect(asked(host)).toBe("review rework review researcher researcher");
    expect(host.agents.begun.at(-1)?.block.description).toBe("document 1");
  });

  it("another description is another task: it is reviewed anew, and the old document is not told", async () => {
    const host = await reviewHost([pass("A"), clean]);
    const id = await begun(host);
    await incorporate(host, id);
    await host.drive();
    await describeAnew(host, "something else");
    const second = await begun(host);
    expect(await history(host, second)).toBe("1 incorporated");
    expect(host.agents.begun.slice(4).map(({ block }) => block.description)).toEqual(["something else", "something else"]);
  });

  it("a requirements document outranks a report of the same description", async () => {
    const host = await reviewHost([pass("A"), clean], {
      pipeline: { steps: [{ kind: "requirements-review" }, { kind: "clarity-review" }, { kind: "researcher" }] },
      agents: { "clarity-review": [pass("B"), clean], "clarity-rework": { say: "the report" } },
    });
    const id = await begun(host);
    await incorporate(host, id);
    await host.drive();
    await incorporate(host, id);
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(host.agents.begun.at(-1)?.block.description).toBe("document 1");
  });
});

describe("acceptance 13: guards before any model call", () => {
  it("incorporate with open findings is refused, with their number", async () => {
    const host = await reviewHost(pass("A", "B", "C"));
    const id = await begun(host);
    await say(host, id, 0, { do: "reply", text: "yes" });
    await expect(host.reviews.incorporate(at(host, id))).rejects.toMatchObject({ code: "validation", details: { open: 2 } });
    expect(asked(host)).toBe("review");
    expect((await waitOf(host, id))?.on).toBe("review");
  });

  it("an answer that passes by the count goes back to people, and asks no model", async () => {
    const host = await reviewHost(pass("A", "B"));
    const id = await begun(host);
    await host.reply(id, { answer: "incorporate", feedback: "" });
    await host.drive();
    expect(await waitOf(host, id)).toMatchObject({ on: "review", question: expect.stringContaining("2 of them still open") as string });
    expect(asked(host)).toBe("review");
    expect(await history(host, id)).toBe("1 ready");
    await incorporate(host, id);
  });

  it("a second look is only ever taken at a folded document: asking twice is refused", async () => {
    const host = await reviewHost([pass("A"), clean]);
    const id = await begun(host);
    await incorporate(host, id);
    await expect(host.reviews.incorporate(at(host, id))).rejects.toMatchObject({ code: "review_frozen" });
    await expect(host.reviews.extraRound(at(host, id))).rejects.toMatchObject({ code: "review_frozen" });
  });

  it("a run without an open review, and one that is over, take no answer to one", async () => {
    const host = await reviewHost(clean, {
      pipeline: { steps: [{ kind: "requirements-review" }, { kind: "researcher", approval: { approvers: 1 } }] },
    });
    const id = await begun(host);
    await expect(host.reviews.incorporate(at(host, id))).rejects.toMatchObject({ code: "wait_closed" });
    await host.reply(id, { answer: "approve" });
    await expect(proceed(host, id)).rejects.toMatchObject({ code: "wait_closed" });
  });
});

describe("acceptance 22: the review loop", () => {
  it.each([
    [
      "another step follows",
      [{ kind: "requirements-review", approval: { approvers: 1 } }, { kind: "researcher" }],
      "review researcher",
      "done",
    ],
    ["it is the last", [{ kind: "requirements-review", approval: { approvers: 1 } }], "review", "ready"],
  ] as const)("a clean pass does not park, whatever its definition asks for, when %s", async (_name, steps, agents, status) => {
    const host = await reviewHost(clean, { pipeline: { steps: [...steps] } });
    const id = await begun(host);
    expect((await host.run(id)).phase.is).toBe("done");
    expect(asked(host)).toBe(agents);
    expect(await history(host, id)).toBe("1 incorporated");
    expect(await host.block()).toMatchObject({ status, document: null });
  });

  it.each([
    ["and goes on", [{ kind: "requirements-review" }, { kind: "researcher" }]],
    ["and is done", [{ kind: "requirements-review" }]],
  ] as const)("a review that was closed before passes through %s", async (_name, steps) => {
    const host = await reviewHost(clean, { pipeline: { steps: [...steps] } });
    await begun(host);
    const before = asked(host);
    const second = await begun(host);
    expect((await host.run(second)).phase.is).toBe("done");
    expect(asked(host)).toBe(steps.length === 1 ? before : `${before} researcher`);
    expect(await history(host, second)).toBe("");
  });

  it("a disabled review is no step of the run", async () => {
    const host = await reviewHost(pass("A"), {
      pipeline: { steps: [{ kind: "requirements-review", enabled: false }, { kind: "researcher" }] },
    });
    expect(summaryOf(await host.run(await begun(host)))).toBe("researcher:done");
    expect(asked(host)).toBe("researcher");
  });

  it("findings park: the notification counts them and names the worst, the wait is bound to what they say", async () => {
    const host = await reviewHost({
      answer: { items: [finding("Small", "low"), finding("Big"), finding("Middle", "medium"), finding("Tiny", "low")] },
    });
    const id = await begun(host);
    expect(await notifications(host)).toMatchObject([
      {
        type: "review_required",
        body: expect.stringContaining("4 findings: [high] Big; [medium] Middle; [low] Small; and 1 more. Iteration 1 of 6") as string,
      },
    ]);
    const wait = await waitOf(host, id);
    expect(wait?.subject).toBe(wait?.output?.digest);
    expect(await host.store.outputs.get(host.workspace.id, wait?.output?.key ?? "")).toContain("- [high] Big (gap): Big?");
    expect(await host.block()).toMatchObject({ status: "blocked" });
    expect(await host.wakeups.nextDueAt()).toBeNull();
    await expect(host.reviews.proceed({ ...at(host, id), subject: "another" })).rejects.toMatchObject({ code: "digest_mismatch" });
  });

  it.each([
    ["none", "low", "review"],
    ["low", "low", "done"],
    ["low", "medium", "review"],
    ["medium", "medium", "done"],
    ["medium", "high", "review"],
    ["high", "high", "done"],
  ] as const)("tolerating %s, a %s finding ends in: %s", async (toleratedConcern, severity, ends) => {
    const host = await reviewHost({ answer: { items: [finding("A", severity)] } });
    await changePreset(host, { toleratedConcern, maxReviewIterations: 1 });
    const id = await begun(host);
    expect((await host.run(id)).phase.is).toBe(ends === "done" ? "done" : "live");
    expect(await itemsOf(host, id)).toHaveLength(1);
  });

  it("re-entry folds, then advances once it converged: every text reaches who needs it", async () => {
    const host = await reviewHost([pass("A", "B", "C"), clean]);
    const id = await begun(host);
    await say(host, id, 0, { do: "reply", text: "to whole cents" });
    await say(host, id, 1, { do: "dismiss" });
    await say(host, id, 2, { do: "resolve" });
    await host.reviews.incorporate({ ...at(host, id), feedback: "be brief" });
    await host.drive();
    const [, rework, second] = host.agents.begun;
    const told = rework?.attachments.map(({ text }) => text).join("\n") ?? "";
    expect(told).toContain("Q: A: A?\nA: to whole cents");
    expect(told).toContain("Left out on purpose:\n- B");
    expect(told).toContain("was not good enough. Follow this direction:\nbe brief");
    expect(told).not.toContain("C?");
    expect(second?.attachments.map(({ text }) => text)).toEqual(["document 1", told]);
    expect(second?.userPrompt).toContain("document 1");
    expect(await history(host, id)).toBe("1 superseded, 2 incorporated");
    expect((await host.run(id)).phase.is).toBe("done");
  });

  it("re-entry parks again on new findings, and the next fold starts from the document", async () => {
    const host = await reviewHost([pass("A"), pass("B"), clean]);
    const id = await begun(host);
    const first = await waitOf(host, id);
    await incorporate(host, id);
    await host.drive();
    expect(await history(host, id)).toBe("1 superseded, 2 ready");
    expect((await waitOf(host, id))?.id).not.toBe(first?.id);
    expect((await itemsOf(host, id)).map(({ title, status }) => [title, status])).toEqual([["B", "open"]]);
    await incorporate(host, id);
    await host.drive();
    expect(host.agents.begun[3]?.attachments[0]).toEqual({ from: "requirements-rework", text: "document 1" });
    expect(await history(host, id)).toBe("1 superseded, 2 superseded, 3 incorporated");
    expect(host.agents.begun.at(-1)?.block.description).toBe("document 2");
  });

  it("parked incorporate re-arms the run and folds nothing by itself", async () => {
    const host = await reviewHost([pass("A"), clean]);
    const id = await begun(host);
    const run = await incorporate(host, id);
    expect(run.phase.is).toBe("live");
    expect(asked(host)).toBe("review");
    expect(await host.wakeups.nextDueAt()).toBe(host.clock.now());
    expect(await host.block()).toMatchObject({ status: "in_progress" });
    expect(await notifications(host)).toEqual([]);
    expect(await history(host, id)).toBe("1 incorporating");
  });

  it("nothing to fold closes without a model call, and an earlier document survives", async () => {
    const host = await reviewHost([pass("A"), pass("B")]);
    const id = await begun(host);
    await incorporate(host, id);
    await host.drive();
    await say(host, id, 0, { do: "dismiss" });
    await host.reviews.incorporate(at(host, id));
    await host.drive();
    expect(asked(host)).toBe("review rework review researcher");
    expect(host.agents.begun.at(-1)?.block.description).toBe("document 1");
    expect(await history(host, id)).toBe("1 superseded, 2 incorporated");
  });

  it("the cap raises its notification on both entries, and one round more is exactly one round", async () => {
    const host = await reviewHost(pass("A"));
    await changePreset(host, { maxReviewIterations: 1 });
    const id = await begun(host);
    for (const [granted, passes] of ["1 exceeded", "1 superseded, 2 exceeded"].entries()) {
      expect(await history(host, id)).toBe(passes);
      expect(await notifications(host)).toMatchObject([
        { type: "decision_required", body: expect.stringContaining("no round is left") as string },
      ]);
      await expect(host.reviews.incorporate(at(host, id))).rejects.toMatchObject({ code: "wait_mismatch" });
      await host.reviews.extraRound(at(host, id));
      expect(await waitOf(host, id)).toMatchObject({ on: "review", question: expect.stringContaining(`of ${granted + 2}`) as string });
      await expect(host.reviews.extraRound(at(host, id))).rejects.toMatchObject({ code: "wait_mismatch" });
      if (granted === 0) await incorporate(host, id);
      await host.drive();
    }
    await proceed(host, id);
    await host.drive();
    expect((await host.run(id)).phase.is).toBe("done");
    expect(host.agents.begun.at(-1)?.block.description).toBe("document 1");
  });

  it("proceed takes what was judged: the description, where nothing was folded yet", async () => {
    const host = await reviewHost(pass("A"));
    const id = await begun(host);
    await proceed(host, id);
    await host.drive();
    expect(host.agents.begun.at(-1)).toMatchObject({ kind: "researcher", block: { description: "as people wrote it" } });
    expect(await history(host, id)).toBe("1 incorporated");
    expect((await host.block()).document).toBeNull();
  });

  it("off the path of a build, a review is a run of its own: durable, and refused beside a live one (W-37)", async () => {
    const host = await reviewHost([pass("A"), clean]);
    const off = (): Promise<Run> =>
      host.execution.start({ workspaceId: host.workspace.id, blockId: host.task.id, pipelineId: "pl_requirements", actor: host.user });
    const { id } = await off();
    await host.drive();
    await expect(off()).rejects.toMatchObject({ code: "run_in_progress" });
    await expect(host.start()).rejects.toMatchObject({ code: "run_in_progress" });
    await incorporate(host, id);
    await host.drive();
    expect(await host.block()).toMatchObject({ status: "ready", document: { kind: "requirements-review" } });
    expect(await notifications(host)).toEqual([]);
    const built = await begun(host);
    expect(summaryOf(await host.run(built))).toBe("requirements-review:done researcher:done");
    expect(asked(host)).toBe("review rework review researcher");
  });
});
