/**
 * Records the histories of the current release. Run once for each release, before it; a recorded folder is never written again.
 *
 *   node --conditions=millrace-source --import ./packages/executors/src/source-hook.ts tests/src/engine/record-histories.ts 0.1.0
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import type { RunEvent } from "@millrace/contracts";
import { completedCheck, createTestHost, type ScriptedKind, type TestHost } from "@millrace/testing";

const [release] = process.argv.slice(2);
if (release === undefined || !/^\d+\.\d+\.\d+$/.test(release)) throw new Error("name the release: record.ts 1.2.3");
const folder = new URL(`../../fixtures/histories/${release}/`, import.meta.url);
if (existsSync(folder)) throw new Error(`${release} is recorded already`);

const score = { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" };
const base: Readonly<Record<string, ScriptedKind>> = {
  architect: [{ question: { question: "which way?", options: ["a", "b"] } }, { say: "a design" }],
  coder: [{ change: { a: "bad" } }, { change: { a: "good", b: "1" } }],
  "ci-fixer": [{ lost: { transient: true } }, { change: { a: "good" } }],
  reviewer: [{ answer: { rating: 0.5, summary: "again", comments: [{ body: "name it" }] } }, { answer: { rating: 0.9, summary: "good" } }],
  merger: { answer: score },
};

async function hostWith(script: Readonly<Record<string, ScriptedKind>>): Promise<TestHost> {
  const host = await createTestHost({
    pipeline: {
      steps: [
        { kind: "architect", approval: { approvers: 1 } },
        { kind: "coder" },
        { kind: "ci" },
        { kind: "reviewer" },
        { kind: "conflicts" },
        { kind: "ci" },
        { kind: "merger" },
      ],
    },
    script: { ...base, ...script },
  });
  host.forge.judgeWith((_head, tree) => [completedCheck("test", tree["a"] === "good" ? "success" : "failure")]);
  return host;
}

async function save(name: string, host: TestHost, id: string): Promise<void> {
  const events = (await host.store.events.ofRun(host.workspace.id, id, 0, 1000)).map((logged) => logged.entry as RunEvent);
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ events, run: await host.run(id) }, null, 1)}\n`);
}

mkdirSync(folder, { recursive: true });
const merged = await hostWith({});
const first = await merged.start();
await merged.drive();
await save("asks-a-person", merged, first.id);
await merged.reply(first.id, { answer: "choose", option: "a" });
await merged.drive();
await save("waits-for-approval", merged, first.id);
await merged.reply(first.id, { answer: "approve", edited: "a better design" });
await merged.drive();
await save("merged", merged, first.id);

const failing = await hostWith({ architect: { say: "a design" }, coder: { say: "nothing done" } });
const second = await failing.start();
await failing.drive();
await failing.reply(second.id, { answer: "approve" });
await failing.drive();
await save("failed", failing, second.id);

const stopping = await hostWith({ architect: { say: "a design" }, coder: { polls: 1000 } });
const third = await stopping.start();
await stopping.drive();
await stopping.reply(third.id, { answer: "approve" });
await stopping.drive(10).catch(() => undefined);
await save("job-in-flight", stopping, third.id);
await stopping.execution.stop({
  workspaceId: stopping.workspace.id,
  runId: third.id,
  as: "failed",
  reason: "enough",
  actor: stopping.user,
});
await save("stopping", stopping, third.id);
