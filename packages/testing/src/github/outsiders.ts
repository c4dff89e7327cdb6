import type { PullRequestRef } from "@millrace/contracts";
import type { Outsiders } from "../forge/outsiders.js";
import { dequeue, landQueued } from "./merge-queue.js";
import { land, noticeMoves, type Outcome } from "./moves.js";
import { fullName, newPull, type Protection, type PullRecord, type RepositoryRecord } from "./records.js";
import { nodeId } from "./shapes.js";

/** What the events of a repository are made of. */
export interface OutsidersParts {
  readonly outcome: Outcome;
  readonly pullOf: (number: number) => PullRecord;
}

/** The events of a repository of the stand-in. */
export function createOutsiders(record: RepositoryRecord, { outcome, pullOf }: OutsidersParts): Outsiders {
  const { git } = record;
  const tipOf = async (branch: string): Promise<string> => {
    const tip = await git.tip(branch);
    if (tip === null) throw new RangeError(`there is no branch '${branch}'`);
    return tip;
  };
  const open = async (branch: string, base: string, head: string, headRepository: string): Promise<PullRequestRef> => {
    const ends = { branch, base, head, baseAtPush: await tipOf(base), at: outcome.now(), headRepository };
    const pull = newPull(record, ends, { title: `Of ${branch}`, body: "" });
    record.pulls.push(pull);
    outcome.emit("pull_request", "opened", record, pull, {});
    const id = nodeId("PullRequest", `${String(record.id)}/${String(pull.number)}`);
    return { id, number: pull.number, url: `https://github.invalid/${fullName(record)}/pull/${String(pull.number)}`, branch, base };
  };
  const protect = (base: string, change: Protection): void =>
    void record.protections.set(base, { ...record.protections.get(base), ...change });
  const handMerge = async (pull: PullRecord, how: "merge" | "squash" | "fast-forward"): Promise<string> => {
    const [head, base] = [pull.head, await tipOf(pull.base)];
    if (how === "fast-forward") return head;
    const trial = await git.trialMerge(base, head);
    if (!trial.clean) throw new RangeError(`#${String(pull.number)} conflicts with its base`);
    return git.commitTree(trial.tree, how === "squash" ? [base] : [base, head], `Merge #${String(pull.number)} by hand`);
  };
  return {
    hide: async (what, times = 1) => void record.hidden.set(what, times),
    async delayMergeability(reads) {
      record.mergeableAfter = reads;
    },
    async retarget(number, base) {
      const pull = pullOf(number);
      pull.base = base;
      outcome.emit("pull_request", "edited", record, pull, {});
    },
    async renameBranch(from, to) {
      const tip = await tipOf(from);
      await git.setRef(to, tip, null);
      await git.git("update-ref", "-d", `refs/heads/${from}`);
      record.renamed.set(from, to);
      for (const pull of record.pulls) {
        if (pull.base === from) pull.base = to;
        if (pull.branch === from && pull.headRepository === fullName(record)) pull.branch = to;
      }
    },
    open: async (branch, base) => open(branch, base, await tipOf(branch), fullName(record)),
    openFromFork: (branch, base, head) => open(branch, base, head, `${record.owner}/${record.name}-fork`),
    async close(number) {
      pullOf(number).state = "closed";
    },
    async reopen(number) {
      const pull = pullOf(number);
      pull.state = "open";
      pull.head = (await git.tip(pull.branch)) ?? pull.head;
    },
    requireChecks: async (base, names) => protect(base, { required: names.map((name) => ({ name })) }),
    async mergeByHand(number, how) {
      const pull = pullOf(number);
      const base = await tipOf(pull.base);
      const commit = await handMerge(pull, how);
      const before = await git.refs();
      await git.setRef(pull.base, commit, base);
      land(record, pull, commit, outcome);
      await noticeMoves(record, before, outcome);
      return commit;
    },
    useQueue: async (base, isUsed) => protect(base, { mergeQueue: isUsed }),
    landQueued: (number) => landQueued(record, pullOf(number), outcome),
    dropQueued: async (number, reason) => void dequeue(record, pullOf(number), reason, outcome),
  };
}
