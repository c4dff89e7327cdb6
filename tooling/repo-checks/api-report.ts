/** Normalises and reads a report of api-extractor, for `pnpm api`. */

/** The compiler writes the members of an inferred enum in an order that changes from build to build; here they are sorted. */
export function inOrder(report: string): string {
  const member = /^\s*"?[\w-]+"?: "[^"]*";$/;
  const sorted: string[] = [];
  let run: string[] = [];
  for (const line of report.split("\n")) {
    if (member.test(line)) {
      run.push(line);
      continue;
    }
    sorted.push(...run.toSorted(), line);
    run = [];
  }
  return [...sorted, ...run.toSorted()].join("\n");
}

interface Exports {
  readonly count: number;
  /** Names of those without a docstring. Members are not counted. */
  readonly undocumented: readonly string[];
}

/** Every export of a report, with its docstring or without. */
export function exportsOf(report: string): Exports {
  const lines = report.split("\n");
  let count = 0;
  const undocumented: string[] = [];
  for (const [index, line] of lines.entries()) {
    const name = /^export (?:declare |abstract )*(?:const|class|enum|function|interface|let|type|namespace) (\w+)/.exec(line)?.[1];
    if (name === undefined) continue;
    count += 1;
    if (marksAbove(lines, index).some((mark) => mark.endsWith("(undocumented)"))) undocumented.push(name);
  }
  return { count, undocumented };
}

/** The comment lines right above a declaration. */
function marksAbove(lines: readonly string[], index: number): readonly string[] {
  const start = lines.findLastIndex((line, at) => at < index && !line.startsWith("//"));
  return lines.slice(start + 1, index);
}
