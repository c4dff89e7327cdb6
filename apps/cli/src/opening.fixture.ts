/**
 * `node opening.fixture.ts <url>`, in the folder of a board: runs `millrace work` again and again, each time through a network that goes
 * away two answers later, until one works, and prints the exit codes. What a failed opening leaves open keeps this process alive.
 */
import { createServer, connect, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import type { Io } from "./io.js";
import { runCommandLine } from "./program.js";

const [serverUrl = ""] = process.argv.slice(2);
const target = new URL(serverUrl);
const MOST_ANSWERS = 200;

/** Runs `work` through a network that goes away after a number of answers. An interrupt follows when it says that it works. */
async function workThrough(answers: number): Promise<number> {
  const open = new Set<Socket>();
  let left = answers;
  const goAway = (): void => {
    for (const one of open) one.destroy();
    proxy.close();
  };
  const proxy = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => [client, upstream].forEach((one) => one.destroy()));
    }
    client.on("data", (data) => upstream.write(data));
    upstream.on("data", (data) => {
      left -= 1;
      if (left < 0) goAway();
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  const url = new URL(serverUrl);
  url.port = String(typeof address === "object" && address !== null ? address.port : 0);
  const interrupts = new Set<() => void>();
  const io: Io = {
    cwd: process.cwd(),
    env: process.env,
    out: { write: (text) => text.startsWith("working on") && interrupts.forEach((interrupt) => interrupt()) },
    err: { write: () => true },
    openTerminal: () => null,
    in: new PassThrough(),
    userName: "ada",
    onInterrupt(handler) {
      interrupts.add(handler);
      return () => interrupts.delete(handler);
    },
    exit: (code) => process.exit(code),
  };
  try {
    return await runCommandLine(io, ["work", "--database", url.href]);
  } finally {
    goAway();
  }
}

const codes: number[] = [];
for (let answers = 1; answers <= MOST_ANSWERS && codes.at(-1) !== 0; answers += 2) codes.push(await workThrough(answers));
process.stdout.write(JSON.stringify(codes));
setTimeout(() => {
  process.stderr.write(`still open: ${process.getActiveResourcesInfo().join(", ")}`);
  process.exit(1);
}, 8_000).unref();
