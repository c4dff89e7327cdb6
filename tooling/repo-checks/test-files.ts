/** Which files vitest runs: test files of a project, and what they import inside their package. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { projects } from "../vitest/project.ts";
import { sourceFiles } from "./lib.ts";

interface Project {
  readonly root: string;
  readonly include: readonly string[];
}

const known: readonly Project[] = projects().flatMap((project) =>
  typeof project === "object" && "root" in project && project.root !== undefined
    ? [{ root: project.root, include: project.test?.include ?? [] }]
    : [],
);
const reached = new Map<string, ReadonlySet<string>>();

/** Whether a vitest project runs this file (absolute path). */
export function isTestFile(file: string): boolean {
  return known.some(({ root, include }) => include.some((pattern) => path.matchesGlob(path.relative(root, file), pattern)));
}

/** Whether a test file of the same package imports it, directly or through others. */
export function isReached(file: string): boolean {
  const project = known.find(({ root }) => file.startsWith(root + path.sep));
  if (project === undefined) return false;
  const files = reached.get(project.root) ?? importedFrom(sourceFiles(project.root).filter(isTestFile));
  reached.set(project.root, files);
  return files.has(file);
}

function importedFrom(entries: readonly string[]): ReadonlySet<string> {
  const seen = new Set(entries);
  // A set is walked in the order of its entries, those that are added on the way included.
  for (const file of seen) {
    for (const { fileName } of ts.preProcessFile(readFileSync(file, "utf8"), true, true).importedFiles) {
      const target = path.resolve(path.dirname(file), fileName).replace(/\.js$/, ".ts");
      if (fileName.startsWith(".") && existsSync(target)) seen.add(target);
    }
  }
  return seen;
}
