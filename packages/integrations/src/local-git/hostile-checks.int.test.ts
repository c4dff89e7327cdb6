/** Checks that work against the host: each proves that it ran, and what stayed untouched. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canContain, testCommands } from "../git/commands.fixture.js";
import { scratchRepository } from "../git/scratch-repository.js";
import { runCheck, type CheckOutcome } from "./run-check.js";

/** Runs a shell script as a check of the tip of `main`. */
async function check(script: string): Promise<CheckOutcome & { readonly untouched: boolean }> {
  await using scratch = await scratchRepository();
  const [secret, workspace] = [join(scratch.root, "secret"), join(scratch.root, "check")];
  await writeFile(secret, "the host's secret");
  await mkdir(workspace);
  const head = await scratch.tip("main");
  const outcome = await runCheck(
    testCommands({ contains: true }),
    {
      check: { name: "test", argv: ["sh", "-c", script, secret, scratch.bare], timeoutMs: 20_000 },
      path: scratch.bare,
      head,
      workspace,
    },
    new AbortController().signal,
  );
  await scratch.git.run(["fsck", "--full", "--strict"]);
  const untouched = (await readFile(secret, "utf8")) === "the host's secret" && (await scratch.tip("main")) === head;
  return { ...outcome, untouched };
}

describe.skipIf(!canContain)("a check in a sandbox (needs bubblewrap: apt-get install bubblewrap)", () => {
  it("H:S15 sees its commit and its history, and neither the host's files nor its processes", async () => {
    const outcome = await check(`cat README.md && git log --oneline | wc -l && cat "$0" || echo none; ls /proc | grep -c '^[0-9]'`);
    expect(outcome).toMatchObject({ conclusion: "success", untouched: true });
    expect(outcome.output).toContain("# A project\n1\n");
    expect(outcome.output).not.toContain("the host's secret");
    expect(Number(outcome.output.trim().split("\n").at(-1))).toBeLessThan(10);
  });

  it("H:S15 can write to neither the repository's objects nor its refs, and has nothing to push to", async () => {
    const outcome = await check(
      `echo mine > work.txt && git -c user.name=x -c user.email=x@y commit -qam "Mine" --allow-empty && echo committed
       echo x > "$1/objects/owned" || echo "objects: read-only"
       git push -q "$1" HEAD:refs/heads/main || echo "push: refused"
       git push -q || echo "no remote"`,
    );
    expect(outcome.untouched).toBe(true);
    for (const proof of ["committed", "objects: read-only", "push: refused", "no remote"]) expect(outcome.output).toContain(proof);
  });

  it.each([126, 127])("F:C11 a check that ends with %d could not run", async (code) => {
    expect(await check(`exit ${String(code)}`)).toMatchObject({ conclusion: "action_required", untouched: true });
  });
});
