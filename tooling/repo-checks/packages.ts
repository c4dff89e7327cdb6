/** What would be published: packs every package, then publint and @arethetypeswrong/cli look at the tarball, not at the folder. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { conclude, doorsOf, root, run, workspacePackages } from "./lib.ts";

const out = path.join(root, ".artifacts/packed");
rmSync(out, { recursive: true, force: true });
const problems: string[] = [];
let looked = 0;
for (const one of workspacePackages().filter(({ manifest }) => manifest.private !== true)) {
  const folder = path.join(out, one.name);
  mkdirSync(folder, { recursive: true });
  const packed = run("pnpm", ["pack", "--pack-destination", folder], { cwd: one.dir });
  const [tarball] = readdirSync(folder);
  if (packed.code !== 0 || tarball === undefined) {
    problems.push(`${one.name}: pnpm pack failed:\n${packed.output}`);
    continue;
  }
  const file = path.join(folder, tarball);
  const contents = run("tar", ["-tzf", file]).output.split("\n");
  const wanted = [...doorsOf(one).map(({ types }) => types), ...Object.values(one.manifest.bin ?? {})].map((target) =>
    path.posix.join("package", target),
  );
  for (const expected of ["package/LICENSE", ...wanted]) {
    if (!contents.includes(expected)) problems.push(`${one.name}: ${expected} is not in the tarball`);
  }
  if (contents.some((entry) => entry.startsWith("package/src/"))) problems.push(`${one.name}: the tarball contains src/`);
  if (wanted.length === 0) problems.push(`${one.name}: has neither a door nor a program`);
  const publint = run("publint", ["run", file, "--strict"]);
  if (publint.code !== 0) problems.push(`${one.name}: publint:\n${publint.output}`);
  if (doorsOf(one).length > 0) {
    const attw = run("attw", [file, "--profile", "esm-only", "--format", "ascii", "--no-emoji"]);
    if (attw.code !== 0) problems.push(`${one.name}: arethetypeswrong:\n${attw.output}`);
  }
  looked += 1;
}
conclude("packages", looked, "tarballs", problems);
