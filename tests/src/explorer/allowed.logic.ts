/** Which change may land, by what people and assessments said; told from their commands alone. */
import type { Run } from "@millrace/contracts";
import { currentStep, openWait, type Command } from "@millrace/orchestration";
import { PRESET } from "./engine.logic.js";
import type { Environment, Permission } from "./environment.logic.js";

/** The change that this command allows to land; null when it allows none. */
export function allowedBy(before: Run, command: Command, environment: Environment): Permission | null {
  if (command.command === "answer") return isApproval(before, command) ? { change: command.subject, by: "people" } : null;
  if (command.command !== "returned" || command.result.of !== "job" || command.result.outcome.is !== "finished") return null;
  const { product } = command.result.outcome.answer;
  const { definition } = currentStep(before);
  const mayMerge = !environment.peopleMerge && definition.kind === "merger" && definition.approval === null;
  return mayMerge && product.is === "valid" && isWithin(product.value) ? { change: environment.change, by: "scores" } : null;
}

/** The change that this command brings the assessment of; null when it brings none. An answer that cannot be read was paid for as well. */
export function assessedBy(before: Run, command: Command, environment: Environment): string | null {
  if (command.command !== "returned" || command.result.of !== "job" || command.result.outcome.is !== "finished") return null;
  return currentStep(before).definition.kind === "merger" ? environment.change : null;
}

function isApproval(before: Run, { actor, answer }: Extract<Command, { command: "answer" }>): boolean {
  const wait = openWait(before);
  if (wait?.on !== "merge" || actor.type !== "human" || answer.answer !== "approve") return false;
  return new Set([...wait.approvedBy, actor.id]).size >= Math.max(wait.approvers, currentStep(before).definition.approval?.approvers ?? 1);
}

function isWithin(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { complexity, risk, impact, rationale } = value as Readonly<Record<string, unknown>>;
  const fits = Number(complexity) <= PRESET.maxComplexity && Number(risk) <= PRESET.maxRisk && Number(impact) <= PRESET.maxImpact;
  return fits && String(rationale).trim() !== "";
}
