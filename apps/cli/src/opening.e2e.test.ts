import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { startPostgres } from "@millrace/testing/postgres";
import { expect, it } from "vitest";
import { createRepository, resultOf } from "./sandbox.fixture.js";

it("F:C8 `work` whose database goes away during its opening ends with 7, wherever it was, and leaves nothing open", async () => {
  await using server = await startPostgres();
  const url = await server.createDatabase();
  await using sandbox = await createRepository();
  const init = await sandbox.cli("init", "--no-ci", "--agent", "true {prompt_file}", "--database", url);
  expect(init.code).toBe(0);
  const child = sandbox.startProgram(fileURLToPath(new URL("./opening.fixture.ts", import.meta.url)), url);
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const [printed, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect({ complaints, code: await exited }).toEqual({ complaints: "", code: 0 });
  const codes = JSON.parse(printed) as readonly number[];
  expect(codes.length).toBeGreaterThan(10);
  expect(codes.at(-1)).toBe(0);
  expect(new Set(codes.slice(0, -1))).toEqual(new Set([7]));
}, 300_000);

it("F:C8 SIGTERM ends `work` while its database does not answer", async () => {
  await using sandbox = await createRepository();
  await sandbox.cli("init", "--no-ci", "--agent", "true {prompt_file}");
  const path = sandbox.path(".millrace", "config.json");
  const config = JSON.parse(await readFile(path, "utf8")) as object;
  await writeFile(path, JSON.stringify({ ...config, database: { schema: "away" } }));
  const asked = Promise.withResolvers<void>();
  const silent = createServer(() => asked.resolve());
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const worker = sandbox.start("work", "--database", `postgres://millrace@127.0.0.1:${port}/board`);
  const ended = resultOf(worker);
  await asked.promise;
  worker.kill("SIGTERM");
  expect((await ended).code).toBe(130);
  silent.close();
}, 60_000);
