import { createServer, connect, type Socket } from "node:net";

/** Between a store and its server: a network that can break at a chosen moment. */
export interface BreakableNetwork extends AsyncDisposable {
  /** The server's URL through here. */
  readonly url: string;
  /** Breaks the connection that gets the next answer with that text in it, which nobody hears. */
  breakBefore(answer: string): void;
  /**
   * Breaks the connection of the next transaction that is about to be committed: `before` its COMMIT gets to the server, or `after` it is in
   * and before anybody hears of it. `spring` is called at that moment, once. The returned function takes the trap away again.
   */
  trapCommit(when: CommitMoment, spring: () => void): () => void;
  /** Breaks every connection there is. */
  breakAll(): void;
}

export type CommitMoment = "before" | "after";

/** As the protocol writes them: a bound statement of that name or a query of that text, and the answer that a transaction is in. */
const COMMIT: Readonly<Record<CommitMoment, readonly string[]>> = {
  before: ["\0commit\0", "Q\0\0\0\u000bcommit\0"],
  after: ["C\0\0\0\u000bCOMMIT\0"],
};

interface Trap {
  readonly when: CommitMoment;
  readonly spring: () => void;
}

export async function breakableNetwork(serverUrl: string): Promise<BreakableNetwork> {
  const target = new URL(serverUrl);
  const open = new Set<Socket>();
  const traps = new Set<Trap>();
  let armed: string | null = null;
  const isTrapped = (when: CommitMoment, data: Buffer): boolean => {
    const trap = [...traps].find((one) => one.when === when);
    if (trap === undefined || !COMMIT[when].some((text) => data.includes(text, "latin1"))) return false;
    traps.delete(trap);
    trap.spring();
    return true;
  };
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (data) => {
      if (isTrapped("before", data)) client.destroy();
      else upstream.write(data);
    });
    client.on("end", () => upstream.end());
    // Held back until it is known that the answer is not in it.
    let heard = "";
    upstream.on("data", (data) => {
      if (isTrapped("after", data)) return void client.destroy();
      if (armed === null) return void client.write(data);
      heard += data.toString("latin1");
      if (!heard.includes(armed)) return;
      armed = null;
      client.destroy();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  const url = new URL(serverUrl);
  url.port = String(address.port);
  return {
    url: url.href,
    breakBefore: (answer) => void (armed = answer),
    trapCommit(when, spring) {
      const trap = { when, spring };
      traps.add(trap);
      return () => void traps.delete(trap);
    },
    breakAll: () => {
      for (const socket of open) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
