import { openPostgresStore } from "@millrace/store-sql/postgres";
import { expect, it } from "vitest";
import { startPostgres } from "@millrace/testing/postgres";
import { expectAgreement } from "./agreement.fixture.js";

it("the store in memory and the one in PostgreSQL agree about every commit of money, reviews and limits", async () => {
  await using server = await startPostgres();
  const url = await server.createDatabase();
  let schemas = 0;
  await expectAgreement((clock) => openPostgresStore({ url, schema: `agree_${(schemas += 1)}`, clock, poolSize: 2 }), 60);
  expect(schemas).toBe(60);
}, 120_000);
