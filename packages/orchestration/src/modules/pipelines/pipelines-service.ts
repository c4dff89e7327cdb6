import type {
  AgentKindView,
  Pipeline,
  PipelineCosts,
  PipelineFormat,
  PipelineIssue,
  PipelineStep,
  PipelineVersions,
  PipelineView,
  StoredPipeline,
} from "@millrace/contracts";
import { createPipelineSchema, pipelineSchema } from "@millrace/contracts";
import { alreadyExists, digestJson, isMillraceError, MillraceError, notFound, type Page } from "@millrace/kernel";
import { appendBoardEvent, type Authorship } from "../../platform/board-event.logic.js";
import { pageOf, type PageAnswer } from "../../platform/page.logic.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { tellRevision } from "../../platform/revision-now.js";
import type { WrittenBy } from "../../platform/operations/written-by.js";
import { provePerson, type PersonPorts } from "../../run/commands/prove-person.js";
import type { StepService } from "../../run/model/step-kind.js";
import type { Registries } from "../../run/model/evolve.logic.js";
import { invalidPipeline, pipelineIssues, refuse, runnableSteps, schemaIssues } from "../../run/pipelines/shape.logic.js";
import type { ServedPipelines } from "../../run/pipelines/served.js";
import { kindView } from "./kind-view.logic.js";
import { readPipelineText, writePipelineText } from "./pipeline-text.js";
import { costsOf, MAX_PIPELINES, nameOfCopy, runScope, versionsOf, viewsOf } from "./pipelines.logic.js";

/** What the module needs of the engine. */
export interface PipelineCalls {
  readonly registries: Registries;
  /** The pipelines that are served from the code. */
  readonly served: ServedPipelines;
  /** Services that this host does not have. */
  readonly off: readonly StepService[];
}

type Ports = PersonPorts & Pick<OrchestrationPorts, "ids">;

interface PipelineAddress {
  readonly workspaceId: string;
  readonly pipelineId: string;
}

/** Runs whose costs are told. */
const COST_RUNS = 20;
/** Runs whose versions are told. */
const VERSION_RUNS = 200;
/** Tasks that a refusal names. */
const MAX_NAMED = 10;

/**
 * The pipelines of a workspace: its own, and those that are served from the code, which are read only. Changes of an own one are deeds of
 * people, because its approvals and gates stand before a merge. Runs that started keep their copy.
 */
export class PipelinesService {
  readonly #ports: Ports;
  readonly #calls: PipelineCalls;

  constructor(ports: Ports, calls: PipelineCalls) {
    this.#ports = ports;
    this.#calls = calls;
  }

  /** The pipelines by id: own, built-in and registered ones. */
  async list(
    request: Page & { readonly workspaceId: string; readonly archived?: boolean; readonly label?: string | undefined },
  ): Promise<PageAnswer<PipelineView>> {
    const { workspaceId, archived = false, label, ...page } = request;
    const all = await this.#views(workspaceId);
    const wanted = all.filter(
      ({ organization }) => (archived || !organization.archived) && (label === undefined || organization.labels.includes(label)),
    );
    return pageOf(wanted, page);
  }

  /**
   * Reads a pipeline.
   * @throws MillraceError `not_found`.
   */
  async get({ workspaceId, pipelineId }: PipelineAddress): Promise<PipelineView> {
    const { pipelines, pipelineLabels } = this.#ports.store;
    const own = await pipelines.get(workspaceId, pipelineId);
    const said = await pipelineLabels.get(workspaceId, pipelineId);
    const uses = await pipelines.uses(workspaceId);
    const served = this.#calls.served.get(pipelineId);
    const parts = { served: new Map(served === undefined ? [] : [[pipelineId, served]]), own: own === null ? [] : [own] };
    const [view] = viewsOf({ ...parts, said: said === null ? [] : [said], uses });
    if (view === undefined) throw noPipeline(pipelineId);
    return view;
  }

  /** A pipeline as text, as an import takes it. */
  async export({
    format,
    ...address
  }: PipelineAddress & { readonly format: PipelineFormat }): Promise<{ format: PipelineFormat; text: string }> {
    return { format, text: writePipelineText(await this.get(address), format) };
  }

  /**
   * Adds a pipeline under a free id. `input` is untrusted.
   * @throws MillraceError `pipeline_invalid`, `already_exists`, `limit_reached`, `not_found`, `forbidden_actor`, `unauthenticated`,
   *   `invalid_credentials`.
   */
  async create(request: WrittenBy & { readonly workspaceId: string; readonly input: unknown }): Promise<PipelineView> {
    const parsed = createPipelineSchema.safeParse(request.input);
    if (!parsed.success) throw invalidPipeline("this is no pipeline", schemaIssues(parsed.error));
    const { labels, id = this.#ports.ids.next("pl"), ...rest } = parsed.data;
    const pipeline = { ...rest, id };
    this.#check(pipeline);
    if (this.#calls.served.has(id)) throw alreadyExists("pipeline", id);
    return this.#insert(request, await this.#prove(request, request.workspaceId), { pipeline, labels });
  }

  /**
   * Adds a pipeline, or replaces the workspace's own one of its id. `input` is untrusted.
   * @throws MillraceError `pipeline_invalid`, `read_only` for the id of one that is served from the code, `limit_reached`, `not_found`,
   *   `stale_revision`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async put(request: WrittenBy & { readonly workspaceId: string; readonly input: unknown }): Promise<PipelineView> {
    const parsed = pipelineSchema.safeParse(request.input);
    if (!parsed.success) throw invalidPipeline("this is no pipeline", schemaIssues(parsed.error));
    this.#check(parsed.data);
    return this.#put(request, parsed.data);
  }

  /**
   * Like `put`, from text; each issue names its line.
   * @throws MillraceError As `put`.
   */
  async import(
    request: WrittenBy & { readonly workspaceId: string; readonly format: PipelineFormat; readonly text: string },
  ): Promise<PipelineView> {
    const { pipeline, lineOf } = readPipelineText(request.text, request.format);
    const issues = pipelineIssues(pipeline, this.#calls.registries, this.#calls.off);
    refuse(`pipeline '${pipeline.id}'`, issues.map(lineOf));
    return this.#put(request, pipeline);
  }

  /**
   * Copies a pipeline, one that is served from the code too, under a fresh id. Every shape rule holds for the copy.
   * @throws MillraceError `not_found`, `pipeline_invalid`, `limit_reached`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async clone(request: WrittenBy & PipelineAddress & { readonly name?: string | undefined }): Promise<PipelineView> {
    const source = await this.get(request);
    const pipeline = { id: this.#ports.ids.next("pl"), name: request.name ?? nameOfCopy(source.name), steps: source.steps };
    this.#check(pipeline);
    const by = await this.#prove(request, request.workspaceId);
    return this.#insert(request, by, { pipeline, labels: source.organization.labels });
  }

  /**
   * Changes the name or the steps of an own pipeline; what is left out stays. Steps are replaced together.
   * @throws MillraceError `not_found`, `read_only` for one that is served from the code, `pipeline_invalid`, `stale_revision`,
   *   `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async update(
    request: WrittenBy & PipelineAddress & { readonly name?: string | undefined; readonly steps?: PipelineStep[] | undefined },
  ): Promise<PipelineView> {
    const { workspaceId, pipelineId, name, steps, expected = null } = request;
    const { revision, ...before } = await this.#own({ workspaceId, pipelineId });
    const pipeline: Pipeline = { ...before, name: name ?? before.name, steps: steps ?? before.steps };
    if (steps !== undefined) this.#check(pipeline);
    const by = await this.#prove(request, workspaceId);
    await this.#replace(workspaceId, by, { pipeline, before, expected: expected ?? revision });
    return this.get({ workspaceId, pipelineId });
  }

  /**
   * Labels or archives a pipeline, one that is served from the code too; what is left out stays.
   * @throws MillraceError `not_found`, `stale_revision`.
   */
  async organize(
    request: WrittenBy & PipelineAddress & { readonly labels?: readonly string[] | undefined; readonly archived?: boolean | undefined },
  ): Promise<PipelineView> {
    const { workspaceId, pipelineId, labels, archived, expected = null } = request;
    const { store } = this.#ports;
    await this.get({ workspaceId, pipelineId });
    const fields = [...(labels === undefined ? [] : ["labels"]), ...(archived === undefined ? [] : ["archived"])];
    const event = { type: "pipeline-organized", pipelineId, fields, ...(archived === undefined ? {} : { archived }) } as const;
    if (fields.length > 0)
      await tellRevision(
        () =>
          store.commit([
            { change: "organize-pipeline", workspaceId, pipelineId, labels, archived, expected },
            appendBoardEvent(workspaceId, this.#by(request), event),
          ]),
        async () => (await store.pipelineLabels.get(workspaceId, pipelineId))?.revision ?? 0,
      );
    return this.get({ workspaceId, pipelineId });
  }

  /**
   * Removes an own pipeline; one that is not there is removed already. `replaceBy`: the pipeline that its tasks name from now on.
   * @throws MillraceError `read_only` for one that is served from the code, `in_use` while a task names it, `not_found` when `replaceBy` is
   *   missing, `stale_revision`, `forbidden_actor`, `unauthenticated`, `invalid_credentials`.
   */
  async remove(request: WrittenBy & PipelineAddress & { readonly replaceBy?: string | undefined }): Promise<void> {
    const { workspaceId, pipelineId, replaceBy = null, expected = null } = request;
    const { store } = this.#ports;
    if ((await store.pipelines.get(workspaceId, pipelineId)) === null) {
      if (this.#calls.served.has(pipelineId)) throw readOnly(pipelineId);
      return;
    }
    if (replaceBy === pipelineId) throw noPipeline(replaceBy);
    if (replaceBy !== null) await this.get({ workspaceId, pipelineId: replaceBy });
    const by = await this.#prove(request, workspaceId);
    const removed = { type: "pipeline-removed", pipelineId } as const;
    const change = () =>
      store.commit([
        { change: "delete-pipeline", workspaceId, id: pipelineId, expected, replaceBy },
        appendBoardEvent(workspaceId, by, replaceBy === null ? removed : { ...removed, replacedBy: replaceBy }),
      ]);
    try {
      await tellRevision(change, async () => (await store.pipelines.get(workspaceId, pipelineId))?.revision ?? null);
    } catch (error) {
      if (!isMillraceError(error, "in_use")) throw error;
      const tasks = await store.pipelines.usedBy(workspaceId, pipelineId, MAX_NAMED);
      throw new MillraceError("in_use", `tasks name the pipeline '${pipelineId}'`, {
        fix: "name another pipeline for them with replaceBy",
        details: { ...error.details, tasks: tasks.map((task) => ({ ...task })) },
      });
    }
  }

  /** Everything that keeps these steps from being saved on this host; empty when nothing does. */
  validate(steps: PipelineStep[]): { issues: PipelineIssue[] } {
    return { issues: [...pipelineIssues({ id: "draft", steps }, this.#calls.registries, this.#calls.off)] };
  }

  /** The agent kinds that can be steps, in the order of their registration. */
  kinds(page: Page): PageAnswer<AgentKindView> {
    const { registries, off } = this.#calls;
    const steps = registries.kinds.list().filter(({ helper }) => !helper);
    return pageOf(
      steps.map((kind) => kindView(kind, registries.stepKinds.get(kind.step), off)),
      page,
    );
  }

  /**
   * What the last 20 runs of a pipeline cost.
   * @throws MillraceError `not_found`.
   */
  async costs({ workspaceId, pipelineId }: PipelineAddress): Promise<PipelineCosts> {
    await this.get({ workspaceId, pipelineId });
    const { runs, spend } = this.#ports.store;
    const last = await runs.list(workspaceId, { pipelineId }, { limit: COST_RUNS });
    const totals = await spend.totals(
      workspaceId,
      last.map(({ id }) => runScope(id)),
    );
    return costsOf(last, totals);
  }

  /**
   * The versions of a pipeline that its last 200 runs have copied, and the live runs that use each.
   * @throws MillraceError `not_found`, `pipeline_invalid`.
   */
  async versions({ workspaceId, pipelineId }: PipelineAddress): Promise<PipelineVersions> {
    const view = await this.get({ workspaceId, pipelineId });
    const { runs } = this.#ports.store;
    return versionsOf(await this.#digest(view), await runs.list(workspaceId, { pipelineId }, { limit: VERSION_RUNS }));
  }

  async #views(workspaceId: string): Promise<readonly PipelineView[]> {
    const { pipelines, pipelineLabels } = this.#ports.store;
    const [own, said, uses] = await Promise.all([
      pipelines.list(workspaceId, { limit: MAX_PIPELINES }),
      pipelineLabels.list(workspaceId),
      pipelines.uses(workspaceId),
    ]);
    return viewsOf({ served: this.#calls.served, own, said, uses });
  }

  /** @throws MillraceError `not_found`, `read_only`. */
  async #own({ workspaceId, pipelineId }: PipelineAddress): Promise<StoredPipeline> {
    const own = await this.#ports.store.pipelines.get(workspaceId, pipelineId);
    if (own !== null) return own;
    throw this.#calls.served.has(pipelineId) ? readOnly(pipelineId) : noPipeline(pipelineId);
  }

  #check(pipeline: Pipeline): void {
    refuse(`pipeline '${pipeline.id}'`, pipelineIssues(pipeline, this.#calls.registries, this.#calls.off));
  }

  async #put(request: WrittenBy & { readonly workspaceId: string }, pipeline: Pipeline): Promise<PipelineView> {
    const { workspaceId, expected = null } = request;
    // Proof comes first: what is there is no answer to a caller who may not change it.
    const by = await this.#prove(request, workspaceId);
    const own = await this.#ports.store.pipelines.get(workspaceId, pipeline.id);
    if (own === null && this.#calls.served.has(pipeline.id)) throw readOnly(pipeline.id);
    if (own === null) return this.#insert(request, by, { pipeline, labels: [] });
    const { revision, ...before } = own;
    await this.#replace(workspaceId, by, { pipeline, before, expected: expected ?? revision });
    return this.get({ workspaceId, pipelineId: pipeline.id });
  }

  async #insert(
    request: WrittenBy & { readonly workspaceId: string },
    by: Authorship,
    { pipeline, labels }: { readonly pipeline: Pipeline; readonly labels: string[] },
  ): Promise<PipelineView> {
    const { workspaceId } = request;
    const { store } = this.#ports;
    if ((await store.workspaces.get(workspaceId)) === null) throw notFound("workspace", workspaceId);
    const isLabelled = labels.length > 0;
    const organization = { labels, archived: false, revision: isLabelled ? 1 : 0 };
    const view: PipelineView = { ...pipeline, origin: "workspace", revision: 1, organization, tasks: 0 };
    await store.commit([
      { change: "insert-pipeline", workspaceId, pipeline, max: MAX_PIPELINES },
      ...(isLabelled
        ? [{ change: "organize-pipeline", workspaceId, pipelineId: pipeline.id, labels, archived: false, expected: null } as const]
        : []),
      appendBoardEvent(workspaceId, by, { type: "pipeline-created", pipelineId: pipeline.id, digest: await this.#digest(pipeline) }),
      ...((await request.remember?.(view)) ?? []),
    ]);
    return view;
  }

  async #replace(
    workspaceId: string,
    by: Authorship,
    { pipeline, before, expected }: { readonly pipeline: Pipeline; readonly before: Pipeline; readonly expected: number },
  ): Promise<void> {
    const { store } = this.#ports;
    const fields = (["name", "steps"] as const).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(pipeline[name]));
    const digest = await this.#digest(pipeline);
    const event = { type: "pipeline-changed", pipelineId: pipeline.id, digest, fields, revision: expected + 1 } as const;
    await tellRevision(
      () => store.commit([{ change: "update-pipeline", workspaceId, pipeline, expected }, appendBoardEvent(workspaceId, by, event)]),
      async () => (await store.pipelines.get(workspaceId, pipeline.id))?.revision ?? null,
    );
  }

  /** Digest of the steps that a run started now would copy. */
  #digest(pipeline: Pipeline): Promise<string> {
    return digestJson(runnableSteps(pipeline, this.#calls.registries).map((definition) => ({ ...definition })));
  }

  async #prove(request: WrittenBy, workspaceId: string): Promise<Authorship> {
    return { ...this.#by(request), actor: await provePerson(this.#ports, request, { deed: "set-pipeline", workspaceId, run: null }) };
  }

  #by({ actor, onBehalfOf }: WrittenBy): Authorship {
    return { at: this.#ports.clock.now(), actor, ...(onBehalfOf === undefined ? {} : { onBehalfOf }) };
  }
}

function noPipeline(id: string): MillraceError {
  return notFound("pipeline", id, "list pipelines with: millrace pipelines");
}

function readOnly(id: string): MillraceError {
  return new MillraceError("read_only", `pipeline '${id}' is served from the code and is the same on every board`, {
    fix: "clone it, and change the copy",
    details: { entity: "pipeline", id },
  });
}
