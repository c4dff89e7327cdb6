/** Tables of the pages for users, made from the registries. `user-pages.test.ts` holds the pages to them. */
import { pipelineStepSchema } from "@millrace/contracts";
import { knownAgents } from "@millrace/executors";
import { builtInGates, builtInPipelines, createRegistries } from "@millrace/orchestration";

/** A table of a page: its header, and the rows that it must have. Cells of `own` columns are written by hand. */
export interface GeneratedTable {
  readonly page: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Number of columns at the end that are prose. Default: none. */
  readonly own?: number;
}

const code = (text: string): string => `\`${text}\``;

export const generatedTables: readonly GeneratedTable[] = [
  {
    page: "docs/pipelines.md",
    header: ["pipeline", "name", "steps"],
    rows: builtInPipelines.map(({ id, name, steps }) => [
      code(id),
      name,
      steps.map(({ kind, approval }) => `${kind}${approval === null ? "" : " (asks)"}`).join(" → "),
    ]),
  },
  {
    page: "docs/pipelines.md",
    header: ["member of a step", "what it says"],
    rows: Object.keys(pipelineStepSchema.shape).map((member) => [code(member)]),
    own: 1,
  },
  {
    page: "docs/step-kinds.md",
    header: ["step", "run by", "what it is for", "it delivers"],
    rows: createRegistries()
      .kinds.list()
      .map(({ id, step, intent, contract }) => [code(id), code(step), intent, contract.delivers]),
  },
  {
    page: "docs/step-kinds.md",
    header: ["step kind", "what it does"],
    rows: createRegistries()
      .stepKinds.list()
      .map(({ name }) => [code(name)]),
    own: 1,
  },
  {
    page: "docs/gates.md",
    header: ["gate", "its helper", "reads checks", "repairs conflicts", "what is green"],
    rows: builtInGates.map(({ name, helper, readsChecks, ownsConflicts }) => [
      code(name),
      code(helper),
      readsChecks ? "yes" : "no",
      ownsConflicts ? "yes" : "no",
    ]),
    own: 1,
  },
  {
    page: "docs/executors.md",
    header: ["agent", "program", "install it with", "log in with"],
    rows: Object.values(knownAgents).map(({ name, argv, installHint, loginHint }) => [
      code(name),
      code(argv.join(" ")),
      code(installHint),
      loginHint.replaceAll("'", "`"),
    ]),
  },
];
