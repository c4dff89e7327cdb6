/** The queue through which mails leave. */
import { MillraceError, type Change, type QueuedMail } from "@millrace/kernel";
import { composeOrchestration, type OrchestrationPorts } from "@millrace/orchestration";
import { createRecordingMailer, createTestHost, createVirtualClock, type RecordingMailerOptions, type TestHost } from "@millrace/testing";
import { describe, expect, it } from "vitest";

const PIPELINE = { steps: [{ kind: "researcher" }] };
const MINUTE = 60_000;

const queued = (key: string, over: Partial<QueuedMail> = {}): Change<"insert-mail"> => ({
  change: "insert-mail",
  mail: {
    key,
    template: "invitation",
    to: "ann@example.org",
    values: { link: "https://mill.example/invite?token=5ec2e7" },
    attempts: 0,
    nextAttemptAt: 0,
    expiresAt: 7 * 24 * 60 * MINUTE,
    ...over,
  },
});

async function hostWith(answer?: RecordingMailerOptions["answer"]) {
  const logged: unknown[] = [];
  const mailer = createRecordingMailer(answer === undefined ? {} : { answer });
  const log = { info: () => undefined, warn: (event: string, fields: object) => void logged.push({ event, ...fields }) };
  const clock = createVirtualClock(0);
  const host = await createTestHost({ pipeline: PIPELINE, mailer, log, clock });
  return { host, mailer, logged };
}

const sweep = ({ mails, clock }: TestHost): Promise<number> => mails.deliverDue(clock.now(), 200, new AbortController().signal);
const left = ({ store }: TestHost): Promise<readonly QueuedMail[]> => store.mails.due(Number.MAX_SAFE_INTEGER, 200);

describe("mails", () => {
  it("leave once, and nothing of them stays behind", async () => {
    const { host, mailer } = await hostWith();
    await host.store.commit([queued("a"), queued("b")]);
    expect(await sweep(host)).toBe(2);
    expect(await sweep(host)).toBe(0);
    expect(mailer.sent.map(({ key, values }) => [key, values["link"]])).toEqual([
      ["a", "https://mill.example/invite?token=5ec2e7"],
      ["b", "https://mill.example/invite?token=5ec2e7"],
    ]);
    expect(await left(host)).toEqual([]);
  });

  it("are sent again under the same key while the mailer fails, one holds up no other, and no log has address or link", async () => {
    let fails = true;
    const { host, mailer, logged } = await hostWith(({ key }) => {
      if (key === "a" && fails) throw new MillraceError("upstream_failed", "the mail service is away");
    });
    await host.store.commit([queued("a"), queued("b")]);
    await sweep(host);
    expect(mailer.sent.map(({ key }) => key)).toEqual(["b"]);
    expect(await sweep(host)).toBe(0);
    host.clock.advanceTo(host.clock.now() + MINUTE);
    fails = false;
    await sweep(host);
    expect(mailer.attempts.map(({ key }) => key)).toEqual(["a", "b", "a"]);
    expect(await left(host)).toEqual([]);
    expect(logged).toEqual([{ event: "mail-failed", key: "a", template: "invitation", error: "the mail service is away" }]);
  });

  it("that are never taken, or whose link has ended, are given up", async () => {
    const { host, mailer, logged } = await hostWith(() => {
      throw new MillraceError("upstream_refused", "no such address");
    });
    host.clock.advanceTo(host.clock.now() + MINUTE);
    await host.store.commit([queued("a"), queued("over", { expiresAt: 5 })]);
    await sweep(host);
    expect(mailer.attempts.map(({ key }) => key)).toEqual(["a"]);
    expect(await left(host)).toEqual([]);
    expect(logged).toEqual([{ event: "mail-given-up", key: "a", template: "invitation", error: "no such address" }]);
  });

  it("survive a process that dies between sending and noting it: sent again, under the same key", async () => {
    const { host, mailer } = await hostWith();
    await host.store.commit([queued("a"), { change: "claim-mail", mailKey: "a", attempts: 0, nextAttemptAt: MINUTE }]);
    expect(await sweep(host)).toBe(0);
    host.clock.advanceTo(MINUTE);
    await sweep(host);
    expect(mailer.sent.map(({ key }) => key)).toEqual(["a"]);
  });

  it("need an address for their links", async () => {
    const ports: OrchestrationPorts[] = [];
    await createTestHost({ pipeline: PIPELINE, mailer: createRecordingMailer(), wrap: (plain) => (ports.push(plain), plain) });
    for (const each of ports) expect(() => composeOrchestration(each)).toThrow(expect.objectContaining({ code: "config_invalid" }));
  });
});
