/** `tsc -b` with the native compiler over every package, sources and tests, then proof that every source file was in a program. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { conclude, root, run, sourceFiles, workspacePackages } from "./lib.ts";

const problems: string[] = [];
const tsc = run("node", ["node_modules/typescript-native/bin/tsc", "-b", "--pretty", "false"], { show: true });
if (tsc.code !== 0) problems.push("the compiler found errors (above)");

let looked = 0;
for (const { name, dir } of workspacePackages()) {
  const seen = new Set(["src", "test"].flatMap((part) => programOf(path.join(dir, `.tsbuild/${part}.tsbuildinfo`))));
  for (const file of sourceFiles(dir)) {
    if (seen.has(file)) looked += 1;
    else if (tsc.code === 0) problems.push(`${name}: ${path.relative(root, file)} was in no program`);
  }
}
const outside = new Set(programOf(path.join(root, ".tsbuild/tooling.tsbuildinfo")));
for (const file of ["tooling/repo-checks/types.ts", ...examplesAndBenchmarks()].map((relative) => path.join(root, relative))) {
  if (outside.has(file)) looked += 1;
  else if (tsc.code === 0) problems.push(`${path.relative(root, file)} was in no program`);
}
conclude("types", looked, "source files", problems);

function examplesAndBenchmarks(): string[] {
  return ["examples", "bench"]
    .filter((group) => existsSync(path.join(root, group)))
    .flatMap((group) => readdirSync(path.join(root, group), { recursive: true, encoding: "utf8" }).map((file) => path.join(group, file)))
    .filter((file) => file.endsWith(".ts") && !/(^|\/)(node_modules|dist)\//.test(file));
}

function programOf(info: string): string[] {
  if (!existsSync(info)) return [];
  const { fileNames = [] } = JSON.parse(readFileSync(info, "utf8")) as { fileNames?: string[] };
  return fileNames.map((file) => path.resolve(path.dirname(info), file));
}
