import { expect, it, onTestFinished } from "vitest";
import { openSqliteConnection } from "../open-sqlite-store.js";
import { WS, board } from "../records.fixture.js";
import { createSqlStore } from "../sql-store.js";

const clock = { now: () => 1000 };

it("a row without its run that no guard looks for is refused by its foreign key, as a defect", async () => {
  const { connection } = await openSqliteConnection({ path: ":memory:" });
  onTestFinished(() => connection.close());
  const store = createSqlStore(connection, clock);
  const stray = { sql: "insert into wakeups (workspace_id, run_id, due_at) values (?, 'run_nowhere', 1)", values: [WS] };
  await expect(store.commit(board(1), { more: [stray] })).rejects.toMatchObject({ code: "internal", details: { errcode: 787 } });
  expect(await store.workspaces.get(WS)).toBeNull();
});
