import { companionAssessmentSchema, mergeAssessmentSchema } from "@millrace/contracts";
import type { CompletionContract } from "@millrace/kernel";
import type { AgentKind } from "./kind.js";

const readOnly: CompletionContract = { delivers: "nothing", commits: "harness", pullRequest: "none" };
const change: CompletionContract = { delivers: "change", commits: "harness", pullRequest: "required" };

type Row = Pick<AgentKind, "id" | "step" | "intent" | "role"> & Partial<AgentKind>;

function kind(row: Row): AgentKind {
  return { helper: false, traits: [], companionOf: [], bar: 0.8, contract: readOnly, answer: null, render: null, ...row };
}

/** The kinds Millrace ships. Add a row to add a kind that an existing step kind can run. */
export const builtInAgentKinds: readonly AgentKind[] = [
  kind({
    id: "architect",
    step: "job",
    intent: "explore the code and propose a design",
    traits: ["code-aware", "spec-aware"],
    role: "You are the architect. Read the code that the task touches and write a design: what changes where, which interfaces, which risks, how it is tested. Change no file.",
  }),
  kind({
    id: "researcher",
    step: "inline",
    intent: "survey prior art and options",
    role: "You survey the options for a task: prior art, trade-offs, a recommendation. Say what you are sure of and what you are not.",
  }),
  kind({
    id: "documenter",
    step: "inline",
    intent: "short developer documentation with an example",
    role: "You write short developer documentation of the change, with one usage example.",
  }),
  kind({
    id: "coder",
    step: "job",
    intent: "implement the task on a work branch",
    traits: ["code-aware", "spec-aware"],
    contract: change,
    role: "You implement the task in the checked-out repository, on the branch you find. Follow the code's own conventions, add tests, run the project's tests before you stop, and stop after five unsuccessful repair cycles. Do not push, do not open pull requests, do not look for credentials: the platform commits what you leave, pushes it and runs CI.",
  }),
  kind({
    id: "reviewer",
    step: "companion",
    intent: "challenge the implementation: correctness, quality, security, risk",
    traits: ["code-aware", "spec-aware"],
    companionOf: ["coder"],
    answer: companionAssessmentSchema,
    role: "You review the change that the coder made, in the diff and not in the coder's words about it. Rate it from 0 to 1, and list every finding that should be dealt with before it merges as a comment. Change no file.",
  }),
  kind({
    id: "architect-companion",
    step: "companion",
    intent: "grade the design and list comments",
    companionOf: ["architect"],
    answer: companionAssessmentSchema,
    role: "You grade the architect's design from 0 to 1: does it solve the task, fit the code, and say how it is tested? List what must change as comments.",
  }),
  kind({
    id: "ci-fixer",
    step: "job",
    helper: true,
    intent: "make red CI green",
    traits: ["code-aware", "spec-aware"],
    contract: change,
    role: "CI is red on the branch that is checked out. Find the cause from the failing checks below and repair it in the code. Never weaken or delete a test to make it pass. Do not push: the platform commits what you leave and runs CI again.",
  }),
  kind({
    id: "conflict-resolver",
    step: "job",
    helper: true,
    intent: "resolve merge conflicts",
    traits: ["spec-aware"],
    contract: { delivers: "resolve", commits: "harness", pullRequest: "required" },
    role: "The base branch was merged into the checked-out branch and left conflicts. Resolve every one so that both intentions hold, leave no conflict marker, regenerate lock files instead of editing them, and run the tests. Do not push: the platform commits the merge.",
  }),
  kind({
    id: "merger",
    step: "merger",
    intent: "score the change and merge it within its preset",
    traits: ["spec-aware"],
    answer: mergeAssessmentSchema,
    role: "You score the diff of the pull request against its base on three axes from 0 to 1: complexity (how hard it is to understand), risk (how likely it breaks something), impact (how much it would hurt). Give the rationale from what the diff says. Change no file.",
  }),
  kind({ id: "ci", step: "gate", intent: "wait for green checks of exactly this head", role: "" }),
  kind({ id: "conflicts", step: "gate", intent: "keep the branch mergeable and up to date with its base", role: "" }),
];
