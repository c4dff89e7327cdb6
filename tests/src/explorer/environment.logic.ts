/**
 * The world around one run, as small as it can be while every answer it may give is still possible.
 * It moves lazily: what other people did (pushed, closed, merged, changed settings) is chosen at the moment somebody looks.
 * Forge and executor keep their contracts: a key starts one job, a merge that happened is found again.
 */
import type { Check, PullRequestRef, WorkObservation } from "@millrace/contracts";
import type { Command, EffectResult } from "@millrace/orchestration";
import { cleanWork } from "@millrace/testing/internal/clean-work";
import { NOW } from "./engine.logic.js";

export interface Environment {
  readonly head: string;
  readonly base: string;
  readonly pullRequest: "none" | "open" | "closed" | "merged";
  readonly mergedAs: string | null;
  readonly behind: boolean;
  readonly conflicted: boolean;
  /** Keys of the jobs that run. */
  readonly jobs: readonly string[];
  /** What the last look at CI proved green. The invariants trust this, not the verdict in the run. */
  readonly proven: { readonly head: string; readonly base: string; readonly settings: number } | null;
  readonly settings: number;
  /** The budget is used up: no call that costs may start. */
  readonly spent: boolean;
  /** Commits made so far: a source of fresh ids. */
  readonly commits: number;
  /** Whether the run has a wake-up, and which notifications are open, as its commits said. */
  readonly wake: boolean;
  readonly notifications: readonly string[];
  /** Keys of the effects asked for so far, oldest first. */
  readonly keys: readonly string[];
}

/** Something the driver's hand did, and what it brings back. `command` null: the process died before the commit. */
export interface Happening {
  readonly label: string;
  readonly environment: Environment;
  readonly command: Command | null;
  /** It takes time that the world sets: a driver that does nothing else is not looping. */
  readonly isPatient?: true;
}

/** Which kinds of trouble a world makes. Everything but the budget is on by default. */
export interface FaultSet {
  /** Jobs get lost; effects and polls fail, for passing and for final reasons; jobs outlive their patience. */
  readonly failures: boolean;
  /** Others push, and move the base, with or without a conflict. */
  readonly moves: boolean;
  /** Others close or merge the pull request or change the settings of the checks. */
  readonly outsiders: boolean;
  /** The budget runs out, and is raised. */
  readonly budget: boolean;
}

export const DRIVER = { type: "system", id: "millrace" } as const;
export const PULL_REQUEST: PullRequestRef = { id: "pr", number: 1, url: "memory://pr/1", branch: "work", base: "main" };

export function newEnvironment(): Environment {
  return {
    head: sha(1),
    base: sha(2),
    pullRequest: "none",
    mergedAs: null,
    behind: false,
    conflicted: false,
    jobs: [],
    proven: null,
    settings: 0,
    spent: false,
    commits: 2,
    wake: false,
    notifications: [],
    keys: [],
  };
}

function sha(number: number): string {
  return number.toString(16).padStart(40, "0");
}

/** A commit nobody has seen before. */
export function withCommit(environment: Environment, as: "head" | "base" | "mergedAs"): Environment {
  return { ...environment, commits: environment.commits + 1, [as]: sha(environment.commits + 1) };
}

export function returned(key: string, result: EffectResult, at = NOW): Command {
  return { command: "returned", at, actor: DRIVER, key, result };
}

export function failed(key: string, passing: boolean): Command {
  return {
    command: "failed",
    at: NOW,
    actor: DRIVER,
    key,
    code: passing ? "unavailable" : "forbidden",
    message: "it did not answer",
    passing,
  };
}

/** A passing and a final failure of an effect that did nothing. */
export function failures(environment: Environment, key: string, faults: FaultSet): Happening[] {
  if (!faults.failures) return [];
  return [
    { label: "fails, passing", environment, command: failed(key, true) },
    { label: "fails, final", environment, command: failed(key, false) },
  ];
}

/** The moments between two looks: what others may have done meanwhile. The first is "nothing". */
export function meanwhile(environment: Environment, faults: FaultSet): readonly (readonly [label: string, environment: Environment])[] {
  const moments: [string, Environment][] = [["", environment]];
  if (environment.pullRequest !== "open") return moments;
  if (faults.moves) {
    moments.push([" after a foreign push", withCommit(environment, "head")]);
    moments.push([" after the base moved", { ...withCommit(environment, "base"), behind: true }]);
    moments.push([" after a conflict came up", { ...withCommit(environment, "base"), behind: true, conflicted: true }]);
  }
  if (faults.outsiders) {
    moments.push([" after it was closed", { ...environment, pullRequest: "closed" }]);
    moments.push([" after it was merged outside", { ...withCommit(environment, "mergedAs"), pullRequest: "merged" }]);
    if (environment.settings === 0) moments.push([" after the settings changed", { ...environment, settings: 1 }]);
  }
  return moments;
}

export function check(name: string, status: Check["status"], conclusion: Check["conclusion"]): Check {
  return { name, status, conclusion, url: null, completedAt: null, summary: null };
}

/** What the harness saw of a job: a commit when `headAfter` differs. */
export function observation(environment: Environment, headBefore: string): WorkObservation {
  const moved = environment.head !== headBefore;
  return {
    branch: "work",
    headBefore,
    headAfter: environment.head,
    commits: moved ? 1 : 0,
    treeChanged: moved,
    ...cleanWork(),
    remoteHead: environment.head,
    pullRequest: environment.pullRequest === "none" ? null : PULL_REQUEST,
    claims: { pullRequestUrl: null, commit: null },
  };
}
