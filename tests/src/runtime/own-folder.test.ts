import { chmod, chown, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalRuntime } from "@millrace/runtime-local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { boardSettings } from "./local-board.fixture.js";

let root = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "millrace-own-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const modeOf = async (...below: readonly string[]): Promise<number> => (await stat(join(root, "state", ...below))).mode & 0o777;

async function open(): Promise<void> {
  await using _ = await openLocalRuntime(boardSettings(root));
}

describe("H:S13 the folder of a host", () => {
  it("H:S13 is for its user alone, at every open, with the database and what lies beside it", async () => {
    await open();
    expect(await Promise.all([modeOf(), modeOf("millrace.db")])).toEqual([0o700, 0o600]);
    await chmod(join(root, "state"), 0o755);
    for (const file of ["millrace.db", "millrace.db-wal", "millrace.db-shm"]) {
      await writeFile(join(root, "state", file), "", { flag: "a" });
      await chmod(join(root, "state", file), 0o644);
    }
    await using _ = await openLocalRuntime(boardSettings(root));
    expect(await modeOf()).toBe(0o700);
    expect(await Promise.all(["", "-wal", "-shm"].map((end) => modeOf(`millrace.db${end}`)))).toEqual([0o600, 0o600, 0o600]);
  });

  it("H:S13 is refused when others may write to it", async () => {
    await mkdir(join(root, "state"));
    await chmod(join(root, "state"), 0o775);
    await expect(open()).rejects.toMatchObject({ code: "board_unsafe", fix: `chmod go-w '${join(root, "state")}'` });
  });

  it.skipIf(process.getuid?.() !== 0)("H:S13 is refused when it belongs to another user", async () => {
    await mkdir(join(root, "state"), { mode: 0o700 });
    await chown(join(root, "state"), 12_345, 12_345);
    await expect(open()).rejects.toMatchObject({ code: "board_unsafe" });
  });
});
