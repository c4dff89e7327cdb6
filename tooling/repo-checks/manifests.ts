/** sherif: the package.json files agree with each other. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { conclude, root, run } from "./lib.ts";

const sherif = run("sherif", []);
process.stdout.write(sherif.output);
conclude("manifests", packagesSeen(), "packages", sherif.code === 0 ? [] : ["sherif found problems (above)"]);

/** It counts packages only when it finds an issue: here in a copy of the manifests with a workspace path that matches nothing. */
function packagesSeen(): number {
  const copy = mkdtempSync(path.join(tmpdir(), "millrace-manifests-"));
  try {
    const listed = run("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--", "package.json", "*/package.json"]);
    for (const file of listed.output.trim().split("\n")) cpSync(path.join(root, file), path.join(copy, file));
    const workspace = readFileSync(path.join(root, "pnpm-workspace.yaml"), "utf8");
    writeFileSync(path.join(copy, "pnpm-workspace.yaml"), workspace.replace("packages:\n", "packages:\n  - matches-nothing/*\n"));
    return Number(/across (\d+) packages/.exec(run("sherif", [], { cwd: copy }).output)?.[1] ?? 0);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
