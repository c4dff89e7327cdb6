import { spawn } from "node:child_process";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { expect, it } from "vitest";
import { DEFAULT_SANDBOX_LIMITS } from "../limits.js";
import { GATE_ANSWER, GATE_DESCRIPTOR, GATE_SAYS, gateCommand } from "./gate.logic.js";

function startGate(...argv: [string, ...string[]]) {
  const [program = "", ...args] = gateCommand(argv, DEFAULT_SANDBOX_LIMITS, { memory: false });
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit", "pipe"] });
  const gate = child.stdio[GATE_DESCRIPTOR];
  if (!(gate instanceof Duplex)) throw new Error("the gate has no socket");
  let printed = "";
  child.stdout?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  return { child, gate, printed: () => printed };
}

it.runIf(process.platform === "linux")("the program begins after the answer, without the gate's descriptor", async () => {
  const { child, gate, printed } = startGate("/bin/sh", "-c", `ls /proc/self/fd/${GATE_DESCRIPTOR} >/dev/null 2>&1 || echo begun; exit 3`);
  expect(String((await once(gate, "data"))[0])).toBe(GATE_SAYS.ready);
  expect(printed()).toBe("");
  gate.end(GATE_ANSWER);
  const [code] = await once(child, "close");
  expect(code).toBe(3);
});

it.runIf(process.platform === "linux")("at the end of its starter the gate ends, and the program never begins", async () => {
  const { child, gate, printed } = startGate("/bin/echo", "begun");
  await once(gate, "data");
  gate.destroy();
  const [code] = await once(child, "close");
  expect(code).not.toBe(0);
  expect(printed()).toBe("");
});

it.runIf(process.platform === "linux")("a program that is not there is said before anything", async () => {
  const { child, gate } = startGate("no-such-program-of-millrace");
  expect(String((await once(gate, "data"))[0])).toBe(GATE_SAYS.noProgram);
  expect((await once(child, "close"))[0]).toBe(127);
});
