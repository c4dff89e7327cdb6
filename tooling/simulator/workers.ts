/** Distributes seeds over processes. Each gets the next share when it has finished one. */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { add, nothing, type Totals } from "./totals.ts";

const SHARE = 25;

/** Message to a worker. Both ends are this script, so only the kind of a message is checked. */
export interface Share {
  readonly from: number;
  readonly seeds: number;
  readonly pipeline: string | null;
}

export type WorkerReply =
  | { readonly is: "done"; readonly totals: Totals }
  | { readonly is: "failed"; readonly seed: number; readonly why: string };

export function isShare(message: unknown): message is Share {
  return typeof message === "object" && message !== null && "from" in message && "seeds" in message && "pipeline" in message;
}

function isReply(message: unknown): message is WorkerReply {
  return typeof message === "object" && message !== null && "is" in message && (message.is === "done" || message.is === "failed");
}

export interface Work {
  readonly from: number;
  readonly seeds: number;
  readonly pipeline: string | undefined;
  readonly workers: number;
}

/** Simulates every seed. Rejects with a seed that cannot be simulated, or when a worker exits; stops all workers in any case. */
export async function runSeeds({ from, seeds, pipeline, workers }: Work): Promise<Totals> {
  const totals = nothing();
  let next = from;
  const share = (): Share | null => {
    const size = Math.min(SHARE, from + seeds - next);
    if (size <= 0) return null;
    next += size;
    return { from: next - size, seeds: size, pipeline: pipeline ?? null };
  };
  const children = Array.from({ length: workers }, () => fork(fileURLToPath(new URL("worker.ts", import.meta.url))));
  try {
    await Promise.all(children.map((child) => work(child, share, totals)));
  } finally {
    for (const child of children) child.kill();
  }
  return { ...totals, broken: totals.broken.toSorted((a, b) => a.seed - b.seed) };
}

function work(child: ChildProcess, share: () => Share | null, totals: Totals): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (): void => {
      const mine = share();
      if (mine === null) resolve();
      else child.send(mine);
    };
    child.on("error", reject);
    child.on("exit", (code, signal) => reject(new Error(`a worker ended with ${code ?? signal}`)));
    child.on("message", (message) => {
      if (!isReply(message)) return reject(new Error("a worker sent an unknown message"));
      if (message.is === "failed") return reject(new Error(`seed ${message.seed} cannot be simulated: ${message.why}`));
      add(totals, message.totals);
      give();
    });
    give();
  });
}
