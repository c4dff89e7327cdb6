import { createServer, connect, type Socket } from "node:net";

/** Between a store and its server: a network that can break at a chosen moment. */
export interface BreakableNetwork extends AsyncDisposable {
  /** The server's URL through here. */
  readonly url: string;
  /** Breaks the connection that gets the next answer with that text in it, which nobody hears. */
  breakBefore(answer: string): void;
  /** Breaks every connection there is. */
  breakAll(): void;
}

export async function breakableNetwork(serverUrl: string): Promise<BreakableNetwork> {
  const target = new URL(serverUrl);
  const open = new Set<Socket>();
  let armed: string | null = null;
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
    client.pipe(upstream);
    // Held back until it is known that the answer is not in it.
    let heard = "";
    upstream.on("data", (data) => {
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
    breakAll: () => {
      for (const socket of open) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
