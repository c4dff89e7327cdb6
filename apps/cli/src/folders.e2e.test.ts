import { readdir, rm, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { createRepository } from "./sandbox.fixture.js";

it("F:C7 what lies in the place of a folder is named by doctor and by run, with its fix, and nothing is started", async () => {
  await using sandbox = await createRepository();
  const agent = await sandbox.agent({ turns: [{ kind: "coder", plan: [], actions: [], say: "unused" }] });
  await sandbox.cli("init", "--no-ci", "--agent", agent);
  const added = await sandbox.cli("task", "add", "Discounts", "--pipeline", "pl_minimal", "--json");
  const { task } = JSON.parse(added.stdout) as { readonly task: { readonly id: string } };
  // In the place of the folder: no permission is needed to see it, so the superuser sees it as well.
  await rm(sandbox.path(".millrace", "jobs"), { recursive: true });
  await writeFile(sandbox.path(".millrace", "jobs"), "");

  const doctor = await sandbox.cli("doctor");
  expect(doctor).toMatchObject({
    code: 7,
    stdout: expect.stringMatching(/fail +board .*jobs' is not a folder\s+fix: look at what is in its place/) as string,
  });
  const run = await sandbox.cli("run", task.id);
  expect(run).toMatchObject({ code: 7, stderr: expect.stringMatching(/jobs' is not a folder[^]*fix:/) as string });
  expect((await readdir(sandbox.path(".millrace"))).filter((name) => name.includes("tmp"))).toEqual([]);
}, 120_000);

it("F:C7 a TMPDIR that is not there is named by doctor, with its fix", async () => {
  await using sandbox = await createRepository({ "readme.md": "sample\n" }, { TMPDIR: "/nowhere/at/all" });
  await sandbox.cli("init", "--no-ci", "--agent", "true {prompt_file}");
  const doctor = await sandbox.cli("doctor");
  expect(doctor).toMatchObject({
    code: 7,
    stdout: expect.stringMatching(/folders .*\/nowhere\/at\/all[^]*TMPDIR[^]*agent .*\/nowhere/) as string,
  });
}, 120_000);
