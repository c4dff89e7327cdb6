import { expect, it } from "vitest";
import { testCommands } from "./commands.fixture.js";
import { scratchRepository } from "./scratch-repository.js";
import { workGit } from "./work-git.js";

const commands = testCommands({ contains: false });
const fails = { text: "exit 3", args: [] };

it.runIf(process.platform === "linux")("F:C7 a failure on a full disk is not the agent's", async () => {
  // A file system that says that it has no room.
  await expect(workGit(commands, "/proc")(fails)).rejects.toMatchObject({ code: "folder_unwritable", details: { errno: "ENOSPC" } });
});

it("a failure where there is room is that of what the agent left there", async () => {
  await using scratch = await scratchRepository();
  await expect(workGit(commands, scratch.root)(fails)).rejects.toMatchObject({ code: "repository_invalid", details: { exitCode: 3 } });
});
