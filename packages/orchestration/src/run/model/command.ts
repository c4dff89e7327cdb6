import type {
  Actor,
  Check,
  Digest,
  Hold,
  HumanAnswer,
  JobRef,
  JsonValue,
  MergeRecord,
  OutputRef,
  Run,
  WorkObservation,
} from "@millrace/contracts";
import type { AgentQuestion, JobHandle, MergeResult, PullRequestState, UpdateResult } from "@millrace/kernel";

/** An agent's answer as the decider sees it: the text is in the outputs table, the product was validated with the kind's schema. */
export interface RecordedAnswer {
  readonly output: OutputRef;
  /** The first 2,000 characters of the text, for messages. */
  readonly excerpt: string;
  readonly product: AnswerProduct;
  readonly question: AgentQuestion | null;
  readonly model: string | null;
}

/** Structured part of an answer: not requested, valid for its kind, or invalid with its issues. */
export type AnswerProduct =
  | { readonly is: "none" }
  | { readonly is: "valid"; readonly value: unknown }
  | { readonly is: "invalid"; readonly issues: string };

/** Result of an effect or a job. */
export type EffectResult =
  | { readonly of: "ask-agent"; readonly answer: RecordedAnswer }
  | { readonly of: "start-job"; readonly handle: JobHandle }
  | { readonly of: "job"; readonly outcome: RecordedOutcome }
  | {
      readonly of: "probe";
      readonly state: PullRequestState;
      readonly checks: readonly Check[];
      /** Checks of the base, read where one of the head fails. Default: not read. */
      readonly baseChecks?: readonly Check[];
      /** Digest of the change; null where it was not asked for, or the forge cannot tell. */
      readonly diff: Digest | null;
    }
  | { readonly of: "update-branch"; readonly result: UpdateResult }
  | { readonly of: "merge"; readonly result: MergeResult }
  /** Return value of a registered effect; the step kind that requested it validates it. */
  | { readonly of: "call"; readonly name: string; readonly value: JsonValue };

/** End of a job as the decider gets it, with its texts in the outputs table. */
export type RecordedOutcome =
  | { readonly is: "finished"; readonly answer: RecordedAnswer; readonly observed: WorkObservation | null }
  | {
      readonly is: "failed";
      readonly code: string;
      readonly message: string;
      readonly detail: string | null;
      readonly observed: WorkObservation | null;
    }
  | { readonly is: "lost"; readonly transient: boolean; readonly message: string }
  | { readonly is: "out-of-quota"; readonly resetAt: number; readonly message: string };

/** Input of the decider. Time and identity arrive in it; the decider has neither. */
export type Command =
  | { readonly command: "start"; readonly at: number; readonly actor: Actor; readonly run: Run }
  /** The shell performed the effect (or polled the job) with this key. */
  | {
      readonly command: "returned";
      readonly at: number;
      readonly actor: Actor;
      readonly key: string;
      readonly result: EffectResult;
      /** Time in which this process has looked at it, in ms (F:C2). Default: not known. */
      readonly lookedMs?: number;
    }
  /** The effect (or the poll) with this key failed. `passing`: worth trying again. */
  | {
      readonly command: "failed";
      readonly at: number;
      readonly actor: Actor;
      readonly key: string;
      readonly code: string;
      readonly message: string;
      readonly passing: boolean;
    }
  /** The effect with this key cannot be performed before a time that is known. Counts as no failure. */
  | { readonly command: "hold"; readonly at: number; readonly actor: Actor; readonly key: string; readonly hold: Hold }
  /** The time has come, or a person resumes the run. */
  | { readonly command: "release"; readonly at: number; readonly actor: Actor }
  /** A job or gate has been waited for longer than its patience. */
  | { readonly command: "timed-out"; readonly at: number; readonly actor: Actor; readonly key: string; readonly message: string }
  | {
      readonly command: "answer";
      readonly at: number;
      readonly actor: Actor;
      readonly wait: string;
      readonly subject: string;
      readonly answer: HumanAnswer;
    }
  | { readonly command: "stop"; readonly at: number; readonly actor: Actor; readonly as: "failed" | "cancelled"; readonly reason: string }
  /** The engine, or a kind registered with it, threw instead of deciding: the run ends failed. */
  | { readonly command: "defect"; readonly at: number; readonly actor: Actor; readonly code: string; readonly message: string }
  /** The forge says that the change of a run at rest has landed, by a person's hand or by a merge whose outcome was lost. */
  | { readonly command: "landed"; readonly at: number; readonly actor: Actor; readonly merged: MergeRecord }
  /**
   * The end of the call in flight was observed; `merged` is set if the run's change has landed, `unseen` if the end of that call could not
   * be observed for too long.
   */
  | {
      readonly command: "stopped";
      readonly at: number;
      readonly actor: Actor;
      readonly merged?: MergeRecord | null;
      readonly unseen?: JobRef | null;
    };
