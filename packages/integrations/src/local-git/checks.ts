import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Check, CommitSha, RepositoryRef } from "@millrace/contracts";
import type { Clock, CommandRunner, PullRequestLedger, StoredCheck } from "@millrace/kernel";
import { digestJson, hasPassed } from "@millrace/kernel";
import type { CheckClaim } from "./check-claims.js";
import { claimCheck } from "./check-claims.js";
import type { LocalGitCheck, OpenRepository } from "./local-repository.js";
import { runCheck, summaryOf } from "./run-check.js";
import { createSemaphore } from "./semaphore.js";

export interface LocalChecksOptions {
  readonly ledger: PullRequestLedger;
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly checksRoot: string;
  readonly concurrency: number;
  /** Called after the outcome of a check was recorded. */
  readonly onCompleted: (repository: RepositoryRef, head: CommitSha) => void;
}

/** Checks of commits. Disposing it stops the running commands; the next `read` runs their unfinished checks again. */
export interface LocalChecks extends AsyncDisposable {
  /** The checks of a commit as they are now. Starts those that are neither finished nor running. */
  read(repository: OpenRepository, head: CommitSha): Promise<readonly Check[]>;
}

interface CheckTask {
  /** Digest of repository, commit, name and settings. */
  readonly key: string;
  readonly repository: OpenRepository;
  readonly check: LocalGitCheck;
  /** The check as it is stored before it runs. */
  readonly queued: StoredCheck;
}

interface RunningCheck {
  /** Resolves when the check is in the ledger. */
  readonly registered: Promise<void>;
  readonly ended: Promise<void>;
}

/**
 * Runs the checks of commits. Owns: the commands and their records in the ledger. Calls across the seam:
 * `CommandRunner.run`, `PullRequestLedger.checks` and `putCheck`, `onCompleted`.
 *
 * 1. At most one command runs per (repository, commit, name, settings): in this process by `running`, between processes
 *    by the claim in `checksRoot`.
 * 2. A finished check never runs again, unless it could not run: that is told once, and the next read tries again. A check
 *    recorded as running whose process is dead runs again.
 * 3. A finished check is in the ledger before `onCompleted` is called.
 */
export function createLocalChecks(options: LocalChecksOptions): LocalChecks {
  const running = new Map<string, RunningCheck>();
  const semaphore = createSemaphore(options.concurrency);
  const stop = new AbortController();
  const blocked = createBlockedChecks(options.clock);

  const start = (task: CheckTask): RunningCheck => {
    const registered = Promise.withResolvers<void>();
    const ended = perform(options, task, { signal: stop.signal, acquire: semaphore.acquire, onRegistered: registered.resolve })
      .then((conclusion) => (conclusion === "action_required" ? blocked.add(task.key) : undefined))
      .finally(() => running.delete(task.key));
    // Callers of `read` get a failure through the race. Without a caller it must not be an unhandled rejection.
    const entry = { registered: Promise.race([registered.promise, ended]), ended };
    for (const promise of [entry.registered, ended]) promise.catch(() => undefined);
    running.set(task.key, entry);
    return entry;
  };

  return {
    async read(repository, head) {
      const found: Check[] = [];
      for (const check of repository.checks) {
        const task = await taskOf(repository, check, head);
        const stored = await storedOf(options.ledger, task.queued);
        const isFinal = stored?.status === "completed" && !(stored.conclusion === "action_required" && blocked.isStale(task.key, stored));
        if (!isFinal && !stop.signal.aborted) await (running.get(task.key) ?? start(task)).registered;
        found.push(publicPart(isFinal ? stored : ((await storedOf(options.ledger, task.queued)) ?? task.queued)));
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.allSettled([...running.values()].map((entry) => entry.ended));
    },
  };
}

/** Time in ms in which another process's word that a check could not run still holds. */
const BLOCKED_MS = 60_000;

/** Remembers which checks could not run, so that each is told once before it is tried again. */
function createBlockedChecks(clock: Clock): { add(key: string): void; isStale(key: string, stored: StoredCheck): boolean } {
  const untold = new Set<string>();
  const own = new Set<string>();
  return {
    add(key) {
      untold.add(key);
      own.add(key);
    },
    isStale: (key, { completedAt }) =>
      !untold.delete(key) && (own.has(key) || hasPassed((completedAt ?? 0) + BLOCKED_MS, clock.now(), BLOCKED_MS)),
  };
}

interface PerformOptions {
  readonly signal: AbortSignal;
  readonly acquire: (signal: AbortSignal) => Promise<Disposable | null>;
  readonly onRegistered: () => void;
}

/**
 * 1. claim; 2. record as queued; 3. acquire a permit; 4. record as running; 5. run; 6. record outcome; 7. notify. Resolves with the
 * recorded conclusion; null when nothing was recorded.
 */
async function perform(
  options: LocalChecksOptions,
  task: CheckTask,
  { signal, acquire, onRegistered }: PerformOptions,
): Promise<Check["conclusion"]> {
  const claim = await claimCheck(join(options.checksRoot, task.key));
  if (claim === null) return null;
  let conclusion: Check["conclusion"];
  try {
    // Another process may have finished the check between the first read and the claim.
    const known = await storedOf(options.ledger, task.queued);
    if (known?.status === "completed" && known.conclusion !== "action_required") return null;
    await options.ledger.putCheck(task.queued);
    onRegistered();
    using permit = await acquire(signal);
    if (permit === null) return null;
    conclusion = await runAndRecord(options, task, claim, signal);
    if (conclusion === null) return null;
  } finally {
    await claim.release();
  }
  notifyCompleted(options, task);
  return conclusion;
}

/** Null if the command was stopped by `signal`; then no outcome is recorded. */
async function runAndRecord(
  { ledger, commands, clock }: LocalChecksOptions,
  task: CheckTask,
  claim: CheckClaim,
  signal: AbortSignal,
): Promise<Check["conclusion"]> {
  await ledger.putCheck({ ...task.queued, status: "in_progress" });
  const { conclusion, output } = await runCheck(
    commands,
    { check: task.check, path: task.repository.path, head: task.queued.head, workspace: claim.workspace },
    signal,
  );
  // A stopped command says nothing about the commit.
  if (signal.aborted) return null;
  // PostgreSQL does not store NUL in text.
  const text = output.replaceAll("\0", "\uFFFD");
  await ledger.putCheck({
    ...task.queued,
    status: "completed",
    conclusion,
    completedAt: clock.now(),
    summary: summaryOf(text),
    output: text,
  });
  return conclusion;
}

function notifyCompleted({ onCompleted }: LocalChecksOptions, { repository, queued }: CheckTask): void {
  try {
    onCompleted(repository.ref, queued.head);
  } catch {
    // A failing listener does not undo the check: the outcome is recorded, and the next read finds it.
  }
}

async function taskOf(repository: OpenRepository, check: LocalGitCheck, head: CommitSha): Promise<CheckTask> {
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
    queued: {
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
