/** Database of a fleet on its own PostgreSQL server, with a breakable proxy in front of each process. */
import { breakableNetwork, type BreakableNetwork } from "../store/postgres-proxy.fixture.js";
import { connect } from "@millrace/testing/internal/postgres-server";
import { startPostgres, type PostgresServerOptions } from "@millrace/testing/postgres";
import { untilAvailable } from "./exactly-once.js";
import type { FleetDatabase, Line } from "./database.fixture.js";

/** Ends one connection of the store or of its listeners, by application name. */
const TERMINATE = `
  select pg_terminate_backend(pid) as ended from pg_stat_activity
  where application_name like 'millrace%' and datname = current_database() order by state = 'active' desc, random() limit 1`;

export async function postgresServer(workers: number, options: PostgresServerOptions): Promise<FleetDatabase & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await startPostgres(options));
  const address = await server.createDatabase();
  const open = async (): Promise<BreakableNetwork> => opened.use(await breakableNetwork(address));
  const networks = await Promise.all(Array.from({ length: workers }, open));
  const userNetwork = await open();
  const kept = opened.move();
  return {
    address,
    lines: networks.map(lineOf),
    userLine: lineOf(userNetwork),
    server: {
      restart: (how) => server.restart(how),
      terminateOne: () =>
        untilAvailable(async () => {
          await using direct = await connect(address);
          const { rows } = await direct.client.query<{ ended: boolean }>(TERMINATE);
          return rows[0]?.ended === true;
        }),
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function lineOf(network: BreakableNetwork): Line {
  return { address: network.url, network };
}
