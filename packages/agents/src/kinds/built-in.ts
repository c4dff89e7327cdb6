import {
  blueprintSchema,
  companionAssessmentSchema,
  estimateAnswerSchema,
  mergeAssessmentSchema,
  onCallAssessmentSchema,
  reviewAnswerSchema,
  specificationSchema,
  testReportSchema,
} from "@millrace/contracts";
import type { CompletionContract } from "@millrace/kernel";
import { renderBlueprint, renderEstimate, renderSpecification } from "../artifacts.logic.js";
import { renderReview } from "../findings.logic.js";
import type { AgentKind } from "./kind.js";

const readOnly: CompletionContract = { delivers: "nothing", commits: "harness", pullRequest: "none" };
const change: CompletionContract = { delivers: "change", commits: "harness", pullRequest: "required" };

/** May change the repository, need not. */
const update: CompletionContract = { delivers: "update", commits: "harness", pullRequest: "required" };

type Row = Pick<AgentKind, "id" | "step" | "intent" | "role"> & Partial<AgentKind>;

function kind(row: Row): AgentKind {
  return { helper: false, traits: [], companionOf: [], bar: 0.8, contract: readOnly, answer: null, render: null, ingest: null, ...row };
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
  kind({
    id: "analysis",
    step: "job",
    intent: "one prioritised technical-debt report",
    traits: ["code-aware"],
    role: "You look for the technical debt that costs this service most. Write one report, the most worthwhile item first; the first item must stand alone, because it becomes a ticket and is implemented. Change no file.",
  }),
  kind({
    id: "bug-investigator",
    step: "job",
    intent: "locate a bug's cause without fixing it",
    traits: ["code-aware"],
    role: "You investigate a bug report in the code: what is likely meant, which files are involved, how to reproduce it, and the cause when you are confident of it. Say what you do not know. Change no file.",
  }),
  kind({
    id: "spec-writer",
    step: "job",
    ingest: "ingest-specification",
    intent: "apply the task as an increment to the committed specification",
    traits: ["spec-aware"],
    contract: update,
    answer: specificationSchema,
    render: renderSpecification,
    role: "You keep the service's specification in the folder spec/ of the repository. Apply this task to it as an increment: add or change requirements and their acceptance scenarios, keep the ids that are there, write spec/spec.json and nothing outside of spec/. Your answer is the whole specification as it now is.",
  }),
  kind({
    id: "spec-companion",
    step: "companion",
    intent: "check that the specification is faithful to the task and its scenarios complete",
    companionOf: ["spec-writer"],
    answer: companionAssessmentSchema,
    role: "You grade a specification increment from 0 to 1: is it faithful to the requirements given, and are the scenarios of each requirement complete? Do not look for requirements nobody asked for. List what must change as comments.",
  }),
  kind({
    id: "blueprints",
    step: "job",
    ingest: "ingest-blueprint",
    intent: "map the repository to modules",
    contract: update,
    answer: blueprintSchema,
    render: renderBlueprint,
    role: "You map this repository to modules: what each is for, and the paths it lives in. Write the map to blueprints/blueprint.json and nothing outside of blueprints/. Keep the names of modules that are there. Your answer is the whole map.",
  }),
  kind({
    id: "mocker",
    step: "job",
    intent: "stubs of third-party services",
    traits: ["code-aware"],
    contract: update,
    role: "You add HTTP stubs for the third-party services the change talks to, and wire them into the compose file. Only third parties, never the service's own infrastructure; add, do not change what is there. When nothing is needed, change nothing and say so.",
  }),
  kind({
    id: "playwright",
    step: "job",
    intent: "end-to-end tests",
    traits: ["code-aware", "spec-aware"],
    contract: update,
    role: "You write end-to-end tests of the change, in the browser where the service has a user interface, in the project's own framework elsewhere. When the project has everything, change nothing and say so.",
  }),
  kind({
    id: "business-documenter",
    step: "job",
    intent: "document the domain rules",
    contract: update,
    role: "You document the domain rules that the change brings or alters under docs/business-logic/, each under an id like AREA-01. Change nothing else.",
  }),
  kind({
    id: "business-reviewer",
    step: "inline",
    intent: "check the documented domain rules",
    role: "You check documented domain rules against what the task says: what is missing, wrong or contradictory.",
  }),
  kind({
    id: "integrator",
    step: "inline",
    intent: "how to wire it into its surroundings",
    role: "You explain how to wire this into what surrounds it: contracts, configuration, the order of the rollout, how to take it back.",
  }),
  kind({
    id: "task-estimator",
    step: "estimator",
    intent: "estimate a task before any code exists",
    answer: estimateAnswerSchema,
    render: renderEstimate,
    role: "You estimate a task before any code exists, on three axes from 0 to 1: complexity, risk, impact. Give the rationale.",
  }),
  kind({
    id: "tester",
    step: "tester",
    intent: "run the service and judge acceptance",
    traits: ["spec-aware"],
    answer: testReportSchema,
    role: "You bring the service up, run its tests and try what the task asks for. Report what you tried and what came of it; you repair nothing. Give the greenlight only when you would ship it. A concern is high or critical when it must not ship.",
  }),
  kind({
    id: "fixer",
    step: "job",
    helper: true,
    intent: "repair what the tester reported",
    traits: ["code-aware", "spec-aware"],
    contract: change,
    role: "A tester withheld its greenlight for the change on the branch that is checked out. Repair what it reports, in the code, and run the tests. Never weaken or delete a test. Do not push: the platform commits what you leave.",
  }),
  kind({
    id: "requirements-review",
    step: "review",
    intent: "find gaps and ambiguities in what is asked for",
    answer: reviewAnswerSchema,
    render: renderReview,
    role: "You review the requirements of a task before anything is built. Find what is missing, ambiguous, assumed, risky or must be asked. Each item has a category (gap, clarification, assumption, risk, question), a severity (high: work would go wrong without an answer; medium: rework is likely; low: minor), a title and a detail. At most 20 items, the worst first; an empty list when the requirements are complete.",
  }),
  kind({
    id: "requirements-rework",
    step: "inline",
    helper: true,
    intent: "fold answers into the requirements",
    role: "You write the requirements document of a task anew, folding in what people answered, and leaving out what they dismissed. Invent nothing. Sections, in this order: title; overview; functional requirements (each with SHALL, a MoSCoW priority and Given/When/Then); non-functional requirements; domain rules; assumptions; out of scope. Your answer is the document and nothing else.",
  }),
  kind({
    id: "clarity-review",
    step: "review",
    intent: "find what keeps a bug report from being fixed",
    answer: reviewAnswerSchema,
    render: renderReview,
    role: "You review a bug report, addressed to its reporter: can somebody fix this from what it says? Find what is missing, ambiguous, assumed, risky or must be asked. Each item has a category (gap, clarification, assumption, risk, question), a severity (high: it cannot be fixed without an answer; medium: a fix may miss; low: minor), a title and a detail. At most 20 items, the worst first; an empty list when the report is clear.",
  }),
  kind({
    id: "clarity-rework",
    step: "inline",
    helper: true,
    intent: "fold answers into the bug report",
    role: "You write a bug report anew, folding in what its reporter answered, and leaving out what was dismissed. Invent nothing. Sections, in this order: title; summary; steps to reproduce; expected; actual; environment; scope; notes and suspected cause. Your answer is the report and nothing else.",
  }),
  kind({
    id: "on-call",
    step: "job",
    helper: true,
    intent: "whether the merged change caused the regression",
    traits: ["code-aware"],
    answer: onCallAssessmentSchema,
    role: "A service looks worse after a change was merged. Compare the change's diff with the signals and errors below. That two things happened together does not make one the cause of the other. Say how confident you are that the change is the culprit (0 to 1), what you recommend (revert, hold, monitor), why, and on what evidence. You change, commit and revert nothing.",
  }),
  kind({ id: "post-release-health", step: "release-health", intent: "watch the service after the merge", role: "" }),
  kind({ id: "deployer", step: "deployer", intent: "provision an environment for the change", role: "" }),
  kind({ id: "tracker", step: "tracker", intent: "file the report before it as a ticket", role: "" }),
  kind({ id: "ci", step: "gate", intent: "wait for green checks of exactly this head", role: "" }),
  kind({ id: "conflicts", step: "gate", intent: "keep the branch mergeable and up to date with its base", role: "" }),
];
