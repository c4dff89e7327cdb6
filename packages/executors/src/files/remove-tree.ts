import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * Removes a folder that an agent wrote. Links in it are removed, never followed. Paths may be longer than the system takes at once, and
 * folders closed to their owner: Node.js gives up on both, `chmod` and `rm` do not.
 */
export async function removeTree(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(async () => {
    const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };
    await promisify(execFile)("chmod", ["-R", "u+rwX", "--", path], { env }).catch(() => undefined);
    await promisify(execFile)("rm", ["-rf", "--", path], { env });
  });
}
