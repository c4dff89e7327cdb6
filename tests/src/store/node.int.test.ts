/** The store suite on the database of the Node runtime: pg-boss delivers wake-ups, and commits send its jobs. */
import { openNodeDatabase } from "@millrace/runtime-node";
import { afterAll, beforeAll } from "vitest";
import { describeStoreConformance } from "@millrace/testing/vitest";
import { silentLog } from "@millrace/testing";
import { startPostgres, type PostgresServer } from "@millrace/testing/postgres";

let server: PostgresServer;
let url = "";
let schemas = 0;
beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
});
afterAll(() => server.stop());

describeStoreConformance("PostgreSQL with pg-boss", {
  async open(clock) {
    const schema = `test_${(schemas += 1)}`;
    const open = () => openNodeDatabase({ url, schema, clock, poolSize: 5, log: silentLog });
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
      },
    };
  },
});
