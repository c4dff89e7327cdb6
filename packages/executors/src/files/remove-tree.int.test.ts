import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { removeTree } from "./remove-tree.js";

it("H:S14 a folder deeper than any path, with a link out of it, is removed, and what the link leads to stays", async () => {
  const root = await mkdtemp(join(tmpdir(), "millrace-deep-"));
  const [outside, work] = [join(root, "outside"), join(root, "work")];
  await writeFile(outside, "stays");
  execFileSync("sh", ["-c", 'mkdir "$0" && cd "$0" && for at in $(seq 400); do mkdir deep-folder && cd -P deep-folder; done', work]);
  await symlink(root, join(work, "link"));
  await removeTree(work);
  expect(existsSync(work)).toBe(false);
  expect(await readFile(outside, "utf8")).toBe("stays");
  await removeTree(root);
}, 120_000);
