/** Creation of a run: first every guard, then its first commit. */
import type { Actor, Run, StepDefinition } from "@millrace/contracts";
import { MillraceError, notFound, type Change } from "@millrace/kernel";
import { decide } from "../decide/decide.logic.js";
import type { Registries } from "../model/evolve.logic.js";
import type { Authorship } from "../../platform/board-event.logic.js";
import { CURRENT_FLAGS } from "../model/flags.js";
import { resolveNotification } from "../model/notification.logic.js";
import { mergedAlready } from "../rules/actions.logic.js";
import { hasWorkBehindMerge } from "../rules/landing.logic.js";
import { placementOf, runLimit } from "../rules/task-limit.logic.js";
import { commitDecision } from "../turn/commit.js";
import type { Engine } from "../turn/engine.js";
import type { LoadedInput } from "../turn/read-input.js";
import { activateRun, type Activate } from "./activate.js";
import { guardModels } from "./model-guard.js";
import { guardTestInfrastructure } from "./test-infrastructure-guard.js";

export interface BlockAddress {
  readonly workspaceId: string;
  readonly blockId: string;
}

/** The person who begins a run, and how the personal credentials that its models need are given. */
export interface Initiator {
  readonly actor: Actor;
  /** Gives the personal credentials its models need. Without it, a run that needs one is refused. */
  readonly activate?: Activate;
  /** Further changes of the first commit of the run. Default: none. */
  readonly remember?: (run: Run) => Promise<readonly Change[]>;
}

/** Input of a new run. One that supersedes another may take up the steps behind the merge of its task. */
export type RunPlan = Pick<Run, "pipeline" | "steps" | "cursor" | "supersedes" | "pullRequest" | "estimate">;

/** Result of the guards, before anything changes: the new run's id, and the credentials it gets. */
export interface PreparedRun {
  readonly plan: RunPlan;
  readonly runId: string;
  readonly writes: readonly Change[];
}

/**
 * The input of the first decision of a run that is not there yet.
 * @throws MillraceError `not_found`.
 */
export async function readInputFor(engine: Engine, { workspaceId, blockId }: BlockAddress, steps: Run["steps"]): Promise<LoadedInput> {
  const context = await engine.ports.store.runs.context({ workspaceId, blockId, runId: null });
  return engine.readInput({ workspaceId, blockId, steps }, context);
}

/**
 * Everything that may refuse a run, asked while nothing has changed.
 * @throws MillraceError `conflict` on a merged task or one that cannot be tested, `validation` without a repository that a step needs,
 *   `not_found` when its preset is missing, `model_unusable`, `credential_required`.
 */
export async function prepareRun(engine: Engine, plan: RunPlan, input: LoadedInput, by: Initiator): Promise<PreparedRun> {
  const { ports, registries } = engine;
  for (const guard of startGuards(engine, plan, input)) guard();
  const { workspaceId } = input.block;
  const vendors = await guardModels(ports, registries, { run: { steps: plan.steps, workspaceId }, input, actor: by.actor });
  const runId = ports.ids.next("run");
  return { plan, runId, writes: await activateRun({ workspaceId, runId }, vendors, by.activate) };
}

/** What may refuse a run by what is known already, in the order in which it is asked. Each throws a MillraceError, or passes. */
export function startGuards({ registries }: Pick<Engine, "registries">, plan: RunPlan, input: LoadedInput): readonly (() => void)[] {
  const { block, preset } = input;
  const definitions = plan.steps.map((step) => step.definition);
  return [
    () => {
      if (block.merged !== null && (plan.supersedes === null || !hasWorkBehindMerge(plan, plan.cursor, registries.stepKinds)))
        throw mergedAlready(block.title, block.merged);
    },
    () => {
      if (block.presetId !== null && preset.id !== block.presetId)
        throw notFound("preset", block.presetId, "give the task a preset that is there, or none: the default of the workspace holds then");
    },
    () => requireRepository(input, definitions, registries),
    () => guardTestInfrastructure(plan.steps, input, registries.stepKinds),
  ];
}

/**
 * The first commit of a prepared run.
 * @throws MillraceError `run_in_progress`, `task_limit`, `conflict`, `database_*`.
 */
export async function beginRun(engine: Engine, { plan, runId, writes }: PreparedRun, input: LoadedInput, by: Initiator): Promise<Run> {
  const { actor } = by;
  const { block } = input;
  const at = engine.ports.clock.now();
  const run: Run = {
    ...plan,
    id: runId,
    workspaceId: block.workspaceId,
    blockId: block.id,
    flags: [...CURRENT_FLAGS],
    initiatedBy: actor,
    repository: input.repository,
    merged: block.merged?.commit ?? null,
    startedAt: at,
    finishedAt: null,
    phase: { is: "live" },
    revision: 1,
  };
  const decision = decide(null, { command: "start", at, actor, run }, input, engine.registries);
  const insert = { placement: placementOf(input), limit: runLimit(input), isBehindMerge: run.merged !== null };
  const resolved = await resolveOldNotifications(engine, input, { at, actor });
  const request = {
    before: null,
    decision,
    by: { at, actor },
    input,
    writes: [...writes, ...resolved, ...((await by.remember?.(decision.run)) ?? [])],
    insert,
  };
  return (await commitDecision(engine, request, false)).run;
}

/** Starting a new run resolves the notifications of the block's last run. */
async function resolveOldNotifications({ ports }: Engine, { block }: LoadedInput, by: Authorship): Promise<readonly Change[]> {
  if (block.runId === null) return [];
  const notifications = await ports.store.notifications.ofRun(block.workspaceId, block.runId);
  return notifications.map((notification) => resolveNotification(notification, "acted", by));
}

function requireRepository(input: LoadedInput, definitions: readonly StepDefinition[], registries: Registries): void {
  if (input.repository !== null) return;
  const needs = definitions.find((definition) => {
    const kind = registries.kinds.get(definition.kind);
    return kind !== null && (kind.contract.delivers !== "nothing" || registries.stepKinds.get(kind.step).needsRepository);
  });
  if (needs !== undefined)
    throw new MillraceError("validation", `'${input.block.title}' has no repository, and step '${needs.kind}' works on one`, {
      fix: "connect its service to a repository with: millrace init",
    });
}
