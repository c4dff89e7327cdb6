import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StoredPullRequest } from "@millrace/kernel";
import { expect, it } from "vitest";
import { scratchRepository } from "../git/scratch-repository.js";
import { updatePull } from "./merge.js";

it("F:C10 a branch whose lock a killed git left is updated all the same", async () => {
  await using scratch = await scratchRepository();
  const head = await scratch.commit("topic", { "a.txt": "a" });
  await scratch.commit("main", { "b.txt": "b" });
  const lock = join(scratch.bare, "refs", "heads", "topic.lock");
  await mkdir(dirname(lock), { recursive: true });
  await writeFile(lock, "");
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(lock, longAgo, longAgo);
  const ref = { forge: "local-git", id: "project", base: "main" };
  const pull: StoredPullRequest = {
    repository: "project",
    number: 1,
    branch: "topic",
    base: "main",
    title: "Topic",
    body: "",
    state: "open",
    createdAt: 0,
    mergedAs: null,
    mergedHead: null,
    mergedBase: null,
    openedHead: null,
    openedBase: null,
  };
  const updated = await updatePull(
    { ref, path: scratch.bare, checks: [], mergeMethod: "merge", commits: undefined, git: scratch.git },
    pull,
    head,
    0,
  );
  expect(updated).toEqual({ is: "updated", head: await scratch.tip("topic") });
});
