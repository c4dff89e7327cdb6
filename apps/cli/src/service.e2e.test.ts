import { expect, it } from "vitest";
import { createRepository } from "./sandbox.fixture.js";

it("BRD-05 BRD-08 a module is added and the service changed, by the board's one person", async () => {
  await using sandbox = await createRepository();
  expect(await sandbox.here("init", "--no-ci")).toMatchObject({ code: 0 });
  const added = await sandbox.here("module", "add", "cart", "-d", "What is bought.", "--json");
  expect(JSON.parse(added.stdout)).toMatchObject({ module: { level: "module", title: "cart", description: "What is bought." } });
  const changed = await sandbox.here(
    "service",
    "set",
    "--title",
    "Shop",
    "--type",
    "api",
    "--cloud",
    "aws",
    "--instance",
    "large",
    "--json",
  );
  expect(JSON.parse(changed.stdout)).toMatchObject({
    service: { title: "Shop", type: "api", cloudProvider: "aws", instanceSize: "large", revision: 2 },
  });
  expect((await sandbox.here("module", "add", "till", "--service", "Shop", "--quiet")).stdout).toMatch(/^blk_\w+\n$/);
  expect(await sandbox.here("service", "set")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("nothing is to be changed") as string,
  });
  expect(await sandbox.here("module", "add", "x", "--service", "none")).toMatchObject({ code: 3 });
}, 120_000);
