import type { PartialStrykerOptions } from "@stryker-mutator/api/core";

const SOURCE = "packages/orchestration/src";
/** The pure part of the engine; the shell around it (turn, commands, driver) is held by the crash and conformance suites. */
export const DECIDER: readonly string[] = [
  `${SOURCE}/run/{model,decide,read}/**/*.ts`,
  `${SOURCE}/run/{rules,pipelines}/**/*.logic.ts`,
  `${SOURCE}/steps/**/*.ts`,
  `!${SOURCE}/steps/**/*.effect.ts`,
  `!${SOURCE}/steps/**/{samples,sample-parts,step-samples}.ts`,
];

interface Choice {
  /** Includes mutants that act while a module loads. */
  readonly static: boolean;
  /** Forgets what earlier runs found; they only see changes of the decider and of its tests. */
  readonly fresh: boolean;
}

export function strykerOptions(files: readonly string[], choice: Choice): PartialStrykerOptions {
  return {
    mutate: [...files, "!**/*.test.ts", "!**/*.fixture.ts"],
    testRunner: "one-process",
    coverageAnalysis: "perTest",
    plugins: ["./tooling/mutation/test-runner.ts", "./tooling/mutation/message-text.ts"],
    ignorers: ["message-text"],
    // A mutant lives in a copy; links to node_modules make it cheap.
    ignorePatterns: ["/*", "!/docs", "!/packages", "!/tests", "!/tooling", "!/package.json", "dist", ".tsbuild", ".turbo"],
    disableTypeChecks: false,
    tempDirName: ".artifacts/stryker",
    cleanTempDir: "always",
    incremental: true,
    // Results of static mutants are kept apart: a run without them would count them as its own.
    incrementalFile: `.artifacts/mutation-${choice.static ? "static" : "incremental"}.json`,
    force: choice.fresh,
    concurrency: 2,
    // Endless loops are counted, not timed; this is for a busy machine, where a slow mutant must not pass for a noticed one.
    timeoutMS: 60_000,
    ignoreStatic: !choice.static,
    reporters: ["progress-append-only", "json"],
    jsonReporter: { fileName: ".artifacts/mutation.json" },
    allowConsoleColors: false,
    thresholds: { high: 95, low: 90, break: null },
  };
}
