/**
 * The shape of a step kind's samples: what a proof machine must be told about a kind in order to explore, simulate or kill it. The answers
 * of agents are samples of their agent kinds, the results of call effects samples of the effects.
 *
 * They are data beside the kind, outside of the main entry point. Bounds are written as numbers a second time on purpose: a machine must
 * not take them from the code it checks.
 */
import type { MergePreset, PipelineInput } from "@millrace/contracts";
import type { OutsideServices } from "@millrace/kernel";

/** Kinds of faults that a model of the world makes. */
export interface FaultSet {
  /** Jobs get lost; effects and polls fail, for passing and for final reasons; jobs outlive their patience. */
  readonly failures: boolean;
  /** Others push to the branch, and move the base, with or without a conflict. */
  readonly moves: boolean;
  /** Others land on the base, without a conflict: a part of `moves`. */
  readonly contention: boolean;
  /** Others close, merge or retarget the pull request. */
  readonly outsiders: boolean;
  /** The settings of the checks change, the workspace's and the forge's; from then on the preset leaves every merge to people. */
  readonly settings: boolean;
  /** The host is away between two looks, its clock steps back, a service is out of order for long, checks are red without the change. */
  readonly hostFaults: boolean;
  /** The budget is used up, and raised. */
  readonly budget: boolean;
  /** A merge of an earlier run of the task lands late. */
  readonly lateMerges: boolean;
}

/** A pipeline so small that every interleaving of it can be explored. */
export interface SamplePipeline {
  /** Unique among all samples. */
  readonly name: string;
  readonly steps: PipelineInput["steps"];
  /** The faults it is explored under. Default: failures, moves and outsiders. */
  readonly faults?: Partial<FaultSet>;
  /** Has too many states for every run of the tests: explored on request. Default: false. */
  readonly isLarge?: boolean;
}

/** Bound of a counter in the state of a step. */
export interface SampleBudget {
  /** Name in reports, e.g. `updates`. */
  readonly name: string;
  /** Path of the counter in the state, e.g. `["evictions", "crash"]`. */
  readonly counter: readonly string[];
  /** Highest value: a number, a field of the merge preset, or the path of the field of the state that holds it. */
  readonly max: number | { readonly preset: keyof MergePreset } | { readonly state: readonly string[] };
  /** The event that ends the run is counted as well: a finished run may have one more. Default: false. */
  readonly countsEnd?: boolean;
  /** Restricts it to states whose fields have these values. Default: every state of the kind. */
  readonly where?: Readonly<Record<string, string>>;
  /** Between 1 and one below its end it is only compared with its bound: an explorer may jump over those values. Default: false. */
  readonly isLong?: boolean;
}

/** The means of a simulated service: everything it does follows from the seed of its simulation. */
export interface SimulationTools {
  /** True with this probability, from 0 to 1. */
  readonly chance: (probability: number) => boolean;
  /** Counts an outcome for the coverage report of the simulation. */
  readonly count: (outcome: string) => void;
  /** Number of the thing that a key made, counted as `outcome` when it is made: the same key makes one thing, however often it is used. */
  readonly once: (key: string, outcome: string) => number;
}

/** Samples of one step kind. */
export interface StepSamples {
  /** Name of the step kind. */
  readonly stepKind: string;
  /** Pipelines to explore: every branch of the kind, and an approval in every position it may have. At least one. */
  readonly pipelines: readonly SamplePipeline[];
  /** Pipelines as people write them, to simulate where no built-in pipeline has the kind. Default: none. */
  readonly scenarios?: readonly PipelineInput[];
  /** Bounds that the kind promises (I6). Default: none. */
  readonly budgets?: readonly SampleBudget[];
  /** Simulations of the outside services that its effects need. Default: none. */
  readonly services?: (tools: SimulationTools) => Partial<OutsideServices>;
  /** Outcomes that its simulated services count. Default: none. */
  readonly outcomes?: readonly string[];
}
