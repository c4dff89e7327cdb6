import { execFile } from "node:child_process";
import path from "node:path";
import { expect, it } from "vitest";
import { root } from "./lib.ts";

interface Report {
  readonly diagnostics: readonly { readonly code: string }[];
}

/** How often each rule refuses `fixtures/impure.ts`. */
const REFUSALS = {
  "eslint(id-denylist)": 1,
  "eslint(no-restricted-globals)": 6,
  "eslint(no-restricted-imports)": 1,
  "eslint(no-restricted-properties)": 2,
  "import(no-cycle)": 1,
  "typescript(no-explicit-any)": 1,
  "typescript(no-floating-promises)": 1,
  "typescript(no-restricted-types)": 1,
  "typescript(switch-exhaustiveness-check)": 1,
  "unicorn(prefer-node-protocol)": 1,
};

it("oxlint refuses what a pure package must not do, each time", async () => {
  const { diagnostics } = await lint("tooling/repo-checks/fixtures/impure.ts");
  const counts = Map.groupBy(diagnostics, ({ code }) => code);
  expect(Object.fromEntries([...counts].map(([code, found]) => [code, found.length]))).toEqual(REFUSALS);
});

function lint(file: string): Promise<Report> {
  const oxlint = path.join(root, "node_modules/.bin/oxlint");
  return new Promise((resolve, reject) => {
    // Findings end it with code 1: that is expected here, what it wrote says whether it worked.
    execFile(oxlint, ["--type-aware", "--format", "json", file], { cwd: root }, (_error, stdout, stderr) => {
      if (stdout.trim() === "") reject(new Error(`oxlint wrote no report: ${stderr}`));
      else resolve(JSON.parse(stdout) as Report);
    });
  });
}
