import { blueprintSchema, estimateAnswerSchema, specificationSchema, type Blueprint, type Specification } from "@millrace/contracts";

/** A specification as people and its companion read it; null when it is none. */
export function renderSpecification(value: unknown): string | null {
  const parsed = specificationSchema.safeParse(value);
  return parsed.success ? specification(parsed.data) : null;
}

/** A service map as people read it; null when it is none. */
export function renderBlueprint(value: unknown): string | null {
  const parsed = blueprintSchema.safeParse(value);
  return parsed.success ? blueprint(parsed.data) : null;
}

/** An estimate in one line, with its rationale; null when it is none. */
export function renderEstimate(value: unknown): string | null {
  const parsed = estimateAnswerSchema.safeParse(value);
  if (!parsed.success) return null;
  const { complexity, risk, impact, rationale } = parsed.data;
  const percent = (axis: number): string => `${Math.round(clampUnit(axis) * 100)} %`;
  return `complexity ${percent(complexity)}, risk ${percent(risk)}, impact ${percent(impact)}${rationale === "" ? "" : `: ${rationale}`}`;
}

/** Into 0..1. */
export function clampUnit(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function specification({ service, summary, groups, rules }: Specification): string {
  return [
    `# ${service}`,
    summary,
    ...groups.flatMap((group) => [`## ${group.name}`, group.summary, ...group.requirements.flatMap(requirement)]),
    ...(rules.length === 0 ? [] : ["## Domain rules"]),
    ...rules.map(({ id, rule, rationale }) => `- **${id}** ${rule}${rationale === "" ? "" : ` (${rationale})`}`),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function requirement(one: Specification["groups"][number]["requirements"][number]): string[] {
  const scenarios = one.acceptance.map(({ id, given, when, outcome }) => `- ${id}: given ${given}, when ${when}, then ${outcome}`);
  return [`### ${one.title} (${one.id}, ${one.kind}, ${one.priority})`, one.statement, scenarios.join("\n")];
}

function blueprint({ name, type, summary, references, modules }: Blueprint): string {
  return [
    `# ${name} (${type})`,
    summary,
    ...(references.length === 0 ? [] : [`Entry points: ${references.join(", ")}`]),
    ...modules.flatMap((module) => [`## ${module.name}`, module.summary, module.references.map((path) => `- ${path}`).join("\n")]),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
