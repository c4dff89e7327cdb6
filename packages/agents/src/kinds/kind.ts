import type { Block, BlockStatus, JsonValue } from "@millrace/contracts";
import type { CompletionContract } from "@millrace/kernel";
import type { z } from "zod";

/** Guidance that is added to a kind's prompt because of what it works on. */
export type Trait = "code-aware" | "spec-aware";

/** A possible answer with its meaning: `["a concern", { greenlight: false, ... }]`. */
export type Sample = readonly [meaning: string, value: JsonValue];

/**
 * An agent kind: one row of one table. Its step kind, its contract and its prompt are all derived from this row,
 * so they cannot drift apart. `defineAgentKind` fills in what most kinds have in common.
 */
export interface AgentKind {
  readonly id: string;
  /** Name of the step kind that runs it: a built-in one, e.g. `inline` or `job`, or one an embedder registered. */
  readonly step: string;
  /** Never a step of its own: a step of another kind sends it, e.g. a gate. */
  readonly helper: boolean;
  /** One line for people. */
  readonly intent: string;
  readonly traits: readonly Trait[];
  /** Kinds a companion grades; it must follow one of them directly. Empty for everything else. */
  readonly companionOf: readonly string[];
  /** Rating from 0 to 1 at which a companion passes when its step sets none. */
  readonly bar: number;
  readonly contract: CompletionContract;
  /** Shape of a structured answer; null for prose. */
  readonly answer: z.ZodType | null;
  /**
   * Valid answers by their meaning, one for every way in which a step may go on from them, the ordinary one first. The tools that play
   * an engine, e.g. the explorer, let the agent give each of them. Empty for prose.
   */
  readonly samples: readonly Sample[];
  /** Turns a valid answer into the text that people and companions read; null where the answer is that text. */
  readonly render: ((value: unknown) => string | null) | null;
  /** Call effect that takes up a valid answer before the step is finished; null: none does. */
  readonly ingest: string | null;
  /** Review kinds: the helper that rewrites the reviewed document from people's answers. Null for everything else. */
  readonly rework: string | null;
  /** Rank of the final document of a review of this kind: it does not replace one of a higher rank for the same description. */
  readonly documentRank: number;
  /** Its output is a report that a later `tracker` step files as a ticket. */
  readonly isReport: boolean;
  /** Status of a block, by its level, whose run finished with a step of this kind. Empty: as its step kind declares. */
  readonly statusWhenLast: Readonly<Partial<Record<Block["level"], BlockStatus>>>;
  /** The role text its system prompt starts with. */
  readonly role: string;
  /** Version of the role text, from 1: a step records which one its agent was given. Default: 1. */
  readonly promptVersion: number;
  /** Options of a task that its steps read, for people who choose them. Default: none. */
  readonly options: readonly KindOption[];
}

/** An option of a task that steps of a kind read. */
export interface KindOption {
  /** The kind, and what it decides: `tester.environment`. */
  readonly id: string;
  readonly values: readonly string[];
  readonly default: string;
}

/** The prompt of a kind with its version, as a step records it: `coder@v1`. */
export function promptLabel({ id, promptVersion }: Pick<AgentKind, "id" | "promptVersion">): string {
  return `${id}@v${promptVersion}`;
}

/** Agent kinds by id. Passed in by reference; there is no global registry. */
export interface AgentKinds {
  /** The kind of that id; null when there is none. */
  get(id: string): AgentKind | null;
  /** All of them, in the order of registration. */
  list(): readonly AgentKind[];
}

/** The members of an agent kind that have no default, and those that differ from it. */
export type AgentKindRow = Pick<AgentKind, "id" | "step" | "intent" | "role"> & Partial<AgentKind>;

/**
 * An agent kind out of a row. Default: a read-only kind that answers in prose, no helper and no companion, with a bar of 0.8 and a
 * document of rank 0, without traits, samples, `ingest`, `rework`, report or status of its own.
 */
export function defineAgentKind(row: AgentKindRow): AgentKind {
  return {
    helper: false,
    traits: [],
    companionOf: [],
    bar: 0.8,
    contract: READ_ONLY,
    answer: null,
    samples: [],
    render: null,
    ingest: null,
    rework: null,
    documentRank: 0,
    isReport: false,
    statusWhenLast: {},
    promptVersion: 1,
    options: [],
    ...row,
  };
}

const READ_ONLY: CompletionContract = { delivers: "nothing", commits: "harness", pullRequest: "none" };

/** A registry of the given kinds; a later one replaces an earlier one of the same id. */
export function createAgentKinds(kinds: readonly AgentKind[]): AgentKinds {
  const byId = new Map(kinds.map((kind) => [kind.id, kind]));
  return { get: (id) => byId.get(id) ?? null, list: () => [...byId.values()] };
}
