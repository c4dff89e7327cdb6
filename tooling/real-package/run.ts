/**
 * A published package, put under git as it is, taken through `millrace init`, `task add` and `run` with its own test command as CI.
 * The work is done by the sample agent; everything else is real. Needs the package registry.
 *
 *   node tooling/real-package/run.ts
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGE = "semver-compare@1.0.0";
const ROOT = join(import.meta.dirname, "../..");
const MILLRACE = join(ROOT, "apps/cli/dist/main.js");
/** The package's own `npm test`, in a checkout that has nothing installed yet. */
const CHECK = "npm install --no-audit --no-fund --ignore-scripts --silent && npm test";

const script = {
  turns: [
    {
      kind: "coder",
      plan: ["ignore a leading v", "cover it with a test"],
      actions: [
        { replace: { path: "index.js", find: "a.split('.')", with: "a.replace(/^v/, '').split('.')" } },
        { replace: { path: "index.js", find: "b.split('.')", with: "b.replace(/^v/, '').split('.')" } },
        {
          write: {
            path: "test/leading-v.js",
            text: "var cmp = require('../');\nvar test = require('tape');\n\ntest('ignores a leading v', function (t) {\n    t.equal(cmp('v1.2.3', '1.2.3'), 0);\n    t.equal(cmp('v1.10.0', 'v1.9.0'), 1);\n    t.end();\n});\n",
          },
        },
      ],
      say: "A leading v is ignored on both sides, with a test.",
    },
    {
      kind: "merger",
      actions: [],
      say: JSON.stringify({
        complexity: 0.1,
        risk: 0.2,
        impact: 0.2,
        rationale: "Two replacements and a test; versions without a v compare as before.",
      }),
    },
  ],
};

function run(cwd: string, command: string, ...args: readonly string[]): void {
  console.log(`\n$ ${command === process.execPath ? "millrace" : command} ${args.filter((arg) => arg !== MILLRACE).join(" ")}`);
  const { status } = spawnSync(command, [...args], { cwd, stdio: "inherit", timeout: 300_000 });
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
}

const folder = mkdtempSync(join(tmpdir(), "millrace-package-"));
try {
  const source = join(folder, "package");
  execFileSync("npm", ["pack", PACKAGE, "--silent"], { cwd: folder });
  execFileSync("tar", ["xzf", `${PACKAGE.replace("@", "-")}.tgz`], { cwd: folder });
  writeFileSync(join(source, ".gitignore"), "node_modules\npackage-lock.json\n");
  // Checks run without the user's own settings: what the package needs of a registry stands in the repository, as teams keep it.
  writeFileSync(join(source, ".npmrc"), `registry=${execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" })}`);
  for (const args of [
    ["init", "-q", "-b", "main"],
    ["add", "-A"],
    ["-c", "user.name=me", "-c", "user.email=me@example.invalid", "commit", "-qm", `${PACKAGE} as published`],
  ])
    execFileSync("git", args, { cwd: source });
  const scriptPath = join(folder, "sample-agent.json");
  writeFileSync(scriptPath, JSON.stringify(script));
  const millrace = (...args: readonly string[]): void => run(source, process.execPath, MILLRACE, ...args);

  millrace("init", "--check", CHECK, "--agent", `sample "${scriptPath}"`);
  millrace("task", "add", "Ignore a leading v", "--description", "cmp('v1.2.3', '1.2.3') is 0.", "--pipeline", "pl_minimal");
  millrace("run");
  millrace("show", "last");
  run(source, "git", "pull", "--quiet", "millrace", "main");
  run(source, "git", "log", "--oneline", "--graph");
  run(source, "sh", "-c", CHECK);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
