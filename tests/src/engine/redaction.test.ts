import { runEventRecordSchema } from "@millrace/contracts";
import { createRedact, digestText, MillraceError } from "@millrace/kernel";
import { currentStep, openWait, replay } from "@millrace/orchestration";
import { createTestHost, type TestHost } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const KEY = "the-key-of-the-provider/42";
const TOKEN = `ghp_${"a1B2c3D4e5".repeat(4)}`;
const SAID = `I found ${KEY}, in base64 ${btoa(KEY)}, and ${TOKEN}.`;

/** Everything that the store of a host has been given. */
function recorded(): { readonly texts: string[]; readonly wrap: NonNullable<Parameters<typeof createTestHost>[0]["wrap"]> } {
  const texts: string[] = [];
  return {
    texts,
    wrap: (ports) => ({
      ...ports,
      store: {
        ...ports.store,
        commit(changes, options) {
          texts.push(JSON.stringify(changes));
          return ports.store.commit(changes, options);
        },
      },
    }),
  };
}

const leaks = (texts: readonly string[]): readonly string[] =>
  texts.filter((text) => text.includes(KEY) || text.includes(TOKEN) || text.includes(btoa(KEY)));

async function designed(texts: ReturnType<typeof recorded>): Promise<{ readonly host: TestHost; readonly runId: string }> {
  const host = await createTestHost({
    script: { architect: [{ say: SAID }], coder: [{ say: SAID, change: { "answer.txt": "42" } }] },
    pipeline: { steps: [{ kind: "architect", approval: { approvers: 1 } }, { kind: "coder" }] },
    task: { description: `Use ${TOKEN}.` },
    secrets: [KEY],
    wrap: texts.wrap,
  });
  const { id: runId } = await host.start();
  await host.drive();
  return { host, runId };
}

describe("H:S10 a secret that the host holds", () => {
  it("H:S10 is in nothing that is stored, whoever says it: agents, people, errors", async () => {
    const store = recorded();
    const { host, runId } = await designed(store);
    await host.reply(runId, { answer: "request-changes", feedback: SAID });
    await host.drive();
    await host.reply(runId, { answer: "approve", edited: SAID });
    await host.drive();
    expect(store.texts.length).toBeGreaterThan(10);
    expect(leaks(store.texts)).toEqual([]);
    expect(store.texts.filter((text) => text.includes("[redacted]")).length).toBeGreaterThan(4);
    expect((await host.block()).description).toBe("Use [redacted].");
  });

  it("H:S10 is not in what people approve: the digest is of the text without it", async () => {
    const { host, runId } = await designed(recorded());
    const run = await host.run(runId);
    const wait = openWait(run);
    const text = await host.output(runId, 0);
    expect(text).toBe(createRedact([KEY])(SAID));
    expect(wait?.subject).toBe(await digestText(text ?? ""));
    expect(wait?.output?.chars).toBe(text?.length);
    await host.reply(runId, { answer: "approve" });
    expect(currentStep(await host.run(runId)).definition.kind).toBe("coder");
  });

  it("H:S10 leaves the run the fold of its events", async () => {
    const { host, runId } = await designed(recorded());
    const entries = await host.store.events.ofRun(host.workspace.id, runId, 0, 1000);
    const events = entries.map(({ entry }) => runEventRecordSchema.parse(entry));
    expect(replay(events, host)).toEqual(await host.run(runId));
  });

  it("H:S10 is not in the error of a call, where it would be cut in two", async () => {
    const store = recorded();
    const fault = new MillraceError("agent_failed", `${"x".repeat(3990)}${TOKEN}`);
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "architect" }] },
      secrets: [KEY],
      wrap: (ports) => ({ ...store.wrap(ports), agents: { ...ports.agents, run: () => Promise.reject(fault) } }),
    });
    const { id } = await host.start();
    await host.drive();
    expect((await host.run(id)).phase).toMatchObject({ is: "failed" });
    expect(store.texts.filter((text) => text.includes(TOKEN.slice(0, 10)))).toEqual([]);
  });
});
