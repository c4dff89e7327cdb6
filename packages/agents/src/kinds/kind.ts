import type { CompletionContract } from "@millrace/kernel";
import type { z } from "zod";

/** Guidance a kind gets because of what it works on. */
export type Trait = "code-aware" | "spec-aware";

/**
 * What an agent kind is: one row of one table. Where it runs, what it must deliver and how it is told to
 * do so are all derived from this row, so they cannot drift apart.
 */
export interface AgentKind {
  readonly id: string;
  /** Name of the step kind that runs it: `inline`, `job`, `companion`, `gate`, `merger`, or one an embedder registered. */
  readonly step: string;
  /** Never a step of its own: sent by a gate. */
  readonly helper: boolean;
  /** One line for people. */
  readonly intent: string;
  readonly traits: readonly Trait[];
  /** Kinds a companion grades; it must follow one of them directly. Empty for everything else. */
  readonly companionOf: readonly string[];
  /** A companion's passing rating when its step sets none. */
  readonly bar: number;
  readonly contract: CompletionContract;
  /** Shape of a structured answer; null for prose. */
  readonly answer: z.ZodType | null;
  /** Turns a valid answer into what people and companions read; null where the answer is what they read. */
  readonly render: ((value: unknown) => string | null) | null;
  /** Registered effect that takes up a valid answer before the step is finished; null: nothing does. */
  readonly ingest: string | null;
  /** The role text its system prompt starts with. */
  readonly role: string;
}

/** Agent kinds by id. Passed in by reference; there is no global registry. */
export interface AgentKinds {
  get(id: string): AgentKind | null;
  list(): readonly AgentKind[];
}

/** A registry of the given kinds; a later one replaces an earlier one of the same id. */
export function createAgentKinds(kinds: readonly AgentKind[]): AgentKinds {
  const byId = new Map(kinds.map((kind) => [kind.id, kind]));
  return { get: (id) => byId.get(id) ?? null, list: () => [...byId.values()] };
}
