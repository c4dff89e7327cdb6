import type { Run } from "@millrace/contracts";
import { openWait } from "../model/due.logic.js";
import type { Engine } from "../turn/engine.js";
import { loadRun } from "../turn/run-session.js";
import { runCommand } from "./run-command.js";
import { toAnswer, type AnswerRequest } from "./human-reply.js";

/**
 * Answers an open wait.
 * @throws MillraceError `not_found`, `wait_closed`, `wait_mismatch`, `digest_mismatch`, `forbidden_actor`, `run_not_live`, `validation`.
 */
export async function answer(engine: Engine, request: AnswerRequest): Promise<Run> {
  const { wait, subject, actor } = request;
  const shown = openWait(await loadRun(engine, request))?.output ?? null;
  const given = await toAnswer(engine.ports, request, shown);
  const at = engine.ports.clock.now();
  return runCommand(engine, request, { command: "answer", at, actor, wait, subject, answer: given.answer }, given.writes);
}
