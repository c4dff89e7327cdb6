import { relative } from "node:path";
import type { MutantResult } from "@stryker-mutator/api/core";
import type { ExplainedMutant } from "./survivors.ts";

/** Longer code is cut, so that an explanation stays a line. */
const CODE_CHARS = 100;

/** One mutant as it is counted: `was` and `becomes` are code on one line, cut to 100 characters. */
export interface CountedMutant {
  readonly file: string;
  readonly line: number;
  readonly mutator: string;
  readonly was: string;
  readonly becomes: string;
  readonly status: MutantResult["status"];
  /** It changes what a module is made of when it loads, such as a table or a schema, not what a call does. */
  readonly isStatic: boolean;
}

export interface Summary {
  /** In the order of their names. */
  readonly files: readonly { readonly file: string; readonly detected: number; readonly judged: number }[];
  readonly detected: number;
  /** Mutants that could be judged: neither ignored on purpose nor broken before a test ran. */
  readonly judged: number;
  /** Of words for people. */
  readonly ignored: number;
  readonly skippedStatic: number;
  readonly broken: number;
  readonly undetected: readonly { readonly mutant: CountedMutant; readonly why: string | null }[];
  readonly stale: readonly ExplainedMutant[];
}

const DETECTED: ReadonlySet<CountedMutant["status"]> = new Set(["Killed", "Timeout"]);
const IGNORED: ReadonlySet<CountedMutant["status"]> = new Set(["Ignored"]);
const UNDETECTED: ReadonlySet<CountedMutant["status"]> = new Set(["Survived", "NoCoverage"]);

export function read(result: MutantResult, root: string, source: (file: string) => string): CountedMutant {
  const file = relative(root, result.fileName);
  const { start, end } = result.location;
  const lines = source(file)
    .split("\n")
    .slice(start.line - 1, end.line);
  const last = lines.length - 1;
  const code = lines.map((line, at) => line.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : undefined)).join("\n");
  return {
    file: file.replace("packages/orchestration/src/", ""),
    line: start.line,
    mutator: result.mutatorName,
    was: oneLine(code),
    becomes: oneLine(result.replacement),
    status: result.status,
    isStatic: result.static === true,
  };
}

function oneLine(code: string): string {
  return code.replaceAll(/\s+/g, " ").trim().slice(0, CODE_CHARS);
}

export function summarise(mutants: readonly CountedMutant[], explained: readonly ExplainedMutant[]): Summary {
  const names = [...new Set(mutants.map((mutant) => mutant.file))].toSorted();
  const count = (statuses: ReadonlySet<CountedMutant["status"]>, file?: string): number =>
    mutants.filter((mutant) => statuses.has(mutant.status) && (file ?? mutant.file) === mutant.file).length;
  const detected = count(DETECTED);
  const judged = detected + count(UNDETECTED);
  const ignored = count(IGNORED);
  const skippedStatic = mutants.filter(({ status, isStatic }) => IGNORED.has(status) && isStatic).length;
  const undetected = mutants
    .filter((mutant) => UNDETECTED.has(mutant.status))
    .toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.becomes.localeCompare(b.becomes));
  return {
    files: names
      .map((file) => ({ file, detected: count(DETECTED, file), judged: count(DETECTED, file) + count(UNDETECTED, file) }))
      .filter((one) => one.judged > 0),
    detected,
    judged,
    ignored: ignored - skippedStatic,
    skippedStatic,
    broken: mutants.length - judged - ignored,
    undetected: undetected.map((mutant) => ({ mutant, why: explained.find((one) => explains(one, mutant))?.why ?? null })),
    stale: explained.filter((one) => !undetected.some((mutant) => explains(one, mutant))),
  };
}

function explains(one: ExplainedMutant, mutant: CountedMutant): boolean {
  return one.file === mutant.file && one.was === mutant.was && one.becomes === mutant.becomes;
}

/** The page that is checked in: no date, no duration, so it changes only when a result does. */
export function markdown(summary: Summary): string {
  const percent = (detected: number, judged: number): string => `${((100 * detected) / judged).toFixed(1)} %`;
  const rows = summary.files.map(
    ({ file, detected, judged }) => `| \`${file}\` | ${judged} | ${judged - detected} | ${percent(detected, judged)} |`,
  );
  const survivors = summary.undetected.map(
    ({ mutant, why }) => `| \`${mutant.file}\` | ${code(mutant.was)} | ${code(mutant.becomes)} | ${why ?? "**not explained**"} |`,
  );
  return `# Mutation check of the decider

Written by \`pnpm mutation\` ([how it runs](../tooling/mutation/README.md)). Each mutant is one small change of the pure part of the engine;
it is noticed when a test fails. **${summary.detected} of ${summary.judged} mutants are noticed (${percent(summary.detected, summary.judged)})**; the ${summary.undetected.length} that
survive are listed with why. Left out on purpose are ${summary.ignored} that change only words for people, and ${summary.skippedStatic} static ones, which change a table or
a schema while a module loads; ${summary.broken} break before a test runs.

| file (\`packages/orchestration/src\`) | mutants | survived | score |
| --- | ---: | ---: | ---: |
${rows.join("\n")}

## Survivors

| file | code | becomes | why no test notices |
| --- | --- | --- | --- |
${[...new Set(survivors)].join("\n")}
`;
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|").replaceAll("`", "'")}\``;
}
