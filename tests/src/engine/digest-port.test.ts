import { digestText } from "@millrace/kernel";
import { expect, it } from "vitest";
import { createTestHost } from "@millrace/testing";

it("uses the host's digest for what agents answer, and Web Crypto's where the host has none", async () => {
  const asked: string[] = [];
  const digestOf = async (wrap?: Parameters<typeof createTestHost>[0]["wrap"]): Promise<string | undefined> => {
    const host = await createTestHost({
      pipeline: { steps: [{ kind: "researcher" }] },
      script: { researcher: { say: "options" } },
      ...(wrap === undefined ? {} : { wrap }),
    });
    const { id } = await host.start();
    await host.drive();
    const text = await host.output(id, 0);
    const digest = (await host.run(id)).steps[0]?.output?.digest;
    expect(digest).toBe(await digestText(text ?? ""));
    return digest;
  };
  const own = await digestOf((ports) => ({
    ...ports,
    digestText: (text) => {
      asked.push(text);
      return digestText(text);
    },
  }));
  expect(asked).toHaveLength(1);
  expect(await digestOf()).toBe(own);
  expect(asked).toHaveLength(1);
});

it("uses it as well for what an effect leaves, and for what a person wrote", async () => {
  const asked: string[] = [];
  const host = await createTestHost({
    pipeline: { steps: [{ kind: "deployer" }, { kind: "architect", approval: { approvers: 1 } }] },
    script: { architect: { say: "a design" } },
    wrap: (ports) => ({
      ...ports,
      digestText: (text) => {
        asked.push(text);
        return digestText(text);
      },
    }),
  });
  const { id } = await host.start();
  await host.drive();
  await host.reply(id, { answer: "approve", edited: "a better design" });
  expect(asked).toEqual([expect.stringContaining("nothing was provisioned"), "a design", "a better design"]);
});
