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
  },
});
