import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createSandbox } from "./sandbox.fixture.js";

it.each([
  ["millrace ta", ["task", "tasks"]],
  ["millrace task e", ["edit"]],
  ["millrace tasks --st", ["--status"]],
  ["millrace tasks --status mer", ["merged"]],
  ["millrace task add --type b", ["bug"]],
  ["millrace config s", ["set"]],
  ["millrace completion f", ["fish"]],
])("F:E9 bash completes '%s' from the commands that there are", async (typed, expected) => {
  await using sandbox = await createSandbox();
  const { stdout } = await sandbox.here("completion", "bash");
  const words = typed.split(" ");
  await writeFile(
    sandbox.path("try.sh"),
    `${stdout}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})\nCOMP_CWORD=${words.length - 1}\n_millrace_completion\nprintf '%s\\n' "\${COMPREPLY[@]}"\n`,
  );
  const { stdout: found } = await promisify(execFile)("bash", [sandbox.path("try.sh")]);
  expect(found.trim().split("\n").toSorted()).toEqual(expected);
});

it("F:E9 zsh and fish get scripts too, and another shell is refused", async () => {
  await using sandbox = await createSandbox();
  expect((await sandbox.here("completion", "zsh")).stdout).toMatch(/^#compdef millrace\n/);
  expect((await sandbox.here("completion", "fish")).stdout).toContain(
    "complete -c millrace -n '__fish_seen_subcommand_from task' -f -a edit -d '",
  );
  expect(await sandbox.here("completion", "tcsh")).toMatchObject({ code: 2, stderr: expect.stringContaining("bash, zsh, fish") as string });
});
