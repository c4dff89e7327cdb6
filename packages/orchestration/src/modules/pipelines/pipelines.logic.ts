import type {
  eventsOfPipelines,
  Pipeline,
  PipelineCosts,
  PipelineOrganization,
  PipelineStep,
  PipelineVersions,
  PipelineView,
} from "@millrace/contracts";
import type { OrganizedPipeline, RunSummary, SpendTotal } from "@millrace/kernel";
import { match } from "ts-pattern";
import type { z } from "zod";
import type { ServedPipelines } from "../../run/pipelines/served.js";

type PipelineEvent = z.infer<(typeof eventsOfPipelines)[number]>;

/** Pipelines that a workspace keeps, at most: one page of the store. */
export const MAX_PIPELINES = 200;

/** Longest name of a pipeline. */
const MAX_NAME = 120;

const UNSAID: PipelineOrganization = { labels: [], archived: false, revision: 0 };

/** What a list of pipelines is made of. */
export interface PipelineParts {
  readonly served: ServedPipelines;
  readonly own: readonly (Pipeline & { readonly revision: number })[];
  readonly said: readonly OrganizedPipeline[];
  readonly uses: ReadonlyMap<string, number>;
}

/** The pipelines of a workspace by id: its own, and those served from the code that it does not replace. */
export function viewsOf({ served, own, said, uses }: PipelineParts): readonly PipelineView[] {
  const organized = new Map(said.map(({ pipelineId, ...organization }) => [pipelineId, organization]));
  const isOwn = new Set(own.map(({ id }) => id));
  const about = (id: string): Pick<PipelineView, "organization" | "tasks"> => ({
    organization: organized.get(id) ?? UNSAID,
    tasks: uses.get(id) ?? 0,
  });
  const fromCode = [...served.values()].filter(({ pipeline }) => !isOwn.has(pipeline.id));
  const views: readonly PipelineView[] = [
    ...fromCode.map(({ pipeline, origin }) => ({ ...pipeline, origin, revision: null, ...about(pipeline.id) })),
    ...own.map((pipeline) => ({ ...pipeline, origin: "workspace" as const, ...about(pipeline.id) })),
  ];
  return views.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Name of a copy, which has to fit as well. */
export function nameOfCopy(name: string): string {
  const suffix = " (copy)";
  return `${name.slice(0, MAX_NAME - suffix.length).trimEnd()}${suffix}`;
}

/** A pipeline without what its schema fills in, as people write it down. */
export function compactPipeline({ id, name, steps }: Pipeline): Record<string, unknown> {
  return { id, name, steps: steps.map(compactStep) };
}

function compactStep({ kind, enabled, ...options }: PipelineStep): Record<string, unknown> {
  const set = Object.entries(options).filter(([, value]) => value !== null);
  return { kind, ...(enabled ? {} : { enabled }), ...Object.fromEntries(set) };
}

/** Costs of runs, newest first, from what the ledger added up for each. */
export function costsOf(runs: readonly RunSummary[], totals: ReadonlyMap<string, SpendTotal>): PipelineCosts {
  const costs = runs.map(({ id, blockId, status, createdAt }) => {
    const { settledMicros, reservedMicros } = totals.get(runScope(id)) ?? { settledMicros: 0, reservedMicros: 0 };
    return { runId: id, blockId, status, startedAt: createdAt, settledMicros, reservedMicros };
  });
  const finished = costs.filter(({ status }) => status === "done");
  const sum = (of: readonly { readonly settledMicros: number }[]): number => of.reduce((all, { settledMicros }) => all + settledMicros, 0);
  return { runs: costs, totalMicros: sum(costs), meanMicros: finished.length === 0 ? null : Math.round(sum(finished) / finished.length) };
}

/** Scope under which the spending of a run is added up. */
export function runScope(runId: string): string {
  return `run/${runId}`;
}

const LIVE: readonly RunSummary["status"][] = ["running", "waiting", "paused", "stopping"];

/** The versions that these runs have copied, by the run that copied each last. `runs`: newest first. */
export function versionsOf(current: string, runs: readonly RunSummary[]): PipelineVersions {
  const byDigest = Map.groupBy(runs, ({ pipeline }) => pipeline.digest);
  return {
    current,
    versions: [...byDigest].map(([digest, of]) => ({
      digest,
      isCurrent: digest === current,
      lastStartedAt: Math.max(...of.map(({ createdAt }) => createdAt)),
      runs: of.length,
      live: of.filter(({ status }) => LIVE.includes(status)).map(({ id }) => id),
    })),
  };
}

/** What happened to a pipeline, as one line. */
export function describePipelineEvent(event: PipelineEvent): string {
  return match(event)
    .with({ type: "pipeline-created" }, ({ pipelineId }) => `pipeline ${pipelineId} added`)
    .with({ type: "pipeline-changed" }, ({ pipelineId }) => `pipeline ${pipelineId} changed`)
    .with({ type: "pipeline-organized" }, ({ pipelineId, archived, fields }) =>
      archived === undefined
        ? `pipeline ${pipelineId}: ${fields.join(", ")} set`
        : `pipeline ${pipelineId} ${archived ? "archived" : "in use again"}`,
    )
    .with({ type: "pipeline-removed" }, ({ pipelineId, replacedBy }) =>
      replacedBy === undefined ? `pipeline ${pipelineId} removed` : `pipeline ${pipelineId} removed; its tasks name ${replacedBy} now`,
    )
    .exhaustive();
}
