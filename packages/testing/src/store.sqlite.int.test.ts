import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openSqliteStore } from "@millrace/store-sql";
import { describeStoreConformance } from "./conformance/store/describe-store-conformance.js";

describeStoreConformance("SQLite file", {
  async open(clock) {
    const folder = await mkdtemp(path.join(tmpdir(), "millrace-store-"));
    const opened = await openSqliteStore({ path: path.join(folder, "store.db"), clock });
    return {
      ...opened,
      async close() {
        await opened.close();
        await rm(folder, { recursive: true });
      },
    };
  },
});

describeStoreConformance("SQLite in memory", {
  open: (clock) => openSqliteStore({ path: ":memory:", clock }),
});
