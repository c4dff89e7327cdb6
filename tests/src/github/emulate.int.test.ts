/**
 * The adapter against `emulate`, an independent implementation of GitHub's API. It has no commit statuses, no git and no real
 * mergeability, so these tests cover opening, finding, reading, comments, merging a moved head, and merging twice.
 */
import { createServer } from "node:net";
import { createGitHubForge } from "@millrace/integrations/github";
import { createEmulator } from "emulate";
import { expect, it } from "vitest";
import { z } from "zod";
import { silentLog, createVirtualClock } from "@millrace/testing";

const TOKEN = "second-opinion";
const REPOSITORY = { forge: "github", id: "acme/project", base: "main" };
const shaSchema = z.union([
  z.object({ sha: z.string() }).transform(({ sha }) => sha),
  z.object({ object: z.object({ sha: z.string() }) }).transform(({ object }) => object.sha),
]);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return address.port;
}

it("is shared by an emulator of GitHub that is not ours", async () => {
  const emulator = await createEmulator({
    service: "github",
    port: await freePort(),
    seed: {
      tokens: { [TOKEN]: { login: "acme", scopes: ["repo"] } },
      github: { users: [{ login: "acme" }], repos: [{ owner: "acme", name: "project", auto_init: true }] },
    },
  });
  await using _emulator = { [Symbol.asyncDispose]: () => emulator.close() };
  const ask = async (method: string, path: string, body?: object): Promise<string> => {
    const headers = { authorization: `token ${TOKEN}`, "content-type": "application/json" };
    const url = `${emulator.url}/repos/acme/project/${path}`;
    const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return shaSchema.parse(await response.json());
  };
  const commit = async (parent: string, text: string): Promise<string> => {
    const tree = await ask("POST", "git/trees", { tree: [{ path: "work.txt", mode: "100644", type: "blob", content: text }] });
    return ask("POST", "git/commits", { message: text, tree, parents: [parent] });
  };
  const base = await ask("GET", "git/ref/heads/main");
  const first = await commit(base, "work");
  await ask("POST", "git/refs", { ref: "refs/heads/millrace/blk_1", sha: first });

  const forge = createGitHubForge({
    auth: { as: "token", token: TOKEN },
    settings: { apiUrl: emulator.url, mergeMethod: "squash", retryMs: 0, pollMs: 0, throttleWrites: false },
    clock: createVirtualClock(),
    log: silentLog,
    wait: () => Promise.resolve(),
  });
  const open = () => forge.openPullRequest(REPOSITORY, { branch: "millrace/blk_1", title: "Work", body: "" });
  const pull = await open();
  expect(await open()).toEqual(pull);
  expect(await forge.findPullRequest(REPOSITORY, "millrace/blk_1")).toEqual(pull);
  expect(await forge.read(REPOSITORY, pull)).toMatchObject({
    state: "open",
    head: first,
    baseHead: base,
    behind: false,
    mergeability: "clean",
  });
  const said = await forge.comment(REPOSITORY, pull, { key: "k", body: "Looked at." });
  expect(await forge.comment(REPOSITORY, pull, { key: "k", body: "Looked at." })).toBe(said);

  const unseen = await commit(first, "more work");
  expect(await forge.merge(REPOSITORY, pull, { head: unseen, base }, "Merge")).toMatchObject({ is: "refused", because: "head-moved" });
  const merged = await forge.merge(REPOSITORY, pull, { head: first, base }, "Merge");
  expect(merged).toEqual({ is: "merged", commit: await ask("GET", "git/ref/heads/main"), head: first, base });
  expect(await forge.merge(REPOSITORY, pull, { head: first, base }, "Merge")).toEqual(merged);
  expect(await forge.findPullRequest(REPOSITORY, "millrace/blk_1")).toBeNull();
  await forge.deleteBranch(REPOSITORY, "millrace/blk_1");
  await forge.deleteBranch(REPOSITORY, "millrace/blk_1");
});
