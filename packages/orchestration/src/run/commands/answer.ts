import type { HumanReply, Run } from "@millrace/contracts";
import { logFailure, MillraceError } from "@millrace/kernel";
import { currentStep, openWait } from "../model/due.logic.js";
import { boundedTurn } from "../turn/bounded-turn.js";
import type { Engine } from "../turn/engine.js";
import { learnOfRun } from "../turn/landing.js";
import { loadRun, RunSession } from "../turn/run-session.js";
import { runCommand } from "./run-command.js";
import { provePerson } from "./prove-person.js";
import { toAnswer, type AnswerRequest } from "./human-reply.js";

/**
 * Answers an open wait. An answer after which the run would work on looks first whether the change has landed: there is nothing left to
 * answer then.
 * @throws MillraceError `not_found`, `wait_closed`, `wait_mismatch`, `digest_mismatch`, `forbidden_actor`, `unauthenticated`,
 *   `invalid_credentials`, `run_not_live`, `validation`.
 */
export async function answer(engine: Engine, request: AnswerRequest): Promise<Run> {
  const { wait, subject } = request;
  const before = await loadRun(engine, request);
  const actor = await provePerson(engine.ports, request, { deed: "answer", workspaceId: request.workspaceId, run: before });
  if (!looksItself(engine, before, request.reply) && (await learnOfRun(engine, before)))
    throw new MillraceError("wait_closed", `'${wait}' is no longer asked: the change has landed`, {
      fix: "nothing is left to answer; see the run with: millrace show",
    });
  const shown = openWait(before)?.output ?? null;
  const given = await toAnswer(engine.ports, request, shown);
  const at = engine.ports.clock.now();
  const writes = [...(request.guards ?? []), ...given.writes];
  const run = await runCommand(engine, request, { command: "answer", at, actor, wait, subject, answer: given.answer }, writes);
  if (run.phase.is !== "stopping") return run;
  // Nothing was in flight: the run ends now, without a driver.
  const { log } = engine.ports;
  await boundedTurn(engine, new RunSession(engine, request, { isDriver: true })).catch((error: unknown) =>
    logFailure(log, "advance-failed", error, { runId: run.id }),
  );
  return loadRun(engine, request);
}

/** True if what the answer leads to asks the forge by itself: the end of the run, or its merge. */
function looksItself({ registries }: Engine, run: Run, { answer: given }: HumanReply): boolean {
  return given === "reject" || (given === "approve" && registries.stepKinds.of(currentStep(run).state).landsChange);
}
