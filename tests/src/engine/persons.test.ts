import { MillraceError, type PersonCheck } from "@millrace/kernel";
import { openWait } from "@millrace/orchestration";
import { createTestHost, type TestHost } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const TOKEN = "the token of ada";

/** Takes one token, of one person. */
const oneToken: PersonCheck = {
  async prove({ person, credential }) {
    if (credential === null) throw new MillraceError("unauthenticated", "no token was given");
    if (credential !== TOKEN || person !== "ada") throw new MillraceError("invalid_credentials", "not a token of that person");
    return "token mr_1";
  },
};

const person = { type: "human", id: "ada" } as const;
const proven = { actor: person, credential: TOKEN };

async function waiting(): Promise<{ readonly host: TestHost; readonly runId: string; readonly log: string[] }> {
  const log: string[] = [];
  const proving: { check: PersonCheck } = { check: { prove: () => Promise.resolve(null) } };
  const host = await createTestHost({
    script: { architect: [{ say: "Write 42." }] },
    pipeline: { steps: [{ kind: "architect", approval: { approvers: 1 } }] },
    persons: { prove: (claim) => proving.check.prove(claim) },
    log: { info: () => undefined, warn: (event) => void log.push(event) },
  });
  const { id: runId } = await host.start();
  await host.drive();
  proving.check = oneToken;
  return { host, runId, log };
}

async function request(host: TestHost, runId: string) {
  const wait = openWait(await host.run(runId));
  return {
    workspaceId: host.workspace.id,
    runId,
    wait: wait?.id ?? "",
    subject: wait?.subject ?? "",
    reply: { answer: "approve" } as const,
  };
}

const refusals = [
  ["without a proof", { actor: person }, "unauthenticated"],
  ["with the token of another one", { actor: { type: "human", id: "eve" }, credential: TOKEN }, "invalid_credentials"],
  ["with a made-up token", { actor: person, credential: "guess" }, "invalid_credentials"],
  ["as an agent", { actor: { type: "agent", id: "run_1/0" }, credential: TOKEN }, "forbidden_actor"],
  ["as the system", { actor: { type: "system", id: "millrace" }, credential: TOKEN }, "forbidden_actor"],
] as const;

describe("H:S6 a deed of a person", () => {
  it.each(refusals)("H:S6 is refused %s: nothing changes, and people are told once", async (_how, by, code) => {
    const { host, runId, log } = await waiting();
    const before = await host.run(runId);
    const given = await request(host, runId);
    for (let tries = 0; tries < 3; tries += 1) await expect(host.execution.answer({ ...given, ...by })).rejects.toMatchObject({ code });
    expect(await host.run(runId)).toEqual(before);
    const open = await host.store.notifications.open(host.workspace.id, { limit: 10 });
    expect(open.map(({ type }) => type)).toEqual(["approval_required", "deed_refused"]);
    expect(open[1]).toMatchObject({
      runId,
      title: "refused, without proof of a person: answer",
      body: expect.stringContaining(by.actor.id) as string,
    });
    expect(log.filter((event) => event === "deed-refused")).toHaveLength(3);
  });

  it("H:S6 is accepted with the proof, which the record names without the secret", async () => {
    const { host, runId } = await waiting();
    const given = await request(host, runId);
    await expect(host.execution.answer({ ...given, actor: person })).rejects.toMatchObject({ code: "unauthenticated" });
    await host.execution.answer({ ...given, ...proven });
    expect((await host.run(runId)).phase).toMatchObject({ is: "done" });
    const entries = await host.store.events.ofRun(host.workspace.id, runId, 0, 1000);
    const answered = entries.find(({ entry }) => entry.event.type === "human-answered");
    expect(answered?.entry.actor).toEqual({ type: "human", id: "ada", proof: "token mr_1" });
    expect(JSON.stringify(entries)).not.toContain(TOKEN);
    // A person has been there: what was told is dealt with.
    expect(await host.store.notifications.open(host.workspace.id, { limit: 10 })).toEqual([]);
  });

  it("H:S6 is every one that decides what merges, what is spent, or what stands before a merge", async () => {
    const { host } = await waiting();
    const { id: workspaceId } = host.workspace;
    const service = host.task.parentId ?? "";
    const deeds: Readonly<Record<string, (by: typeof proven | { actor: typeof person }) => Promise<unknown>>> = {
      "set-settings": (by) => host.settings.put({ workspaceId, input: {}, ...by }),
      "set-checks": (by) => host.board.putChecks({ workspaceId, serviceId: service, input: { ci: "none", requiredChecks: [] }, ...by }),
      "set-preset": (by) => host.presets.update({ workspaceId, presetId: null, input: { maxRisk: 1 }, ...by }),
      "set-pipeline": (by) => host.pipelines.put({ workspaceId, input: { id: "pl_x", name: "X", steps: [{ kind: "coder" }] }, ...by }),
    };
    const merge = { workspaceId, blockId: host.task.id };
    await expect(host.execution.merge({ ...merge, actor: person })).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(host.execution.merge({ ...merge, ...proven })).rejects.toMatchObject({ code: "conflict" });
    for (const [deed, act] of Object.entries(deeds)) {
      await expect(act({ actor: person }), deed).rejects.toMatchObject({ code: "unauthenticated" });
      await act(proven);
    }
    const told = (await host.store.events.read(workspaceId, "0", 1000)).flatMap(({ entry }) =>
      entry.event.type === "deed-refused" ? [entry.event] : [],
    );
    expect(told.map(({ deed, claimed, code }) => [deed, claimed, code])).toEqual(
      ["set-settings", "set-checks", "set-preset", "set-pipeline"].map((deed) => [deed, "human 'ada'", "unauthenticated"]),
    );
  });

  it("is none that starts, stops or describes work: its costs and its merge have the bounds that people set", async () => {
    const { host, runId } = await waiting();
    const { id: workspaceId } = host.workspace;
    await host.board.addTask({ workspaceId, parentId: host.task.parentId ?? "", input: { title: "another" }, actor: person });
    await host.execution.stop({ workspaceId, runId, as: "failed", reason: "enough", actor: person });
    expect((await host.run(runId)).phase.is).not.toBe("live");
  });
});
