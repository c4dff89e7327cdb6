/**
 * One turn of the engine, in five numbered steps. Owns their order. Does not own: any rule (`decide`), any state (the store), any
 * timer (the driver).
 * 1. An effect is performed only if the stored run asks for it.
 * 2. A person's command that returned is committed; no turn can undo it (I1).
 * 3. A turn is safe at any time, from any process, any number of times.
 */
import type { Run } from "@millrace/contracts";
import { hasPassed, logFailure } from "@millrace/kernel";
import { ENGINE } from "../../platform/actor.logic.js";
import type { Command } from "../model/command.js";
import { due, type Due } from "../model/due.logic.js";
import type { TurnResult } from "./commit.js";
import { pure } from "./defect.js";
import { mayHaveEnvironment } from "../rules/environments.logic.js";
import type { Engine } from "./engine.js";
import { learnOfBlock, learnOfRun } from "./landing.js";
import { recordOutcome } from "./late-merge.js";
import type { RunSession } from "./run-session.js";

/** Pause before an environment that could not be taken down is tried again: 5 minutes. */
const TAKE_DOWN_RETRY_MS = 5 * 60_000;

export async function turn(engine: Engine, session: RunSession): Promise<TurnResult> {
  // 1. Load the run and the input of its next decision: point reads, never a scan.
  const { run, input } = await session.load();

  // 2. What does the run need from the world now?
  const next = pure(() => due(run));
  if ((next.is === "rest" || next.is === "held") && (await learnOfRun(engine, run))) return session.moved();
  if (next.is === "rest") return next.on === "finished" ? clearAway(engine, session, run) : session.park(next.on);
  if (next.is === "held") return release(engine, session, next);

  // 3. Perform it through its port. The result comes back as a command.
  using call = engine.inFlight.begin(run.id, next);
  const { command, writes, usage } = await engine.performer.perform(run, next, input, call.signal);
  if (command === null || waitsForOwnMerge(engine, run, next, command)) return session.reschedule();

  // 4. Decide what the command means: events. 5. Commit all of it, against the revision that was decided on.
  const result = await session.execute(command, writes, usage);

  if (next.is === "effect" && next.effect.request.do === "merge") await recordOutcome(engine, session.address, run, command);
  else if (result.is === "resting" && result.on === "finished" && next.is !== "stop") await learnOfBlock(engine, run);
  if (next.is === "poll" && command.command === "returned") await forgetJob(engine, run, next.job);
  return result;
}

/** What a finished run had made outside is taken down; its wake-up stays until that is done, so that no crash forgets it. */
async function clearAway(engine: Engine, session: RunSession, run: Run): Promise<TurnResult> {
  const { environments, log, clock } = engine.ports;
  if (environments.isOn && mayHaveEnvironment(run, engine.registries.stepKinds)) {
    try {
      await environments.takeDown({ workspaceId: run.workspaceId, runId: run.id });
    } catch (error) {
      logFailure(log, "take-down-failed", error, { runId: run.id });
      return session.park("finished", clock.now() + TAKE_DOWN_RETRY_MS);
    }
  }
  return session.park("finished");
}

/** Takes a held run up again once its time has come; null: only a person resumes it. A hold of a clock that was set back is over. */
async function release(engine: Engine, session: RunSession, { since, until }: Extract<Due, { is: "held" }>): Promise<TurnResult> {
  const at = engine.ports.clock.now();
  if (until === null) return session.park("human");
  if (!hasPassed(until, at, until - since)) return session.reschedule();
  return session.execute({ command: "release", at, actor: ENGINE });
}

/** This process is still merging: its stop is postponed, and the call that merges records the outcome. */
function waitsForOwnMerge({ inFlight }: Engine, run: Run, next: Due, command: Command): boolean {
  if (command.command !== "stopped" || next.is !== "stop" || !next.isMerging) return false;
  return (command.merged ?? null) === null && inFlight.isMerging(run.id);
}

/** Best effort: a job whose result is committed may drop its working files; what stays is found and dropped later. */
async function forgetJob({ ports }: Engine, run: Run, job: Extract<Due, { is: "poll" }>["job"]): Promise<void> {
  await ports.agents
    .forget({ key: job.key, ref: job.ref, model: job.model })
    .catch((error: unknown) => logFailure(ports.log, "forget-failed", error, { runId: run.id }));
}
