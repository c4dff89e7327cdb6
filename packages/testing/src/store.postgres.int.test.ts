import { openPostgresStore } from "@millrace/store-sql/postgres";
import { afterAll, beforeAll } from "vitest";
import { describeStoreConformance } from "./conformance/store/describe-store-conformance.js";
import { startPostgres, type PostgresServer } from "./postgres.fixture.js";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

describeStoreConformance("PostgreSQL", {
  async open(clock) {
    const url = await server.createDatabase();
    const open = () => openPostgresStore({ url, clock, poolSize: 5 });
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
