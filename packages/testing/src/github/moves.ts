/**
 * Effects of moved refs: heads of open pull requests follow, webhook events are emitted, and a pull request whose head its base
 * contains counts as merged, even when the base was pushed by hand.
 */
import { fullName, type PullRecord, type RepositoryRecord } from "./records.js";

export interface Outcome {
  /** Emits a webhook event. */
  emit(
    event: string,
    action: string | null,
    record: RepositoryRecord,
    pull: PullRecord | null,
    more: Readonly<Record<string, string>>,
  ): void;
  now(): number;
}

type Refs = ReadonlyMap<string, string>;
const HEADS = "refs/heads/";

/** Compares the refs before a push with the current ones, and applies the effects. */
export async function noticeMoves(record: RepositoryRecord, before: Refs, outcome: Outcome): Promise<void> {
  const after = await record.git.refs();
  for (const ref of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(ref) ?? null, after.get(ref) ?? null];
    if (was === is) continue;
    const branch = ref.slice(HEADS.length);
    outcome.emit("push", null, record, null, { ref, before: was ?? "0".repeat(40), after: is ?? "0".repeat(40) });
    if (is === null) continue;
    record.ci?.(is);
    for (const pull of record.pulls.filter((one) => isOpenOf(record, one, branch))) {
      const show = async (): Promise<void> => {
        pull.head = is;
        // A push removes the pull request from the merge queue.
        if (pull.queue.since !== null) {
          pull.queue.since = null;
          pull.queue.past.push({ is: "removed", at: outcome.now(), reason: "GIT_TREE_INVALID" });
        }
        pull.baseAtPush = after.get(`${HEADS}${pull.base}`) ?? pull.baseAtPush;
        outcome.emit("pull_request", "synchronize", record, pull, {});
      };
      if (record.showAfter === 0) await show();
      else record.background.push({ readsLeft: record.showAfter, work: show });
    }
    await noticeLandings(record, branch, was, is, outcome);
  }
}

function isOpenOf(record: RepositoryRecord, { state, branch: of, headRepository }: PullRecord, branch: string): boolean {
  return state === "open" && of === branch && headRepository === fullName(record);
}

async function noticeLandings(record: RepositoryRecord, base: string, was: string | null, is: string, outcome: Outcome): Promise<void> {
  if (was === null) return;
  for (const pull of record.pulls.filter((one) => one.state === "open" && one.base === base)) {
    if (!(await record.git.contains(is, pull.head)) || (await record.git.contains(was, pull.head))) continue;
    const commit = await landingCommit(record, pull.head, was, is);
    const work = async (): Promise<void> => land(record, pull, commit, outcome);
    if (record.noticeAfter === 0) await work();
    else record.background.push({ readsLeft: record.noticeAfter, work });
  }
}

/** The first commit of the base's first-parent history that contains the head. */
async function landingCommit(record: RepositoryRecord, head: string, was: string, is: string): Promise<string> {
  const line = (await record.git.git("rev-list", "--first-parent", "--reverse", `${was}..${is}`)).split("\n");
  for (const commit of line) if (await record.git.contains(commit, head)) return commit;
  return is;
}

/** Marks a pull request as merged. */
export function land(record: RepositoryRecord, pull: PullRecord, commit: string, outcome: Outcome): void {
  pull.state = "closed";
  pull.mergedAs = commit;
  pull.mergedAt = outcome.now();
  outcome.emit("pull_request", "closed", record, pull, {});
}
