/**
 * `pnpm docstrings`: every public export has a docstring, by the recorded surfaces (`etc/*.api.md`; `pnpm api` holds those to the
 * sources). Prints the names of those without.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { exportsOf } from "./api-report.ts";
import { conclude, publishedPackages } from "./lib.ts";

const problems: string[] = [];
let looked = 0;
for (const { name, dir } of publishedPackages()) {
  const etc = path.join(dir, "etc");
  const reports = existsSync(etc) ? readdirSync(etc).filter((file) => file.endsWith(".api.md")) : [];
  const found = reports.map((file) => exportsOf(readFileSync(path.join(etc, file), "utf8")));
  const count = found.reduce((sum, one) => sum + one.count, 0);
  const bare = found.flatMap(({ undocumented }) => undocumented);
  looked += count;
  console.log(`${name}: ${bare.length} of ${count} exports without a docstring${bare.length > 0 ? `: ${bare.join(", ")}` : ""}`);
  if (bare.length > 0) problems.push(`${name}: ${bare.join(", ")}: no docstring`);
}
conclude("docstrings", looked, "exports", problems);
