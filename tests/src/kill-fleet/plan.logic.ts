/**
 * Plan of a fleet: its tasks, and how each of their runs must end. It follows from the seed and exists before the first process starts,
 * so that the verification has something independent to compare with.
 */
import type { Pipeline } from "@millrace/contracts";
import { builtInPipelines } from "@millrace/orchestration";
import { createRandom, pick, type Random } from "./random.logic.js";

/** Course of a task. */
export type StoryName =
  | "plain"
  | "red-ci"
  | "rework"
  | "capped"
  | "unreadable"
  | "question"
  | "high-risk"
  | "conflict"
  | "job-lost"
  | "broken"
  | "retried"
  | "rejected"
  | "changes"
  | "cancelled";

/** Ending of a block's last run. */
export type End =
  | { readonly is: "done" }
  | { readonly is: "failed"; readonly kind: string; readonly code: string }
  | { readonly is: "cancelled" };

interface Story {
  readonly name: StoryName;
  readonly end: End;
  /** Number of runs of the block. */
  readonly runs: number;
  /** Number of coder jobs in all of its runs. */
  readonly coders: number;
  fits(pipeline: Pipeline): boolean;
}

export interface PlannedTask {
  /** Name, which is also the title of its block and the name of the file that it changes. */
  readonly name: string;
  readonly repository: string;
  readonly pipelineId: string;
  readonly story: StoryName;
  readonly end: End;
  readonly runs: number;
  readonly coders: number;
  /** Whether its change is merged in the end. */
  readonly merges: boolean;
  /** Number of kills until which the first job of each of its runs keeps running. */
  readonly heldUntilKill: number;
}

export interface FleetPlan {
  readonly seed: number;
  readonly kills: number;
  readonly tasks: readonly PlannedTask[];
}

/** Pipelines of a fleet: the built-in ones, except for the one that needs a finished task. */
export const FLEET_PIPELINES: readonly Pipeline[] = builtInPipelines.filter(({ id }) => id !== "pl_merge");

/** Number of tasks in one repository. Their merges move each other's base, within the budget of a gate. */
export const TASKS_PER_REPOSITORY = 4;
const DONE: End = { is: "done" };
const SCRIPTED_FAILURE: End = { is: "failed", kind: "job_failed", code: "scripted_failure" };

const has =
  (kind: string) =>
  (pipeline: Pipeline): boolean =>
    stepsOf(pipeline).some((step) => step.kind === kind);
const asksFirst = (pipeline: Pipeline): boolean => stepsOf(pipeline).some((step) => step.kind === "architect" && step.approval !== null);

const STORIES: readonly Story[] = [
  { name: "plain", end: DONE, runs: 1, coders: 1, fits: () => true },
  { name: "red-ci", end: DONE, runs: 1, coders: 1, fits: has("ci") },
  { name: "rework", end: DONE, runs: 1, coders: 2, fits: has("reviewer") },
  // Repeated rounds end the loop before its budget does.
  { name: "capped", end: DONE, runs: 1, coders: 3, fits: has("reviewer") },
  { name: "unreadable", end: DONE, runs: 1, coders: 1, fits: has("reviewer") },
  { name: "question", end: DONE, runs: 1, coders: 2, fits: has("coder") },
  { name: "high-risk", end: DONE, runs: 1, coders: 1, fits: has("merger") },
  { name: "job-lost", end: DONE, runs: 1, coders: 2, fits: has("coder") },
  { name: "broken", end: SCRIPTED_FAILURE, runs: 1, coders: 1, fits: has("coder") },
  { name: "retried", end: DONE, runs: 2, coders: 2, fits: has("coder") },
  { name: "rejected", end: { is: "failed", kind: "rejected", code: "approval_rejected" }, runs: 1, coders: 0, fits: asksFirst },
  { name: "changes", end: DONE, runs: 1, coders: 1, fits: asksFirst },
  { name: "cancelled", end: { is: "cancelled" }, runs: 1, coders: 1, fits: has("coder") },
];
const CONFLICT: Story = { name: "conflict", end: DONE, runs: 1, coders: 1, fits: conflictsFirst };

/**
 * Plans a fleet of `runs` tasks over these pipelines.
 *
 * @throws RangeError when there is no pipeline.
 */
export function planFleet(
  pipelines: readonly Pipeline[],
  wanted: { readonly runs: number; readonly kills: number; readonly seed: number },
): FleetPlan {
  const random = createRandom(wanted.seed);
  const contested = pipelines.filter(conflictsFirst);
  const told = new Map<StoryName, number>();
  const tasks = Array.from({ length: wanted.runs }, (_, index): PlannedTask => {
    const repository = Math.floor(index / TASKS_PER_REPOSITORY);
    // In every third repository all tasks write the same file, so that later ones conflict.
    const fights = contested.length > 0 && repository % 3 === 2;
    const pipeline = pick(random, fights ? contested : pipelines);
    const story = fights ? CONFLICT : nextStory(random, pipeline, told);
    told.set(story.name, (told.get(story.name) ?? 0) + 1);
    return {
      name: `t${index}`,
      repository: `repo-${repository}`,
      pipelineId: pipeline.id,
      story: story.name,
      end: story.end,
      runs: story.runs,
      coders: has("coder")(pipeline) ? story.coders : 0,
      merges: story.end.is === "done" && has("merger")(pipeline),
      // The square root favours late kills, so that most runs are in flight most of the time.
      heldUntilKill: Math.floor(Math.sqrt(random()) * (wanted.kills + 1)),
    };
  });
  return { seed: wanted.seed, kills: wanted.kills, tasks };
}

/** A random one of the least used fitting stories, so that a small fleet has all of them. */
function nextStory(random: Random, pipeline: Pipeline, told: ReadonlyMap<StoryName, number>): Story {
  const fitting = STORIES.filter((one) => one.fits(pipeline));
  const least = Math.min(...fitting.map(({ name }) => told.get(name) ?? 0));
  return pick(
    random,
    fitting.filter(({ name }) => (told.get(name) ?? 0) === least),
  );
}

/** Agent kinds of a pipeline's steps, which all need a script. */
export function agentKindsOf(pipeline: Pipeline): readonly string[] {
  return stepsOf(pipeline).map((step) => step.kind);
}

/** Whether a conflicts gate comes before the CI gate: without one, a conflict fails the run. */
function conflictsFirst(pipeline: Pipeline): boolean {
  const kinds = stepsOf(pipeline).map((step) => step.kind);
  const [gate, ci] = [kinds.indexOf("conflicts"), kinds.indexOf("ci")];
  return gate >= 0 && ci >= 0 && gate < ci && kinds.includes("merger");
}

function stepsOf(pipeline: Pipeline): Pipeline["steps"] {
  return pipeline.steps.filter((step) => step.enabled);
}
