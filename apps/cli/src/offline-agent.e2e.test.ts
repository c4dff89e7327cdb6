import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createRepository } from "./sandbox.fixture.js";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");

it("F:E9 the offline agent of the README takes a task of one's own repository to a merge", async () => {
  const block = [...readme.matchAll(/^```sh\n(?<block>[^]*?)^```/gm)]
    .map(({ groups }) => groups?.["block"] ?? "")
    .find((one) => one.includes("{prompt_file}"));
  await using sandbox = await createRepository();
  const ran = await sandbox.shell(`set -e\n${block ?? "exit 9"}`);
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining("merged as ") as string });
  expect(await sandbox.git("show", "HEAD:answer.txt")).toBe("42");
}, 240_000);
