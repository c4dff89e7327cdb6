import type { CommitSha, Digest } from "@millrace/contracts";
import { digestText } from "@millrace/kernel";
import { stableDiff } from "../git/diff-digest.logic.js";
import type { Git } from "../git/git.js";

/** Bytes of a diff that is still read. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Independent of what the repository configures. */
const FORMAT = ["--no-color", "--no-ext-diff", "--no-textconv", "--full-index", "--find-renames", "--unified=3", "--diff-algorithm=myers"];

/** Digest of what `head` changes since its merge base with `base`; null if the diff is larger than 16 MiB. */
export async function diffDigest(git: Git, { base, head }: { readonly base: CommitSha; readonly head: CommitSha }): Promise<Digest | null> {
  const { stdout, cut } = await git.run(["diff", ...FORMAT, "--src-prefix=a/", "--dst-prefix=b/", `${base}...${head}`, "--"], {
    cutAt: MAX_BYTES,
  });
  return cut ? null : digestText(stableDiff(stdout));
}
