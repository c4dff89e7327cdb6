import { DBOS } from "@dbos-inc/dbos-sdk";
import { MillraceError } from "@millrace/kernel";
import { STEPS_PER_RUN } from "../engine-steps.ts";
import { POOL_SIZE, timed, type Peer } from "./peer.ts";

const silent = { info: () => undefined, debug: () => undefined, warn: () => undefined, error: (entry: unknown) => console.error(entry) };

/** A workflow of steps in a row, each checkpointed before the next. It is one of a process, so one bench at a time may have it. */
export async function openDbos(resources: AsyncDisposableStack, url: string): Promise<Peer> {
  DBOS.setConfig({
    name: "millrace-bench",
    systemDatabaseUrl: url,
    systemDatabasePoolSize: POOL_SIZE,
    enableOTLP: false,
    tracingEnabled: false,
    logger: silent,
  });
  const workflow = DBOS.registerWorkflow(
    async () => {
      let done = 0;
      for (let index = 0; index < STEPS_PER_RUN; index += 1) done += await DBOS.runStep(async () => 1, { name: `step_${index}` });
      return done;
    },
    { name: "row-of-steps" },
  );
  resources.defer(() => DBOS.shutdown({ deregister: true }));
  await DBOS.launch();
  return {
    name: "DBOS Transact",
    run: (runs, atOnce) =>
      timed(runs, atOnce, async () => {
        const done = await workflow();
        if (done !== STEPS_PER_RUN) throw new MillraceError("internal", `a workflow did ${done} of its steps: nothing was measured`);
      }),
  };
}
