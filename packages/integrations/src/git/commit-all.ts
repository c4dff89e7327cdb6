import { commitShaSchema, type CommitSha } from "@millrace/contracts";
import type { Checkout } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { authorEnvironment, trailersOf, type CommitStyle } from "./commit-style.js";
import type { WorkGit } from "./work-git.js";

/** Exit code of `git commit` when there is nothing to commit. */
const NOTHING_TO_COMMIT = 1;

/**
 * Commits every changed and untracked file on the checkout's branch. Null if there was nothing to commit.
 * @throws MillraceError `conflict` if HEAD is not on that branch.
 */
export async function commitAll(work: WorkGit, checkout: Checkout, message: string, style?: CommitStyle): Promise<CommitSha | null> {
  const at = await work.text(["symbolic-ref", "--quiet", "HEAD"], { accept: [0, 1] });
  if (at !== `refs/heads/${checkout.branch}`) {
    throw new MillraceError("conflict", `the clone '${checkout.path}' is on '${at}', not on '${checkout.branch}'`, {
      fix: "The agent left its branch; start the job again.",
    });
  }
  // Their owners are dead: every process of the agent has ended before its clone is used.
  await work.clearLocks();
  await work.git(["add", "--all", "--", "."]);
  const trailers = trailersOf(style);
  const { code } = await work.git(["commit", "--quiet", "--no-verify", "--cleanup=whitespace", "--allow-empty-message", "--file=-"], {
    input: trailers === "" ? message : `${message.trimEnd()}\n\n${trailers}`,
    env: authorEnvironment(style),
    accept: [0, NOTHING_TO_COMMIT],
  });
  if (code === NOTHING_TO_COMMIT) return null;
  const commit = commitShaSchema.safeParse(await work.text(["rev-parse", "HEAD"]));
  if (commit.success) return commit.data;
  throw new MillraceError("repository_invalid", `git names no commit of '${checkout.path}'`, { fix: "Start the job again." });
}
