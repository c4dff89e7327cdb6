import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { searchPath } from "../git/git.js";

/**
 * Removes a folder that an agent or a check wrote. Links in it are removed, never followed. Paths may be longer than the system takes at
 * once, and folders closed to their owner: Node.js gives up on both, `chmod` and `rm` do not.
 */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(async () => {
    const env = { PATH: searchPath() };
    await promisify(execFile)("chmod", ["-R", "u+rwX", "--", path], { env }).catch(() => undefined);
    await promisify(execFile)("rm", ["-rf", "--", path], { env });
  });
}
