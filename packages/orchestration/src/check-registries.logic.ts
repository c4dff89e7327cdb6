/**
 * The check that everything registered fits together: agent kinds, step kinds, gates, call effects and the built-in pipelines.
 *
 * A reference to a name that is not registered would otherwise surface in the middle of a run. All problems are collected, so that one
 * error tells everything there is to correct.
 */
import type { AgentKind } from "@millrace/agents";
import { agentKindSchema, notificationTypeSchema, stepDefinitionSchema, waitNameSchema, type Pipeline } from "@millrace/contracts";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import type { OrchestrationOptions } from "./options.js";
import type { CallEffect } from "./run/model/call-effect.js";
import type { Registries } from "./run/model/evolve.logic.js";
import type { DefinedStepKind } from "./run/model/step-kind.js";
import { ENGINE_WAITS } from "./run/model/waits.js";
import { runnableSteps } from "./run/pipelines/shape.logic.js";
import { gatesByName, type Gate } from "./steps/gate/gate.js";

/** One registration that does not fit. */
export interface RegistryProblem {
  /** Stable code, e.g. `unknown-step-kind`. */
  readonly problem: string;
  /** The registration, e.g. `agent kind 'auditor'`. */
  readonly where: string;
  readonly what: string;
  readonly fix: string;
}

/** The registries of an engine as they are used, and the host's own share of them. */
export interface Registered {
  readonly registries: Registries;
  /** Built-in ones first; a later one replaces an earlier one of the same name, here and among the effects. */
  readonly gates: readonly Gate[];
  readonly effects: readonly CallEffect[];
  readonly pipelines: readonly Pipeline[];
  readonly added: Pick<OrchestrationOptions, "agentKinds" | "gates" | "stepKinds" | "effects">;
}

/**
 * Refuses registries whose cross-references do not resolve.
 *
 * @throws MillraceError `config_invalid` with every problem in its message and, as `RegistryProblem`s, in `details.problems`.
 */
export function checkRegistries(registered: Registered): void {
  const problems = registryProblems(registered);
  if (problems.length === 0) return;
  const lines = problems.map(({ where, what, fix }) => `- ${where}: ${what}; ${fix}`);
  throw new MillraceError("config_invalid", `what is registered does not fit together:\n${lines.join("\n")}`, {
    fix: "correct each registration as its line says",
    details: { problems: problems.map((problem) => ({ ...problem })) },
  });
}

/** Every registration that does not fit, in the order agent kinds, gates, step kinds, effects, pipelines; empty when all do. */
export function registryProblems(registered: Registered): readonly RegistryProblem[] {
  const { registries, gates } = registered;
  const { kinds, stepKinds } = registries;
  const effects = new Set(registered.effects.map(({ name }) => name));
  const found = [
    ...duplicates(registered),
    ...kinds.list().flatMap((kind) => agentKindProblems(kind, registries, effects)),
    ...[...gatesByName(gates).values()].flatMap((gate) => gateProblems(gate, registries)),
    ...stepKinds.list().flatMap((kind) => stepKindProblems(kind, effects)),
    ...panelProblems(stepKinds.list()),
  ];
  // A pipeline can only be judged by kinds that are known to fit.
  return found.length > 0 ? found : registered.pipelines.flatMap((pipeline) => pipelineProblems(pipeline, registries));
}

/** A host may replace what is built in; two registrations of its own, or two effects or agent kinds of different step kinds, are an accident. */
function duplicates({ added, registries }: Registered): readonly RegistryProblem[] {
  const replaced = new Set((added.effects ?? []).map(({ name }) => name));
  const brought = registries.stepKinds.list().flatMap(({ effects }) => effects);
  const own = new Set((added.agentKinds ?? []).map(({ id }) => id));
  const broughtKinds = registries.stepKinds.list().flatMap(({ agentKinds }) => agentKinds);
  return [
    ...repeated(
      "agent kind",
      (added.agentKinds ?? []).map(({ id }) => id),
    ),
    ...repeated(
      "agent kind",
      [...new Set(broughtKinds)].flatMap(({ id }) => (own.has(id) ? [] : [id])),
    ),
    ...repeated(
      "gate",
      (added.gates ?? []).map(({ name }) => name),
    ),
    ...repeated(
      "step kind",
      (added.stepKinds ?? []).map(({ name }) => name),
    ),
    ...repeated(
      "effect",
      (added.effects ?? []).map(({ name }) => name),
    ),
    ...repeated(
      "effect",
      [...new Set(brought)].flatMap(({ name }) => (replaced.has(name) ? [] : [name])),
    ),
  ];
}

function repeated(what: string, names: readonly string[]): readonly RegistryProblem[] {
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) => ({
    problem: "duplicate",
    where: `${what} '${name}'`,
    what: "is registered more than once",
    fix: "give each a name of its own",
  }));
}

function agentKindProblems(kind: AgentKind, registries: Registries, effects: ReadonlySet<string>): readonly RegistryProblem[] {
  const { kinds, stepKinds } = registries;
  const where = `agent kind '${kind.id}'`;
  const misnamed = nameProblems(where, kind.id);
  if (misnamed.length > 0) return misnamed;
  const problems: RegistryProblem[] = [];
  if (kind.rework !== null) problems.push(...helperProblems({ where, role: "rework", id: kind.rework }, registries));
  if (kind.ingest !== null && !effects.has(kind.ingest)) problems.push(unknownEffect(where, kind.ingest));
  for (const target of kind.companionOf) {
    if (kinds.get(target) !== null) continue;
    const fix = "name a registered agent kind in `companionOf`";
    problems.push({ problem: "unknown-companion-target", where, what: `grades '${target}', which is not registered`, fix });
  }
  const stepKind = stepKinds.list().find(({ name }) => name === kind.step);
  if (stepKind === undefined) {
    const known = stepKinds.list().map(({ name }) => name);
    const fix = `register it in composeOrchestration({ stepKinds }); known: ${known.join(", ")}`;
    return [...problems, { problem: "unknown-step-kind", where, what: `its step kind '${kind.step}' is not registered`, fix }];
  }
  const misfit = stepKind.misfit(kind);
  if (misfit !== null) return [...problems, { ...misfit, where }];
  const sent = stepKind.dispatches(stepDefinitionSchema.parse({ kind: kind.id }), kind);
  const others = sent.filter((id) => id !== kind.id && id !== kind.rework);
  return [...problems, ...others.flatMap((id) => helperProblems({ where, role: "helper", id }, registries))];
}

function helperProblems(
  { where, role, id }: { readonly where: string; readonly role: "helper" | "rework"; readonly id: string },
  { kinds }: Registries,
): readonly RegistryProblem[] {
  const sent = kinds.get(id);
  if (sent === null) {
    const fix = "register an agent kind of that id in composeOrchestration({ agentKinds })";
    return [{ problem: `unknown-${role}`, where, what: `its ${role} '${id}' is not registered`, fix }];
  }
  return sent.helper
    ? []
    : [
        {
          problem: "not-a-helper",
          where,
          what: `its ${role} '${id}' is a step of its own, not a helper`,
          fix: "set `helper` on that kind",
        },
      ];
}

/** Two registrations make one gate: itself, and the agent kind that puts it into a pipeline. */
function gateProblems({ name }: Gate, { kinds }: Registries): readonly RegistryProblem[] {
  const where = `gate '${name}'`;
  if (kinds.get(name) !== null) return [];
  const fix = "register an agent kind of its name whose step is 'gate' in composeOrchestration({ agentKinds })";
  return [{ problem: "gate-without-kind", where, what: "no agent kind puts it into a pipeline", fix }];
}

function stepKindProblems(kind: DefinedStepKind, effects: ReadonlySet<string>): readonly RegistryProblem[] {
  const where = `step kind '${kind.name}'`;
  const problems = [...nameProblems(where, kind.name)];
  for (const name of kind.calls) if (!effects.has(name)) problems.push(unknownEffect(where, name));
  for (const [on, { notification, answers }] of Object.entries(kind.waits)) {
    if (ENGINE_WAITS[on] !== undefined)
      problems.push({ problem: "reserved-wait", where, what: `declares '${on}', a wait of the engine's own`, fix: "rename it" });
    if (!waitNameSchema.safeParse(on).success)
      problems.push({
        problem: "invalid-wait",
        where,
        what: `'${on}' is no name of a wait`,
        fix: "name it in kebab-case, at most 40 characters",
      });
    if (answers.length === 0)
      problems.push({ problem: "unanswerable-wait", where, what: `'${on}' accepts no answer`, fix: "declare the answers it accepts" });
    problems.push(...notificationProblems(where, notification));
  }
  for (const type of Object.values(kind.endNotifications)) problems.push(...notificationProblems(where, type));
  return problems;
}

function panelProblems(stepKinds: readonly DefinedStepKind[]): readonly RegistryProblem[] {
  const panels = stepKinds.filter(({ isPanel }) => isPanel).map(({ name }) => name);
  if (panels.length === 1) return [];
  const where = panels.length === 0 ? "step kinds" : `step kinds ${panels.map((name) => `'${name}'`).join(", ")}`;
  const what = panels.length === 0 ? "none of them runs steps that are answered by a panel" : "more than one runs panels";
  return [{ problem: "not-one-panel", where, what, fix: "let exactly one step kind have `isPanel`" }];
}

/** Every workspace starts with these pipelines: each must be able to run with the kinds that are registered. */
function pipelineProblems(pipeline: Pipeline, registries: Registries): readonly RegistryProblem[] {
  try {
    runnableSteps(pipeline, registries);
    return [];
  } catch (error) {
    if (!isMillraceError(error, "pipeline_invalid")) throw error;
    const fix = error.fix ?? "register the kinds it needs";
    return [{ problem: "pipeline-cannot-run", where: `built-in pipeline '${pipeline.id}'`, what: error.message, fix }];
  }
}

/** Runs and effect keys hold these names: one of another form could be registered and never stored. */
function nameProblems(where: string, name: string): readonly RegistryProblem[] {
  if (agentKindSchema.safeParse(name).success) return [];
  return [{ problem: "invalid-name", where, what: "its name is not kebab-case, or longer than 60 characters", fix: "rename it" }];
}

function notificationProblems(where: string, type: string): readonly RegistryProblem[] {
  if (notificationTypeSchema.safeParse(type).success) return [];
  const fix = "name it in snake_case, at most 60 characters";
  return [{ problem: "invalid-notification", where, what: `'${type}' is no type of a notification`, fix }];
}

function unknownEffect(where: string, name: string): RegistryProblem {
  const fix = "register it in composeOrchestration({ effects }), or in `effects` of a step kind";
  return { problem: "unknown-effect", where, what: `calls the effect '${name}', which is not registered`, fix };
}
