import { LOG_START, MillraceError } from "@millrace/kernel";
import { openWait } from "@millrace/orchestration";
import { describe, expect, it } from "vitest";
import type { TestHost } from "@millrace/testing";
import { asked, at, begun, clean, describeAnew, history, incorporate, itemsOf, pass, reviewHost, say } from "./review.fixture.js";

const waitOf = async (host: TestHost, id: string) => openWait(await host.run(id));

describe("what must not happen again", () => {
  it("W-14: no person closes a review while its answers are folded in", async () => {
    const host = await reviewHost([pass("A"), clean]);
    const id = await begun(host);
    const seen = (await waitOf(host, id))?.subject ?? "";
    const wait = (await waitOf(host, id))?.id ?? "";
    await incorporate(host, id);
    const during = async (): Promise<void> => {
      await expect(host.reviews.proceed({ ...at(host, id), subject: seen })).rejects.toMatchObject({ code: "review_frozen" });
      const late = { ...at(host, id), wait, subject: seen, reply: { answer: "proceed" } as const };
      await expect(host.execution.answer(late)).rejects.toMatchObject({ code: "wait_closed" });
      await expect(say(host, id, 0, { do: "dismiss" })).rejects.toMatchObject({ code: "review_frozen" });
    };
    await during();
    await host.execution.advance(at(host, id));
    await during();
    await host.execution.advance(at(host, id));
    await during();
    await host.drive();
    expect(await history(host, id)).toBe("1 superseded, 2 incorporated");
  });

  it("W-15: two people answer different findings at once, and both answers stay", async () => {
    const host = await reviewHost(pass("A", "B"));
    const id = await begun(host);
    await Promise.all([say(host, id, 0, { do: "reply", text: "one" }), say(host, id, 1, { do: "reply", text: "two" })]);
    expect((await itemsOf(host, id)).map(({ status, reply }) => [status, reply])).toEqual([
      ["answered", "one"],
      ["answered", "two"],
    ]);
  });

  it.each([
    ["prose", { say: "looks fine to me" }],
    ["an object without items", { answer: { verdict: "fine" } }],
    ["cut in the middle", { say: '{"items":[{"title":"A"' }],
    ["a question instead", { question: { question: "which?", options: [] } }],
  ])("W-35: %s is no review without findings: the run fails", async (_name, turn) => {
    const host = await reviewHost(turn);
    const id = await begun(host);
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { kind: "agent", code: "answer_invalid", step: 0 } });
    expect(await history(host, id)).toBe("");
    expect((await host.block()).status).toBe("blocked");
  });

  it("W-35: one repair is asked for", async () => {
    const host = await reviewHost([{ say: "prose" }, clean]);
    expect((await host.run(await begun(host))).phase.is).toBe("done");
    expect(asked(host)).toBe("review review researcher");
  });

  it.each([
    ["the fold fails", { "requirements-rework": { throws: new MillraceError("agent_failed", "broken") } }, "agent_failed"],
    ["the fold is empty", { "requirements-rework": { say: " \n" } }, "document_empty"],
    ["the fold asks back", { "requirements-rework": { say: "?", question: { question: "which?", options: [] } } }, "document_missing"],
    ["the second look is unreadable", { "requirements-review": [pass("A"), { say: "no" }, { say: "no" }, clean] }, "answer_invalid"],
  ] as const)("W-36: when %s, the answers are there, open to people and taken up by a retry", async (_name, agents, code) => {
    const host = await reviewHost([pass("A"), clean], { agents: { "requirements-rework": { say: "document" }, ...agents } });
    const id = await begun(host);
    await incorporate(host, id);
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject({ is: "failed", failure: { code } });
    expect(await history(host, id)).toBe("1 ready");
    const review = await host.reviews.latest({ workspaceId: host.workspace.id, blockId: host.task.id });
    await host.reviews.answer({
      ...at(host, id),
      reviewId: review?.review.id ?? "",
      itemId: "f1",
      answer: { do: "reply", text: "better" },
    });
    const before = asked(host);
    const { id: retried } = await host.execution.retry(at(host, id));
    await host.drive();
    expect(asked(host)).toBe(before);
    expect(await waitOf(host, retried)).toMatchObject({ on: "review", question: expect.stringContaining("1 finding: [high] A") as string });
    expect(await itemsOf(host, retried)).toMatchObject([{ status: "answered", reply: "better" }]);
  });

  it("W-36: a run stopped in the middle of a fold leaves what was said; the next run goes on from there", async () => {
    const host = await reviewHost([pass("A"), clean]);
    const id = await begun(host);
    await incorporate(host, id);
    await host.execution.stop({ ...at(host, id), as: "cancelled", reason: "not now" });
    await host.drive();
    const second = await begun(host);
    expect(await waitOf(host, second)).toMatchObject({ on: "review" });
    await host.reviews.incorporate(at(host, second));
    await host.drive();
    expect((await host.run(second)).phase.is).toBe("done");
    expect(asked(host)).toBe("review rework review researcher");
  });

  it("W-36: a review of a description that changed is superseded, with its answers in it", async () => {
    const host = await reviewHost([pass("A"), pass("B")]);
    const id = await begun(host);
    await say(host, id, 0, { do: "reply", text: "yes" });
    await host.execution.stop({ ...at(host, id), as: "cancelled", reason: "" });
    await host.drive();
    await describeAnew(host, "something else");
    const second = await begun(host);
    expect([await history(host, id), await history(host, second)]).toEqual(["1 superseded", "1 ready"]);
    expect((await itemsOf(host, second)).map(({ title }) => title)).toEqual(["B"]);
  });

  it("only people answer findings, and only with something", async () => {
    const host = await reviewHost(pass("A"));
    const id = await begun(host);
    const one = { workspaceId: host.workspace.id, reviewId: (await host.reviews.ofRun(at(host, id)))?.review.id ?? "", itemId: "f1" };
    const agent = { type: "agent", id: "job" } as const;
    await expect(host.reviews.answer({ ...one, actor: agent, answer: { do: "dismiss" } })).rejects.toMatchObject({
      code: "forbidden_actor",
    });
    await expect(say(host, id, 0, { do: "reply", text: "  " })).rejects.toMatchObject({ code: "validation" });
    await expect(host.reviews.answer({ ...one, itemId: "f9", actor: host.user, answer: { do: "dismiss" } })).rejects.toMatchObject({
      code: "not_found",
    });
    const said = [{ do: "reply", text: "a" }, { do: "resolve" }, { do: "reply", text: "b" }, { do: "dismiss" }, { do: "reopen" }] as const;
    const statuses = [];
    for (const answer of said) statuses.push((await say(host, id, 0, answer)).status);
    expect(statuses).toEqual(["answered", "resolved", "resolved", "dismissed", "open"]);
    const events = await host.store.events.read(host.workspace.id, LOG_START, 1000);
    const answered = events.flatMap(({ entry: { actor, event } }) => (event.type === "finding-answered" ? [[actor.id, event.status]] : []));
    expect(answered).toEqual(statuses.map((status) => ["ada", status]));
  });
});
