import type { Run } from "@millrace/contracts";
import type { Change } from "@millrace/kernel";
import type { Command } from "../model/command.js";
import type { Engine } from "../turn/engine.js";
import { loadRun, RunSession, type RunAddress } from "../turn/run-session.js";

/**
 * A person's command on a run, and the run after it.
 * @throws MillraceError what the decider refuses it with.
 */
export async function runCommand(engine: Engine, address: RunAddress, command: Command, writes: readonly Change[] = []): Promise<Run> {
  await new RunSession(engine, address).execute(command, writes);
  return loadRun(engine, address);
}
