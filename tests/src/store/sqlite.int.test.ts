import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openSqliteStore } from "@millrace/store-sql";
import { describeStoreConformance } from "@millrace/testing/vitest";

describeStoreConformance("SQLite file", {
  async open(clock) {
    const folder = await mkdtemp(path.join(tmpdir(), "millrace-store-"));
    const open = () => openSqliteStore({ path: path.join(folder, "store.db"), clock });
    const first = await open();
    const all = [first];
    return {
      ...first,
      async connect() {
        const another = await open();
        all.push(another);
        return another.store;
      },
      async close() {
        for (const opened of all) await opened.close();
        await rm(folder, { recursive: true });
      },
    };
  },
});

describeStoreConformance("SQLite in memory", {
  open: (clock) => openSqliteStore({ path: ":memory:", clock }),
});
