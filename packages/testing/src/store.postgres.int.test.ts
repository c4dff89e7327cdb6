import { openPostgresStore } from "@millrace/store-sql/postgres";
import { afterAll, beforeAll } from "vitest";
import { describeStoreConformance } from "./conformance/store/describe-store-conformance.js";
import { startPostgres, type PostgresServer } from "./postgres/server.js";

let server: PostgresServer;
let url = "";
let schemas = 0;
beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
});
afterAll(() => server.stop());

describeStoreConformance("PostgreSQL", {
  async open(clock) {
    const schema = `test_${(schemas += 1)}`;
    const open = () => openPostgresStore({ url, schema, clock, poolSize: 5 });
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
