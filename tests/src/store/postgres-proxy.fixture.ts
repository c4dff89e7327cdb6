import { createServer, connect, type Socket } from "node:net";

/** A TCP proxy in front of a PostgreSQL server that breaks connections at a chosen moment. */
export interface BreakableNetwork extends AsyncDisposable {
  /** URL of the server through the proxy. */
  readonly url: string;
  /** Breaks the connection that gets the next response containing `answer`; the response is not delivered. */
  breakBefore(answer: string): void;
  /**
   * Breaks the connection of the next transaction at its COMMIT: `before` the server gets it, or `after` the server executed it and
   * before the response is delivered. `spring` is called once, at that moment. Call the returned function to remove the trap.
   */
  trapCommit(when: CommitMoment, spring: () => void): () => void;
  /** Breaks every open connection. */
  breakAll(): void;
}

export type CommitMoment = "before" | "after";

/** Byte patterns of the wire protocol: a COMMIT as a bound statement or as a query, and the response to it. */
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
    // Data is held back until it is certain that it does not contain the response.
    let received = "";
    upstream.on("data", (data) => {
      if (isTrapped("after", data)) return void client.destroy();
      if (armed === null) return void client.write(data);
      received += data.toString("latin1");
      if (!received.includes(armed)) return;
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
