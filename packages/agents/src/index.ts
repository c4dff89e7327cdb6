/** @packageDocumentation Agent kinds, their contracts and prompts: data and pure functions, no I/O. */
export { costOf, priceOf } from "./models/prices.js";
export { listedModels } from "./models/listed-models.js";
export type { ModelPrice } from "./models/prices.js";
export { builtInAgentKinds } from "./kinds/built-in.js";
export { createAgentKinds, defineAgentKind, promptLabel } from "./kinds/kind.js";
export type { AgentKind, AgentKindRow, AgentKinds, KindOption, Sample, Trait } from "./kinds/kind.js";
export { answerShape, draftScoresSchema } from "./answer-shape.logic.js";
export type { AnswerShape, DraftScores } from "./answer-shape.logic.js";
export { clampUnit, renderBlueprint, renderEstimate, renderSpecification } from "./artifacts.logic.js";
export { coerceFindings, renderFindings, renderReview, severityRank } from "./findings.logic.js";
export { judgeWork } from "./completion.logic.js";
export type { BrokenContract } from "./completion.logic.js";
export { composeSystemPrompt, composeUserPrompt } from "./prompts/compose.logic.js";
export { builtInFragments } from "./prompts/built-in-fragments.js";
export type { PromptInput } from "./prompts/compose.logic.js";
export { extractJson, readAnswer } from "./answers.logic.js";
