/** How runs come to be: a start, and the two ways to take an old run up again as a new one. */
import type { Actor, Run, StepDefinition } from "@millrace/contracts";
import { digestJson, MillraceError, notFound, type Change } from "@millrace/kernel";
import { decide } from "../decide/decide.logic.js";
import { freshStep, type Registries } from "../model/evolve.logic.js";
import { CURRENT_FLAGS } from "../model/flags.js";
import { runnableSteps } from "../pipelines/shape.logic.js";
import { stepsFrom } from "../rules/retry-plan.logic.js";
import { placementOf, runLimit } from "../rules/task-limit.logic.js";
import { activateRun, type Activate } from "./activate.js";
import type { LoadedInput } from "../turn/load-input.js";
import { guardModels } from "./model-guard.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { guardTestInfrastructure } from "./test-infrastructure-guard.js";
import type { Transactor } from "../turn/transactor.js";

export interface StartRequest {
  readonly workspaceId: string;
  readonly blockId: string;
  readonly pipelineId: string;
  readonly actor: Actor;
  /** Gives the personal credentials its models need. Without it, a run that needs one is refused. */
  readonly activate?: Activate;
}

/** What was settled before anything changes: the new run's id, and the credentials it gets. */
export interface Prepared {
  readonly runId: string;
  readonly writes: readonly Change[];
}

type Plan = Pick<Run, "pipeline" | "steps" | "cursor" | "supersedes" | "pullRequest" | "estimate">;

export class RunStarter {
  readonly #ports: OrchestrationPorts;
  readonly #registries: Registries;
  readonly #transactor: Transactor;

  constructor(ports: OrchestrationPorts, registries: Registries, transactor: Transactor) {
    this.#ports = ports;
    this.#registries = registries;
    this.#transactor = transactor;
  }

  async start(request: StartRequest, pullRequest: Run["pullRequest"] = null): Promise<Run> {
    const pipeline = await this.#ports.store.pipelines.get(request.workspaceId, request.pipelineId);
    if (pipeline === null) throw notFound("pipeline", request.pipelineId, "list pipelines with: millrace pipelines");
    const input = await this.#transactor.input(request.workspaceId, request.blockId);
    const definitions = runnableSteps(pipeline, this.#registries);
    const digest = await digestJson(definitions.map((definition) => ({ ...definition })));
    const plan: Plan = {
      pipeline: { id: pipeline.id, name: pipeline.name, digest },
      steps: definitions.map((definition) => freshStep(definition, this.#registries)),
      cursor: 0,
      supersedes: null,
      pullRequest,
      estimate: null,
    };
    return this.#begin(request.actor, input, plan, await this.#prepare(plan, input, request));
  }

  /** Everything that may refuse taking an old run up at `from`, while that run is still as it was. */
  async prepareTakeUp(old: Run, from: number, by: Pick<StartRequest, "actor" | "activate">): Promise<Prepared> {
    return this.#prepare(this.#planOf(old, from), await this.#transactor.input(old.workspaceId, old.blockId), by);
  }

  /** A new run with the old one's definitions and its results before `from`. */
  async takeUp(old: Run, from: number, actor: Actor, prepared: Prepared): Promise<Run> {
    return this.#begin(actor, await this.#transactor.input(old.workspaceId, old.blockId), this.#planOf(old, from), prepared);
  }

  #planOf(old: Run, from: number): Plan {
    return {
      pipeline: old.pipeline,
      steps: stepsFrom(old, from, this.#registries),
      cursor: from,
      supersedes: old.id,
      pullRequest: old.pullRequest,
      estimate: old.estimate,
    };
  }

  async #prepare(plan: Plan, input: LoadedInput, by: Pick<StartRequest, "actor" | "activate">): Promise<Prepared> {
    const { block } = input;
    if (block.merged !== null)
      throw new MillraceError("conflict", `'${block.title}' is merged already (${block.merged.commit.slice(0, 10)})`, {
        fix: "add a new task for further work",
      });
    requireRepository(
      input,
      plan.steps.map((step) => step.definition),
      this.#registries,
    );
    guardTestInfrastructure(plan.steps, input, this.#registries.stepKinds);
    const { workspaceId } = block;
    const vendors = await guardModels(this.#ports, this.#registries, { run: { steps: plan.steps, workspaceId }, input, actor: by.actor });
    const runId = this.#ports.ids.next("run");
    return { runId, writes: await activateRun({ workspaceId, runId }, vendors, by.activate) };
  }

  async #begin(actor: Actor, input: LoadedInput, plan: Plan, prepared: Prepared): Promise<Run> {
    const { block } = input;
    const at = this.#ports.clock.now();
    const run: Run = {
      ...plan,
      id: prepared.runId,
      workspaceId: block.workspaceId,
      blockId: block.id,
      flags: [...CURRENT_FLAGS],
      initiatedBy: actor,
      repository: input.repository,
      merged: null,
      startedAt: at,
      finishedAt: null,
      phase: { is: "live" },
      revision: 1,
    };
    const decision = decide(null, { command: "start", at, actor, run }, input, this.#registries);
    const birth = { placement: placementOf(input), limit: runLimit(input) };
    const writes = [...prepared.writes, ...(await this.#resolveOldNotifications(input, at))];
    const committed = await this.#transactor.commit(null, decision, { at, actor }, input, writes, { birth });
    return committed.run;
  }

  /** What the block's last run asked for is answered by starting a new one. */
  async #resolveOldNotifications({ block }: LoadedInput, at: number): Promise<readonly Change[]> {
    if (block.runId === null) return [];
    const notifications = await this.#ports.store.notifications.ofRun(block.workspaceId, block.runId);
    return notifications.map(({ id }) => ({ change: "resolve-notification", workspaceId: block.workspaceId, id, as: "acted", at }));
  }
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
