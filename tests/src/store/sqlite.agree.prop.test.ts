import { openSqliteStore } from "@millrace/store-sql";
import { it } from "vitest";
import { expectAgreement } from "./agreement.fixture.js";

it("the store in memory and the one in SQLite agree about every commit of money, reviews and limits", async () => {
  await expectAgreement((clock) => openSqliteStore({ path: ":memory:", clock }), 150);
});
