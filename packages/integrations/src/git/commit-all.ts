import { commitShaSchema, type CommitSha } from "@millrace/contracts";
import type { Checkout } from "@millrace/kernel";
import { MillraceError } from "@millrace/kernel";
import { authorEnvironment, trailersOf, type CommitStyle } from "./commit-style.js";
import type { WorkGit } from "./work-git.js";

/** Ends of the script, beside those of git: 0, 1 and from 128 on. */
const OFF_BRANCH = 10;
const NOTHING_TO_COMMIT = 11;

/**
 * The owners of lock files are dead: every process of the agent has ended before its clone is used. What cannot be removed is met again by
 * git, whose failure is the one that is told.
 */
const SCRIPT = `
at=$(git symbolic-ref --quiet HEAD) || at=detached
test "$at" = "$1" || { printf %s "$at"; exit ${String(OFF_BRANCH)}; }
find .git -name '*.lock' -not -path '.git/objects/*' -delete || true
git add --all -- .
git commit --quiet --no-verify --cleanup=whitespace --allow-empty-message --file=- >/dev/null || {
  code=$?
  test $code = 1 && exit ${String(NOTHING_TO_COMMIT)}
  exit $code
}
git rev-parse HEAD
`;

/**
 * Commits every changed and untracked file on the checkout's branch. Null if there was nothing to commit.
 * @throws MillraceError `conflict` if HEAD is not on that branch.
 */
export async function commitAll(work: WorkGit, checkout: Checkout, message: string, style?: CommitStyle): Promise<CommitSha | null> {
  const trailers = trailersOf(style);
  const { code, stdout } = await work({
    text: SCRIPT,
    args: [`refs/heads/${checkout.branch}`],
    input: trailers === "" ? message : `${message.trimEnd()}\n\n${trailers}`,
    env: authorEnvironment(style),
    accept: [0, OFF_BRANCH, NOTHING_TO_COMMIT],
  });
  if (code === NOTHING_TO_COMMIT) return null;
  const said = new TextDecoder().decode(stdout).trimEnd();
  if (code === OFF_BRANCH)
    throw new MillraceError("conflict", `the clone '${checkout.path}' is on '${said}', not on '${checkout.branch}'`, {
      fix: "The agent left its branch; start the job again.",
    });
  const commit = commitShaSchema.safeParse(said);
  if (commit.success) return commit.data;
  throw new MillraceError("repository_invalid", `git names no commit of '${checkout.path}'`, { fix: "Start the job again." });
}
