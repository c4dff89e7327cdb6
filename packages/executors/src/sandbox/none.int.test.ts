import { expect, it } from "vitest";
import { createNoSandbox } from "./none.js";

it("F:C13 what an agent wrote is kept when it ended before it was read", async () => {
  const source = "process.stdout.write('done'); process.stderr.write('noted')";
  const command = { argv: [process.execPath, "-e", source], cwd: process.cwd(), env: {}, identity: `quick-${process.pid}` } as const;
  const agent = await createNoSandbox().start(command);
  expect(await agent.exited).toEqual({ code: 0, signal: null });
  // Node has flushed the child's own pipes by now.
  await new Promise((resolve) => setImmediate(resolve));
  expect(await Promise.all([new Response(agent.stdout).text(), new Response(agent.stderr).text()])).toEqual(["done", "noted"]);
});
