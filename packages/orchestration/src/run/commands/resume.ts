import type { Actor, ErrorCode, Run } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import type { Engine } from "../turn/engine.js";
import { learnOfRun } from "../turn/landing.js";
import { loadRun, type RunAddress } from "../turn/run-session.js";
import { guardModels } from "./model-guard.js";
import { readInputFor } from "./new-run.js";
import { runCommand } from "./run-command.js";

const PAGE = 200;
/** Refusals that concern one run only: the others are still resumed. */
const SKIPPED = ["conflict", "model_unusable", "stored_shape_invalid", "stored_shape_newer"] as const;
/** Paused runs that one call takes up: 20,000. */
const MAX_PAGES = 100;

/** Input of `resume`: the paused run, and who resumes it. */
export interface ResumeRequest extends RunAddress {
  readonly actor: Actor;
}

/**
 * Takes a paused run up again now: the budget was raised, the quota bought. It pauses again when nothing changed. One whose change a
 * person has merged meanwhile goes on behind the merge.
 * @throws MillraceError `not_found`, `conflict` unless it is paused, `model_unusable`.
 */
export async function resume(engine: Engine, request: ResumeRequest): Promise<Run> {
  const run = await loadRun(engine, request);
  if (await learnOfRun(engine, run)) return loadRun(engine, request);
  const input = await readInputFor(engine, run, run.steps);
  await guardModels(engine.ports, engine.registries, { run, input, actor: run.initiatedBy });
  return runCommand(engine, request, { command: "release", at: engine.ports.clock.now(), actor: request.actor });
}

/** A paused run that stays as it is, and why. */
export interface LeftPaused {
  readonly runId: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Result of `resumePaused`. */
export interface ResumedRuns {
  readonly resumed: readonly string[];
  readonly left: readonly LeftPaused[];
}

/**
 * Takes up every paused run of a workspace; those a budget still stops pause again, those whose model cannot be used any more stay
 * as they are, with the reason.
 */
export async function resumePaused(
  engine: Engine,
  { workspaceId, actor }: { readonly workspaceId: string; readonly actor: Actor },
): Promise<ResumedRuns> {
  const resumed: string[] = [];
  const left: LeftPaused[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const runs = await engine.ports.store.runs.list(workspaceId, { paused: true }, { limit: PAGE, after });
    for (const { id: runId } of runs) {
      const refusal = await refusalOf(engine, { workspaceId, runId, actor });
      if (refusal === null) resumed.push(runId);
      else left.push(refusal);
    }
    after = runs.at(-1)?.id;
    if (runs.length < PAGE) break;
  }
  return { resumed, left };
}

/** Null: it was resumed. Else it went on meanwhile, or may not go on. */
async function refusalOf(engine: Engine, request: ResumeRequest): Promise<LeftPaused | null> {
  try {
    await resume(engine, request);
    return null;
  } catch (error) {
    if (!isMillraceError(error) || !SKIPPED.some((code) => error.code === code)) throw error;
    return { runId: request.runId, code: error.code, message: error.message };
  }
}
