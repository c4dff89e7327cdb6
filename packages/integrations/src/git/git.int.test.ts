import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { gitAt } from "./git.js";
import { scratchRepository } from "./scratch-repository.js";

afterEach(() => vi.unstubAllEnvs());

describe("git", () => {
  it("takes nothing from the process's environment but PATH", async () => {
    await using scratch = await scratchRepository();
    vi.stubEnv("GIT_DIR", "/elsewhere");
    vi.stubEnv("GIT_AUTHOR_NAME", "Somebody");
    vi.stubEnv("GIT_CONFIG_COUNT", "1");
    vi.stubEnv("GIT_CONFIG_KEY_0", "user.name");
    vi.stubEnv("GIT_CONFIG_VALUE_0", "Somebody");
    expect(await scratch.git.text(["var", "GIT_AUTHOR_IDENT"])).toMatch(/^Millrace <agent@millrace\.invalid> /);
    expect(await scratch.git.text(["rev-parse", "--absolute-git-dir"])).toBe(scratch.bare);
  });

  it("says which command failed, how, and what git said", async () => {
    await using scratch = await scratchRepository();
    const failure = scratch.git.run(["fetch", "https://someone:secret@127.0.0.1:1/x?token=secret", "main"], { protocols: ["https"] });
    await expect(failure).rejects.toMatchObject({ code: "forge_failed", details: { command: "git fetch", exitCode: 128, reason: "exit" } });
    const error: unknown = await failure.catch((caught: unknown) => caught);
    expect(JSON.stringify(error)).not.toContain("secret");
  });

  it("uses no transport that was not asked for", async () => {
    await using scratch = await scratchRepository();
    await expect(gitAt().run(["ls-remote", scratch.bare])).rejects.toMatchObject({ code: "git_failed" });
    await expect(gitAt().run(["ls-remote", scratch.bare], { protocols: ["file"] })).resolves.toMatchObject({ code: 0 });
  });

  it("tells a missing program from a missing folder", async () => {
    await using scratch = await scratchRepository();
    await expect(gitAt({ gitDir: join(scratch.root, "absent") }).run(["status"])).rejects.toMatchObject({ code: "repository_missing" });
    vi.stubEnv("PATH", join(scratch.root, "absent"));
    await expect(scratch.git.run(["status"])).rejects.toMatchObject({ code: "git_missing" });
  });

  it("bounds time and output", async () => {
    const bin = await mkdtemp(join(tmpdir(), "millrace-bin-"));
    onTestFinished(() => rm(bin, { recursive: true }));
    await writeFile(join(bin, "git"), "#!/bin/sh\nexec yes 0123456789\n");
    await chmod(join(bin, "git"), 0o755);
    vi.stubEnv("PATH", `${bin}:${process.env["PATH"] ?? ""}`);
    expect(await gitAt().run(["log"], { cutAt: 100 })).toMatchObject({ cut: true, stdout: "0123456789\n".repeat(10).slice(0, 100) });
    await expect(gitAt().run(["log"])).rejects.toMatchObject({ code: "git_failed", details: { reason: "cut" } });
    await writeFile(join(bin, "git"), "#!/bin/sh\nsleep 600\n");
    await expect(gitAt().run(["log"], { timeoutMs: 50 })).rejects.toMatchObject({ code: "git_failed", details: { reason: "timeout" } });
  });
});
