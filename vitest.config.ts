import { defineConfig } from "vitest/config";
import { projects } from "./tooling/vitest/project.ts";

export default defineConfig({
  test: {
    projects: projects(),
    pool: "forks",
    maxWorkers: 2,
    // A forgotten `.only` must not turn a red suite green.
    allowOnly: false,
    passWithNoTests: false,
    // The counts of `.ci/run` are read from the file.
    reporters: process.env["CI"] === undefined ? ["default"] : ["default", "json"],
    outputFile: { json: ".artifacts/vitest.json" },
  },
});
