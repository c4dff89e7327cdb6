/** What a kind's agent and a registered effect may say. A new kind whose answers have a shape is one entry in `SHAPED`, a new effect one in `CALLS`. */
import type { AgentKind } from "@millrace/agents";
import type { JsonValue, Participant, Run } from "@millrace/contracts";
import type { AnswerProduct, RecordedAnswer } from "@millrace/orchestration";
import { NOW } from "./engine.logic.js";
import { returned, type Happening, type Environment } from "./environment.logic.js";

/** Meanings and the answers that have them. */
type LabelledValues<T> = readonly (readonly [label: string, value: T])[];

export function answer(kind: string, product: AnswerProduct, question = false): RecordedAnswer {
  return {
    output: { key: `out-${kind}`, digest: `digest-${kind}`, chars: 4 },
    excerpt: "text",
    product,
    question: question ? { question: "which?", options: ["a", "b"] } : null,
    model: "model",
  };
}

export const NONE: AnswerProduct = { is: "none" };
const INVALID: AnswerProduct = { is: "invalid", issues: "no shape" };

/** The structured answers a kind may give, by what they mean. */
export function products(kind: AgentKind): LabelledValues<AnswerProduct> {
  const valid = (value: unknown): AnswerProduct => ({ is: "valid", value });
  if (kind.step === "companion")
    return [
      ["good", valid({ rating: 0.9, summary: "good" })],
      ["good with comments", valid({ rating: 0.9, summary: "nearly", comments: [{ body: "name it" }] })],
      ["bad", valid({ rating: 0.1, summary: "bad" })],
      ["unreadable", INVALID],
    ];
  if (kind.step === "merger")
    return [
      ["within the thresholds", valid({ complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "small" })],
      ["over the thresholds", valid({ complexity: 0.9, risk: 0.1, impact: 0.1, rationale: "large" })],
      ["without rationale", valid({ complexity: 0, risk: 0, impact: 0, rationale: " " })],
      ["unreadable", INVALID],
    ];
  const shaped = SHAPED[kind.id];
  if (shaped !== undefined) return [...shaped.map(([label, value]) => [label, valid(value)] as const), ["unreadable", INVALID]];
  return [["text", NONE]];
}

/** Structured answers of kinds that no rule above covers, by what they mean. */
const SHAPED: Readonly<Record<string, LabelledValues<JsonValue>>> = {
  "task-estimator": [
    ["large", { complexity: 0.9, risk: 0.9, impact: 0.9, rationale: "" }],
    ["small", { complexity: 0.1, risk: 0.1, impact: 0.1, rationale: "" }],
  ],
  tester: [
    ["greenlight", { greenlight: true, summary: "", concerns: [] }],
    ["a concern", { greenlight: false, summary: "", concerns: [{ title: "it breaks", detail: "always", severity: "high" }] }],
  ],
  "requirements-review": [
    ["nothing", { items: [] }],
    ["a finding", { items: [{ category: "gap", severity: "high", title: "missing", detail: "what?" }] }],
  ],
  "on-call": [["guilty", { culpritConfidence: 0.9, recommendation: "revert", rationale: "", evidence: [] }]],
  "spec-writer": [["a specification", { service: "s" }]],
  blueprints: [["a map", { name: "s" }]],
};

export function spoken(kind: AgentKind, answers: Participant["answers"]): LabelledValues<AnswerProduct> {
  if (answers === "prose") return [["text", NONE]];
  if (answers === "kind") return products(kind);
  return [
    ["scores", { is: "valid", value: { scores: [{ draft: 2, value: 1 }] } }],
    ["unreadable", INVALID],
  ];
}

const WATCH_MS = 31 * 60_000;
const TEXT = { key: "out-call", digest: "digest-call", chars: 4 };
const SIGNAL = { kind: "monitor", id: "m", name: "errors", detail: null };

/** What the registered effects may return. */
const CALLS: Readonly<Record<string, LabelledValues<JsonValue>>> = {
  provision: [
    ["provisions", { output: TEXT, provider: "previews" }],
    ["has no provider", { output: TEXT, provider: null }],
  ],
  "file-issue": [["files a ticket", { output: TEXT, issue: null }]],
  "ingest-blueprint": [["takes it up", { modulesAdded: 1 }]],
  "ingest-specification": [["takes it up", null]],
  "assign-module": [["moves the task", { moved: true }]],
  "read-review": [
    ["finds none", { description: "d", nextId: "rev_next", latest: null, carried: null }],
    ["finds a settled one", earlierReview("incorporated", true)],
    ["finds one of another description", earlierReview("ready", false)],
    ["finds one with findings", earlierReview("ready", true)],
    ["finds one that was being folded", earlierReview("incorporating", true)],
    ["finds one at its cap", earlierReview("exceeded", true)],
  ],
  "collect-answers": [
    ["has answers", { is: "answers", texts: [TEXT], nextId: "rev_after" }],
    ["has nothing to fold", { is: "nothing" }],
    ["finds one open", { is: "open", count: 1 }],
  ],
  "probe-release": [
    ["nothing is watched", { signals: [] }],
    ["all is well", { signals: [{ ...SIGNAL, state: "ok" }] }],
    ["it regressed", { signals: [{ ...SIGNAL, state: "alert" }] }],
  ],
  "gather-evidence": [["finds evidence", { text: "errors" }]],
  "enrich-incident": [["notes it", { enriched: true }]],
};

function earlierReview(status: string, isCurrent: boolean): JsonValue {
  return {
    description: "d",
    nextId: "rev_next",
    latest: { id: "rev_old", iteration: 1, status, document: null, isCurrent },
    carried: isCurrent && status !== "incorporated" ? { output: TEXT, inShort: "one" } : null,
  };
}

/** What a registered effect may return. A watch is also seen at its end. */
export function called(run: Run, environment: Environment, key: string, name: string): readonly Happening[] {
  const results = CALLS[name];
  if (results === undefined) throw new TypeError(`the explorer does not know what '${name}' may return`);
  const happenings = results.map(([label, value]): Happening => ({
    label: `${name} ${label}`,
    environment,
    command: returned(key, { of: "call", name, value }),
  }));
  const watch = run.steps[run.cursor]?.state["watch"];
  if (name !== "probe-release" || typeof watch !== "object" || watch === null) return happenings;
  const late = returned(key, { of: "call", name, value: { signals: [{ ...SIGNAL, state: "ok" }] } }, NOW + WATCH_MS);
  return [...happenings, { label: "the watch is over and all is well", environment, command: late }];
}
