/** `tsc -b` with the native compiler over every package, sources and tests, then proof that every source file was in a program. */
import { existsSync, readFileSync } from "node:fs";
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
conclude("types", looked, "source files", problems);

function programOf(info: string): string[] {
  if (!existsSync(info)) return [];
  const { fileNames = [] } = JSON.parse(readFileSync(info, "utf8")) as { fileNames?: string[] };
  return fileNames.map((file) => path.resolve(path.dirname(info), file));
}
