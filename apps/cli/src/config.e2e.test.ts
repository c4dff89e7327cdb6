import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { createRepository, type Sandbox } from "./sandbox.fixture.js";

async function board(): Promise<Sandbox> {
  const sandbox = await createRepository();
  expect(await sandbox.here("init", "--check", "true")).toMatchObject({ code: 0 });
  return sandbox;
}

const all = async (sandbox: Sandbox): Promise<Record<string, unknown>> =>
  (JSON.parse((await sandbox.here("config", "list", "--json")).stdout) as { readonly config: Record<string, unknown> }).config;

it("F:E9 every setting is read and written by its name, in its one home", async () => {
  await using sandbox = await board();
  const set = async (...words: readonly string[]): Promise<string> => {
    const ran = await sandbox.here("config", "set", ...words);
    expect(ran).toMatchObject({ code: 0 });
    return ran.stdout;
  };
  expect(await set("budget.month", "7.50 USD")).toBe("$7.50\n");
  expect(await set("budget.run", "none")).toBe("none\n");
  expect(await set("limit.tasks", "feature=2,bug=1")).toBe("feature=2,bug=1\n");
  expect(await set("inbox.urgent-after", "30")).toBe("30\n");
  expect(await set("merge.max-risk", "0.2")).toBe("0.2\n");
  expect(await set("models.coder", "acme:large")).toBe("acme:large\n");
  expect(await set("agent", "codex")).toBe("codex\n");
  expect(await set("pipeline", "pl_minimal")).toBe("pl_minimal\n");
  expect(await set("checks", "npm ci && npm test", "make lint")).toBe('"npm ci && npm test" "make lint"\n');
  expect(await all(sandbox)).toMatchObject({
    agent: "codex",
    pipeline: "pl_minimal",
    "budget.month": 7_500_000,
    "budget.run": null,
    "limit.tasks": { mode: "per-type", perType: { feature: 2, bug: 1 } },
    "merge.max-risk": 0.2,
    "models.coder": "acme:large",
    checks: { ci: "required", commands: [{ name: "npm test" }, { name: "make lint" }] },
  });
  expect(await set("checks", "none")).toBe("none\n");
  expect(JSON.parse(await readFile(sandbox.path(".millrace", "config.json"), "utf8"))).toMatchObject({
    ci: "none",
    checks: [],
    agent: "codex",
  });
  expect((await sandbox.here("config", "get", "budget.month")).stdout).toBe("$7.50\n");
  expect((await sandbox.here("config", "list")).stdout).toMatch(/^SETTING +VALUE[^]*merge\.max-risk +0\.2 +most risk/);
}, 60_000);

it.each([
  [["budget.moth", "1"], /no setting 'budget\.moth'/, /perhaps you mean 'budget\.month'/],
  [["budget.month", "25 EUR"], /'25 EUR' is no value of 'budget\.month'.*US dollars/, /\$25/],
  [["budget.reserve-job", "none"], /cannot be switched off/, /write it as/],
  [["merge.max-risk", "2"], /'2' is no value of 'merge\.max-risk'/, /a number from 0 to 1/],
  [["limit.tasks", "0"], /'0' is no value of 'limit\.tasks'/, /feature=2,bug=1/],
  [["pipeline", "pl_nope"], /pipeline 'pl_nope' does not exist/, /millrace pipelines/],
  [["agent", 'unclosed "'], /./, /./],
  [["github.poll-ms", "2000"], /not on GitHub/, /init --github/],
])("F:E9 config set %j is refused with the fix, and nothing is written", async (words, message, fix) => {
  await using sandbox = await board();
  const before = await all(sandbox);
  const ran = await sandbox.here("config", "set", ...words);
  expect(ran).toMatchObject({ code: 3, stdout: "" });
  expect(ran.stderr).toMatch(new RegExp(`error: .*${message.source}.*\nfix: .*${fix.source}`));
  expect(await all(sandbox)).toEqual(before);
});
