/**
 * What a fleet consists of and how each of its runs must end. Everything follows from the seed, so that "lost", "twice" and
 * "wrong" are told from a plan that was there before the first process started.
 */
import type { Pipeline } from "@millrace/contracts";
import { builtInPipelines } from "@millrace/orchestration";
import { createRandom, pick, type Random } from "./random.logic.js";

/** What becomes of a task. */
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

/** How the last run of a block ends. */
export type End =
  | { readonly is: "done" }
  | { readonly is: "failed"; readonly kind: string; readonly code: string }
  | { readonly is: "cancelled" };

interface Story {
  readonly name: StoryName;
  readonly end: End;
  /** Runs of the block until then. */
  readonly runs: number;
  /** Jobs of a coder in all of them. */
  readonly coders: number;
  fits(pipeline: Pipeline): boolean;
}

export interface PlannedTask {
  /** Also the title of its block and the name of the file it changes. */
  readonly name: string;
  readonly repository: string;
  readonly pipelineId: string;
  readonly story: StoryName;
  readonly end: End;
  readonly runs: number;
  readonly coders: number;
  /** A change is merged in the end. */
  readonly merges: boolean;
  /** The first job of each of its runs takes until this many processes were killed. */
  readonly heldUntilKill: number;
}

export interface FleetPlan {
  readonly seed: number;
  readonly kills: number;
  readonly tasks: readonly PlannedTask[];
}

/** What a fleet runs: every built-in pipeline but the one that needs a finished task to begin with. */
export const FLEET_PIPELINES: readonly Pipeline[] = builtInPipelines.filter(({ id }) => id !== "pl_merge");

/** Tasks of one repository: their merges move each other's base, but not more often than a gate follows. */
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
  // Rounds that repeat each other end before the budget does.
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

/** A fleet of `runs` tasks over these pipelines. @throws RangeError when there is no pipeline. */
export function planFleet(
  pipelines: readonly Pipeline[],
  wanted: { readonly runs: number; readonly kills: number; readonly seed: number },
): FleetPlan {
  const random = createRandom(wanted.seed);
  const contested = pipelines.filter(conflictsFirst);
  const told = new Map<StoryName, number>();
  const tasks = Array.from({ length: wanted.runs }, (_, index): PlannedTask => {
    const repository = Math.floor(index / TASKS_PER_REPOSITORY);
    // In every third repository all tasks write the same file, so that whoever comes second has a conflict.
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
      // The root leans towards the end: most runs are in flight most of the time.
      heldUntilKill: Math.floor(Math.sqrt(random()) * (wanted.kills + 1)),
    };
  });
  return { seed: wanted.seed, kills: wanted.kills, tasks };
}

/** One of those that were told least so far: a small fleet tells them all, too. */
function nextStory(random: Random, pipeline: Pipeline, told: ReadonlyMap<StoryName, number>): Story {
  const fitting = STORIES.filter((one) => one.fits(pipeline));
  const least = Math.min(...fitting.map(({ name }) => told.get(name) ?? 0));
  return pick(
    random,
    fitting.filter(({ name }) => (told.get(name) ?? 0) === least),
  );
}

/** The kinds whose agents a pipeline may send, so that a fleet can refuse one it has no script for. */
export function agentKindsOf(pipeline: Pipeline): readonly string[] {
  return stepsOf(pipeline).map((step) => step.kind);
}

/** A conflict that a CI gate meets goes back to a conflicts gate before it; without one the run fails. */
function conflictsFirst(pipeline: Pipeline): boolean {
  const kinds = stepsOf(pipeline).map((step) => step.kind);
  const [gate, ci] = [kinds.indexOf("conflicts"), kinds.indexOf("ci")];
  return gate >= 0 && ci >= 0 && gate < ci && kinds.includes("merger");
}

function stepsOf(pipeline: Pipeline): Pipeline["steps"] {
  return pipeline.steps.filter((step) => step.enabled);
}
