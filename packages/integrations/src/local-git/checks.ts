import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Check, CommitSha, RepositoryRef } from "@millrace/contracts";
import type { Clock, CommandRunner, PullRequestLedger, StoredCheck } from "@millrace/kernel";
import { digestJson } from "@millrace/kernel";
import type { CheckClaim } from "./check-claims.js";
import { claimCheck } from "./check-claims.js";
import type { LocalGitCheck, OpenRepository } from "./local-repository.js";
import { createSlots } from "./semaphore.js";
import { runCheck, summaryOf } from "./run-check.js";

export interface LocalChecksOptions {
  readonly ledger: PullRequestLedger;
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly checksRoot: string;
  readonly concurrency: number;
  readonly onSettled: (repository: RepositoryRef, head: CommitSha) => void;
}

/** The checks of commits. Disposing it stops the running commands; their checks stay unfinished and are run again by whoever asks next. */
export interface LocalChecks extends AsyncDisposable {
  read(repository: OpenRepository, head: CommitSha): Promise<readonly Check[]>;
}

interface Task {
  readonly key: string;
  readonly repository: OpenRepository;
  readonly check: LocalGitCheck;
  /** How the check is stored until it is finished. */
  readonly blank: StoredCheck;
}

interface Running {
  /** The ledger knows the check. */
  readonly registered: Promise<void>;
  readonly ended: Promise<void>;
}

/**
 * Owns the commands that run as checks, and their records in the ledger. Calls across the seam: `CommandRunner.run`,
 * `PullRequestLedger.checks` and `putCheck`, `onSettled`.
 *
 * 1. One command at most runs per (repository, commit, name, settings): in this process by `running`, between processes by
 *    the claim in `checksRoot`.
 * 2. A finished check is never run again; one that is recorded as running, but by nobody alive, is.
 * 3. A finished check is in the ledger before anybody is told.
 */
export function createLocalChecks(options: LocalChecksOptions): LocalChecks {
  const running = new Map<string, Running>();
  const slots = createSlots(options.concurrency);
  const stop = new AbortController();

  const start = (task: Task): Running => {
    let tellRegistered: () => void = () => undefined;
    const announced = new Promise<void>((resolve) => {
      tellRegistered = resolve;
    });
    const ended = perform(options, task, { signal: stop.signal, slot: slots.take, registered: tellRegistered }).finally(() =>
      running.delete(task.key),
    );
    // A failure reaches whoever asked through the race; when they all went away it has nobody to tell.
    const entry = { registered: Promise.race([announced, ended]), ended };
    for (const promise of [entry.registered, ended]) promise.catch(() => undefined);
    running.set(task.key, entry);
    return entry;
  };

  return {
    async read(repository, head) {
      const found: Check[] = [];
      for (const check of repository.checks) {
        const task = await taskOf(repository, check, head);
        const stored = await storedOf(options.ledger, task.blank);
        if (stored?.status !== "completed" && !stop.signal.aborted) await (running.get(task.key) ?? start(task)).registered;
        found.push(publicPart(stored?.status === "completed" ? stored : ((await storedOf(options.ledger, task.blank)) ?? task.blank)));
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.allSettled([...running.values()].map((entry) => entry.ended));
    },
  };
}

interface Hooks {
  readonly signal: AbortSignal;
  readonly slot: (signal: AbortSignal) => Promise<Disposable | null>;
  readonly registered: () => void;
}

/** 1. claim; 2. record as queued; 3. a free slot; 4. record as running; 5. run; 6. record the outcome; 7. tell. */
async function perform(options: LocalChecksOptions, task: Task, hooks: Hooks): Promise<void> {
  const claim = await claimCheck(join(options.checksRoot, task.key));
  if (claim === null) return;
  try {
    // Between the first look and the claim another process may have finished it.
    if ((await storedOf(options.ledger, task.blank))?.status === "completed") return;
    await options.ledger.putCheck(task.blank);
    hooks.registered();
    using slot = await hooks.slot(hooks.signal);
    if (slot === null) return;
    if (!(await runAndRecord(options, task, claim, hooks.signal))) return;
  } finally {
    await claim.release();
  }
  tell(options, task);
}

async function runAndRecord(
  { ledger, commands, clock }: LocalChecksOptions,
  task: Task,
  claim: CheckClaim,
  signal: AbortSignal,
): Promise<boolean> {
  await ledger.putCheck({ ...task.blank, status: "in_progress" });
  const { conclusion, output } = await runCheck(
    commands,
    { check: task.check, path: task.repository.path, head: task.blank.head, workspace: claim.workspace },
    signal,
  );
  // A command that we stopped ourselves says nothing about the commit.
  if (signal.aborted) return false;
  // Not every database takes NUL in text.
  const text = output.replaceAll("\0", "\uFFFD");
  await ledger.putCheck({
    ...task.blank,
    status: "completed",
    conclusion,
    completedAt: clock.now(),
    summary: summaryOf(text),
    output: text,
  });
  return true;
}

function tell({ onSettled }: LocalChecksOptions, { repository, blank }: Task): void {
  try {
    onSettled(repository.ref, blank.head);
  } catch {
    // The listener's failure is its own; the outcome is recorded and the next look finds it.
  }
}

async function taskOf(repository: OpenRepository, check: LocalGitCheck, head: CommitSha): Promise<Task> {
  const settings = await digestJson({ argv: check.argv, timeoutMs: check.timeoutMs, env: check.env ?? {} });
  const id = repository.ref.id;
  const key = createHash("sha256")
    .update(JSON.stringify([id, head, check.name, settings]))
    .digest("hex")
    .slice(0, 32);
  const url = `local-git:${id}#checks/${head}/${check.name}`;
  return {
    key,
    repository,
    check,
    blank: {
      repository: id,
      head,
      name: check.name,
      settings,
      status: "queued",
      conclusion: null,
      url,
      completedAt: null,
      summary: null,
      output: "",
    },
  };
}

async function storedOf(ledger: PullRequestLedger, { repository, head, name, settings }: StoredCheck): Promise<StoredCheck | null> {
  return (await ledger.checks(repository, head, settings)).find((check) => check.name === name) ?? null;
}

function publicPart({ name, status, conclusion, url, completedAt, summary }: StoredCheck): Check {
  return { name, status, conclusion, url, completedAt, summary };
}
