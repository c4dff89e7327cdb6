import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ensurePathInside } from "./ensure-path-inside.js";

async function folders(): Promise<{ root: string; outside: string }> {
  const top = await realpath(await mkdtemp(join(tmpdir(), "millrace-paths-")));
  onTestFinished(() => rm(top, { recursive: true }));
  await mkdir(join(top, "root", "sub"), { recursive: true });
  await mkdir(join(top, "root-2"));
  await symlink(join(top, "root-2"), join(top, "root", "way-out"));
  return { root: join(top, "root"), outside: join(top, "root-2") };
}

describe("ensurePathInside", () => {
  it("accepts the root, folders in it and what does not exist yet", async () => {
    const { root } = await folders();
    expect(await ensurePathInside(root, ".")).toBe(root);
    expect(await ensurePathInside(root, "sub")).toBe(join(root, "sub"));
    expect(await ensurePathInside(root, join(root, "sub", "..", "new", "deep"))).toBe(join(root, "new", "deep"));
    expect(await ensurePathInside(root, "..dots")).toBe(join(root, "..dots"));
  });

  it.each(["..", "sub/../../root-2", "way-out", "way-out/new", "/etc"])("refuses %s", async (path) => {
    const { root } = await folders();
    await expect(ensurePathInside(root, path)).rejects.toMatchObject({ code: "path_outside" });
  });

  it("refuses a neighbour whose name begins alike", async () => {
    const { root, outside } = await folders();
    await expect(ensurePathInside(root, outside)).rejects.toMatchObject({ code: "path_outside" });
  });
});
