/** A process that simulates the seeds it is sent, and sends back their totals. */
import { runSeed } from "./run-seed.ts";
import { add, nothing, totalsOf } from "./totals.ts";
import { isShare, type WorkerReply, type Share } from "./workers.ts";

function send(reply: WorkerReply): void {
  process.send?.(reply);
}

process.on("message", (message) => {
  if (!isShare(message)) throw new TypeError("a worker is sent shares");
  void runShare(message);
});

async function runShare({ from, seeds, pipeline }: Share): Promise<void> {
  const totals = nothing();
  for (let seed = from; seed < from + seeds; seed += 1) {
    try {
      add(totals, totalsOf(await runSeed(seed, pipeline ?? undefined)));
    } catch (error) {
      return send({ is: "failed", seed, why: error instanceof Error ? (error.stack ?? error.message) : "unknown" });
    }
  }
  send({ is: "done", totals });
}
