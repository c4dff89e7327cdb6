import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { startAgent } from "./agent-process.js";

it("F:C13 what an agent wrote is kept when it ended before it was read", async () => {
  const source = "process.stdout.write('done'); process.stderr.write('noted')";
  const launch = { name: "quick", argv: [process.execPath, "-e", source], installHint: "it is node" };
  const agent = await startAgent({ launch, cwd: process.cwd(), env: {} });
  expect(await agent.exited).toEqual({ code: 0, signal: null });
  // Node has flushed the child's own pipes by now.
  await new Promise((resolve) => setImmediate(resolve));
  expect([await text(agent.stdout), await text(agent.stderr)]).toEqual(["done", "noted"]);
});
