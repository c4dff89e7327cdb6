import { describeForgeConformance } from "@millrace/testing/vitest";
import { createGitHubHarness } from "../github/harness.fixture.js";

const NO_NAMES = "GitHub tells that a pull request conflicts, never in which files";

describeForgeConformance("github", {
  createHarness: ({ checks }) => createGitHubHarness({ checks }),
  skips: {
    "read: a base that changed the same lines conflicts, with the file's name": NO_NAMES,
    "read: a file deleted here and changed there conflicts": NO_NAMES,
    "update: a conflict changes nothing and names the files": NO_NAMES,
  },
});
