import { chmod, readFile, readdir, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { migrations } from "./aggregates/index.js";
import { openSqliteConnection, openSqliteStore } from "./open-sqlite-store.js";
import { WS, aRecord, board, transition } from "./records.fixture.js";
import { temporaryFolder } from "./temporary-folder.fixture.js";

const clock = { now: () => 0 };
const NOBODY = 65_534;

/** The superuser ignores permissions, so as root the body runs with another effective user. */
async function unprivileged<T>(body: () => Promise<T>): Promise<T> {
  const user = process.geteuid?.();
  if (user !== 0) return body();
  process.seteuid?.(NOBODY);
  try {
    return await body();
  } finally {
    process.seteuid?.(user);
  }
}

async function aDatabase(): Promise<{ readonly folder: string; readonly file: string }> {
  const folder = await temporaryFolder(onTestFinished);
  const file = path.join(folder, "store.db");
  await using opened = await openSqliteStore({ path: file, clock });
  await opened.store.commit([...board(1), { change: "insert-run", record: aRecord("run_a") }, ...transition("run_a", 1)]);
  return { folder, file };
}

/** Runs SQL behind the store's back. */
function tamper(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

async function expectOpenError(file: string, code: string): Promise<{ readonly message: string; readonly fix: string | null }> {
  const error: unknown = await openSqliteStore({ path: file, busyTimeoutMs: 10, clock }).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: "MillraceError", code, message: expect.stringContaining(file), fix: expect.any(String) });
  return error as { message: string; fix: string | null };
}

describe("a database that cannot be written", () => {
  it("is refused when its folder does not exist, and nothing is made", async () => {
    const folder = await temporaryFolder(onTestFinished);
    const { message } = await expectOpenError(path.join(folder, "absent", "store.db"), "database_unwritable");
    expect(message).toContain("does not exist");
    expect(await readdir(folder)).toEqual([]);
  });

  it("is refused when the path is a folder", async () => {
    const folder = await temporaryFolder(onTestFinished);
    expect((await expectOpenError(folder, "database_unwritable")).message).toContain("is a folder");
    expect(await readdir(folder)).toEqual([]);
  });

  it("is refused when its folder is a file", async () => {
    const folder = await temporaryFolder(onTestFinished);
    await writeFile(path.join(folder, "file"), "");
    const { message } = await expectOpenError(path.join(folder, "file", "store.db"), "database_unwritable");
    expect(message).toContain("is not a folder");
  });

  it("is refused when the folder is read-only and the file is new", async () => {
    const folder = await temporaryFolder(onTestFinished);
    await chmod(folder, 0o555);
    await unprivileged(() => expectOpenError(path.join(folder, "store.db"), "database_unwritable"));
    expect(await readdir(folder)).toEqual([]);
  });

  it("is refused when the folder is read-only and the file is there", async () => {
    const { folder, file } = await aDatabase();
    const before = await readFile(file);
    await chmod(file, 0o666);
    await chmod(folder, 0o555);
    await unprivileged(() => expectOpenError(file, "database_unwritable"));
    expect(await readFile(file)).toEqual(before);
  });

  it("is refused when the file is read-only", async () => {
    const { folder, file } = await aDatabase();
    const before = await readFile(file);
    await chmod(file, 0o444);
    await chmod(folder, 0o777);
    await unprivileged(() => expectOpenError(file, "database_unwritable"));
    expect(await readFile(file)).toEqual(before);
  });
});

describe("a database this build cannot read", () => {
  it("is refused when a later version wrote it, naming the unknown migration, and is left as it was", async () => {
    const { folder, file } = await aDatabase();
    tamper(file, "insert into millrace_migrations values ('9999-later', 0)");
    const before = await readFile(file);
    const { message, fix } = await expectOpenError(file, "database_newer");
    expect(message).toContain("does not know: 9999-later");
    expect(fix).toContain("later");
    expect(await readFile(file)).toEqual(before);
    expect(await readdir(folder)).toEqual(["store.db"]);
  });

  it("is refused when it is not a database, and is left as it was", async () => {
    const file = path.join(await temporaryFolder(onTestFinished), "store.db");
    const text = "not a database\n".repeat(1000);
    await writeFile(file, text);
    await expectOpenError(file, "database_corrupt");
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it("is refused when the file was cut", async () => {
    const { file } = await aDatabase();
    await truncate(file, 4096 * 3);
    const cut = await readFile(file);
    await expectOpenError(file, "database_corrupt");
    expect(await readFile(file)).toEqual(cut);
  });

  it("is refused when another program made it, and is left as it was", async () => {
    const file = path.join(await temporaryFolder(onTestFinished), "store.db");
    tamper(file, "create table notes (text)");
    const before = await readFile(file);
    expect((await expectOpenError(file, "database_corrupt")).message).toContain("another program");
    expect(await readFile(file)).toEqual(before);
  });

  it("is refused when it lost a table, naming it", async () => {
    const { file } = await aDatabase();
    tamper(file, "drop table outputs");
    expect((await expectOpenError(file, "database_corrupt")).message).toContain("outputs");
  });

  it("is reported as corrupt by a read when a page behind the schema is damaged", async () => {
    const { file } = await aDatabase();
    const bytes = await readFile(file);
    const root = new DatabaseSync(file, { readOnly: true });
    const page = Number(root.prepare("select rootpage from sqlite_schema where name = 'runs'").get()?.["rootpage"]);
    root.close();
    bytes.fill(0xff, (page - 1) * 4096, page * 4096);
    await writeFile(file, bytes);
    await using opened = await openSqliteStore({ path: file, clock });
    await expect(opened.store.runs.get(WS, "run_a")).rejects.toMatchObject({ code: "database_corrupt" });
    await expect(opened.store.commit(transition("run_a", 2))).rejects.toMatchObject({ code: "database_corrupt" });
  });
});

describe("a database another connection has locked", () => {
  it("is busy when it is opened", async () => {
    const file = path.join(await temporaryFolder(onTestFinished), "store.db");
    const other = new DatabaseSync(file);
    other.exec("begin exclusive");
    await expectOpenError(file, "database_busy");
    other.exec("rollback");
    other.close();
    await using opened = await openSqliteStore({ path: file, clock });
    expect(await opened.store.workspaces.list({ limit: 1 })).toEqual([]);
  });

  it("is busy when it is written, is read meanwhile, and is written afterwards", async () => {
    const { file } = await aDatabase();
    await using opened = await openSqliteStore({ path: file, busyTimeoutMs: 10, clock });
    const other = new DatabaseSync(file);
    other.exec("begin immediate");
    await expect(opened.store.commit(transition("run_a", 2))).rejects.toMatchObject({ code: "database_busy" });
    expect((await opened.store.runs.get(WS, "run_a"))?.revision).toBe(2);
    other.exec("rollback");
    other.close();
    await opened.store.commit(transition("run_a", 2));
    expect((await opened.store.runs.get(WS, "run_a"))?.revision).toBe(3);
  });
});

describe("opening", () => {
  it.each([
    ["full", undefined, 2],
    ["full", "full", 2],
    ["normal", "normal", 1],
  ] as const)("is %s durability for %s", async (_name, durability, synchronous) => {
    const file = path.join(await temporaryFolder(onTestFinished), "store.db");
    const { connection } = await openSqliteConnection({ path: file, durability, busyTimeoutMs: 1234 });
    expect(connection.pragma("synchronous")).toBe(synchronous);
    expect(connection.pragma("journal_mode")).toBe("wal");
    expect(connection.pragma("foreign_keys")).toBe(1);
    expect(connection.pragma("busy_timeout")).toBe(1234);
    connection.close();
  });

  it("again finds what was written, and records each migration once", async () => {
    const { file } = await aDatabase();
    await using opened = await openSqliteStore({ path: file, clock });
    expect((await opened.store.runs.get(WS, "run_a"))?.revision).toBe(2);
    const database = new DatabaseSync(file);
    const recorded = database.prepare("select id from millrace_migrations order by id").all();
    database.close();
    expect(recorded.map((row) => row["id"])).toEqual(migrations.map(({ id }) => id));
  });

  it("refuses options that are not valid, naming them", async () => {
    await expect(openSqliteStore({ path: "", clock })).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringContaining("path"),
    });
    const negative = openSqliteStore({ path: ":memory:", busyTimeoutMs: -1, clock });
    await expect(negative).rejects.toMatchObject({ code: "config_invalid", message: expect.stringContaining("busyTimeoutMs") });
  });

  it("can be undone twice, and a closed store says so", async () => {
    const opened = await openSqliteStore({ path: ":memory:", clock });
    await opened.close();
    await opened.close();
    await expect(opened.store.workspaces.get(WS)).rejects.toMatchObject({ code: "unavailable" });
    await expect(opened.store.commit(board(1))).rejects.toMatchObject({ code: "unavailable" });
    await expect(opened.wakeups.nextDueAt()).rejects.toMatchObject({ code: "unavailable" });
  });
});
