import { DatabaseSync } from "node:sqlite";
import type { Notification } from "@millrace/contracts";
import { expect, it } from "vitest";
import { createRepository, type Sandbox } from "./sandbox.fixture.js";

const say = JSON.stringify({ items: [{ category: "question", severity: "high", title: "Currency", detail: "Which one?" }] });

async function inbox(sandbox: Sandbox): Promise<readonly (Notification & { readonly urgent: boolean })[]> {
  const { code, stdout } = await sandbox.cli("inbox", "--json");
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { readonly inbox: readonly (Notification & { readonly urgent: boolean })[] }).inbox;
}

async function addAndRun(sandbox: Sandbox, title: string): Promise<void> {
  const added = await sandbox.cli("task", "add", title, "--pipeline", "pl_requirements", "--json");
  const { task } = JSON.parse(added.stdout) as { readonly task: { readonly id: string } };
  expect(await sandbox.cli("run", task.id)).toMatchObject({ code: 6 });
}

it("what was left waiting for too long becomes urgent as soon as anything is driven, and heads the inbox", async () => {
  await using sandbox = await createRepository();
  const agent = await sandbox.agent({ turns: [{ kind: "requirements-review", plan: [], actions: [], say }] });
  expect(await sandbox.cli("init", "--no-ci", "--agent", agent)).toMatchObject({ code: 0 });
  expect(await sandbox.cli("inbox")).toMatchObject({ code: 0, stdout: "nothing waits for you\n" });
  expect((await sandbox.cli("config", "set", "inbox.urgent-after", "45")).stdout).toBe("45\n");

  await addAndRun(sandbox, "Discounts");
  const [notification] = await inbox(sandbox);
  expect(notification).toMatchObject({ type: "review_required", severity: "normal", urgent: false });
  expect((notification?.urgentAt ?? 0) - (notification?.createdAt ?? 0)).toBe(45 * 60_000);

  // The notification grows old at once.
  using database = new DatabaseSync(sandbox.path(".millrace", "millrace.db"));
  database.exec("UPDATE notifications SET urgent_at = 1");
  await addAndRun(sandbox, "Vouchers");
  expect((await inbox(sandbox)).map(({ severity, urgent, title }) => [title.split(":")[0], severity, urgent])).toEqual([
    ["Discounts", "urgent", true],
    ["Vouchers", "normal", false],
  ]);
  expect((await sandbox.cli("inbox")).stdout).toMatch(/^SINCE.*\n.*review required \(urgent\) +Discounts/);
}, 120_000);
