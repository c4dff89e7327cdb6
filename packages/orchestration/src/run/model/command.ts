import type { Actor, Check, Hold, HumanAnswer, JsonValue, MergeRecord, OutputRef, Run, WorkObservation } from "@millrace/contracts";
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

/** A structured answer: none asked for, valid for its kind, or what was wrong with it. */
export type AnswerProduct =
  | { readonly is: "none" }
  | { readonly is: "valid"; readonly value: unknown }
  | { readonly is: "invalid"; readonly issues: string };

/** What the world answered to an effect or a job. */
export type EffectResult =
  | { readonly of: "ask-agent"; readonly answer: RecordedAnswer }
  | { readonly of: "start-job"; readonly handle: JobHandle }
  | { readonly of: "job"; readonly outcome: RecordedOutcome }
  | { readonly of: "probe"; readonly state: PullRequestState; readonly checks: readonly Check[] }
  | { readonly of: "update-branch"; readonly result: UpdateResult }
  | { readonly of: "merge"; readonly result: MergeResult }
  /** What a registered effect returned; the step kind that asked for it validates it. */
  | { readonly of: "call"; readonly name: string; readonly value: JsonValue };

/** How a job ended, with its texts in the outputs table: what the decider is told. */
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

/** What may happen to a run. Time and identity arrive in here; the decider has neither. */
export type Command =
  | { readonly command: "start"; readonly at: number; readonly actor: Actor; readonly run: Run }
  /** The shell performed the effect (or polled the job) with this key. */
  | { readonly command: "returned"; readonly at: number; readonly actor: Actor; readonly key: string; readonly result: EffectResult }
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
  /** The exit of whatever the run had in flight was observed; `merged` when that was a merge, and it had landed. */
  | { readonly command: "stopped"; readonly at: number; readonly actor: Actor; readonly merged?: MergeRecord | null };
