/** What the forge answers to a probe, an update of the branch and a merge. */
import type { Check, EffectRequest, Run } from "@millrace/contracts";
import type { MergeResult, PullRequestState, UpdateResult } from "@millrace/kernel";
import type { Command } from "@millrace/orchestration";
import type { FaultSet } from "@millrace/orchestration/samples";
import { NOW, PATIENCE } from "./engine.logic.js";
import {
  check,
  failures,
  meanwhile,
  returned,
  withCommit,
  withPush,
  worse,
  type Environment,
  type Happening,
  type Harm,
} from "./environment.logic.js";

type Request<Do extends EffectRequest["do"]> = Extract<EffectRequest, { do: Do }>;

type Refusal = Extract<MergeResult, { is: "refused" }>;

/** What a look at the checks finds. */
interface Observation {
  readonly label: string;
  readonly checks: readonly Check[];
  /** Checks of the base. Default: not read. */
  readonly baseChecks?: readonly Check[];
  readonly harm?: Harm;
  /** Whether a gate goes on waiting. Default: false. */
  readonly isOpen?: true;
}

/** What a look at the checks may find. There is one check, and it has the name of the gate that looks: a gate may wait for its own. */
function observations(gate: string, faults: FaultSet): readonly Observation[] {
  const red = [check(gate, "completed", "failure")];
  const withoutChange: readonly Observation[] = [
    { label: "red, on the base as well", checks: red, baseChecks: red, harm: "passing" },
    { label: "cannot run", checks: [check(gate, "completed", "action_required")], harm: "passing" },
  ];
  return [
    { label: "green", checks: [check(gate, "completed", "success")] },
    { label: "red", checks: red, harm: "fault" },
    { label: "pending", checks: [check(gate, "in_progress", null)], harm: "passing", isOpen: true },
    { label: "unknown", checks: [], harm: "passing", isOpen: true },
    ...(faults.hostFaults ? withoutChange : []),
  ];
}

const SEEN: Observation = { label: "seen", checks: [] };

export function probe(run: Run, environment: Environment, key: string, wanted: Request<"probe">, faults: FaultSet): Happening[] {
  return meanwhile(environment, faults).flatMap(({ label: moment, environment: now, harm }) => {
    const isJudged = now.pullRequest === "open" && (wanted.evenBehind === true || !now.behind) && !now.conflicted;
    const diff = wanted.diff === true && now.pullRequest === "open" ? now.change : null;
    const found = wanted.checks && isJudged ? observations(wanted.gate, faults) : [SEEN];
    const told = found.flatMap((observation): readonly Happening[] => {
      const { label, checks, baseChecks = [], isOpen = false } = observation;
      const proven = label === "green" ? { head: now.head, base: now.base, settings: now.settings } : null;
      const command = returned(key, { of: "probe", state: stateOf(now), checks, baseChecks, diff });
      const observed: Happening = {
        label: `${wanted.gate}: ${label}${moment}`,
        environment: wanted.gate === "ci" ? { ...now, proven } : now,
        command,
        ...worse(harm, observation.harm),
      };
      return isOpen ? [observed, ...waitedFor(run, now.head, observed, command, faults)] : [observed];
    });
    if (!isJudged || wanted.gate === "merge") return told;
    const command = returned(key, { of: "probe", state: { ...stateOf(now), mergeability: "unknown" }, checks: [], diff });
    const unsure: Happening = {
      label: `${wanted.gate}: mergeability unknown${moment}`,
      environment: wanted.gate === "ci" ? { ...now, proven: null } : now,
      command,
      ...worse(harm, "passing"),
    };
    return [...told, unsure, ...waitedFor(run, now.head, unsure, command, faults)];
  });
}

const HOUR = 60 * 60_000;

/** The same observation when the patience is used up, or only seems to be. Patience is counted for each head; for a new one it has not begun. */
function waitedFor(run: Run, head: string, observed: Happening, command: Command, faults: FaultSet): readonly Happening[] {
  if (!isWatched(run, head)) return [];
  const overdue: Happening = {
    ...observed,
    label: `${observed.label}, for too long`,
    command: { ...command, at: NOW + PATIENCE.gateMs },
    harm: "fault",
  };
  if (!faults.hostFaults) return [overdue];
  return [
    overdue,
    { ...observed, label: `${observed.label}, after the host was away`, command: looked({ ...command, at: NOW + PATIENCE.gateMs }, 0) },
    { ...observed, label: `${observed.label}, after the clock stepped back`, command: looked({ ...command, at: NOW - HOUR }, 0) },
  ];
}

function looked(command: Command, lookedMs: number): Command {
  return command.command === "returned" ? { ...command, lookedMs } : command;
}

function isWatched(run: Run, head: string): boolean {
  const watching = run.steps[run.cursor]?.state["watching"];
  return typeof watching === "object" && watching !== null && "head" in watching && watching.head === head;
}

function stateOf(environment: Environment): PullRequestState {
  return {
    state: environment.pullRequest === "none" ? "closed" : environment.pullRequest,
    base: environment.into,
    headBranch: "work",
    headRepository: null,
    ownQueue: false,
    checkSettings: environment.settings === "forge changed" ? "forge-2" : "forge-1",
    head: environment.head,
    baseHead: environment.base,
    behind: environment.behind,
    mergeability: environment.conflicted ? "conflicted" : "clean",
    conflicts: [],
    mergedAs: environment.mergedAs,
    mergedBase: environment.mergedAs === null ? null : environment.base,
  };
}

export function update(environment: Environment, key: string, faults: FaultSet): Happening[] {
  const told = (label: string, after: Environment, result: UpdateResult): Happening => ({
    label,
    environment: after,
    command: returned(key, { of: "update-branch", result }),
  });
  if (!environment.behind) return [told("branch is current", environment, { is: "current", head: environment.head })];
  const after: Environment = { ...withCommit(environment, "head"), behind: false };
  const happenings: Happening[] = [
    told("branch updated", after, { is: "updated", head: after.head }),
    { label: "crash after the branch was updated", environment: after, command: null },
  ];
  if (!faults.moves) return happenings;
  return [
    ...happenings,
    { ...told("update conflicts", { ...environment, conflicted: true }, { is: "conflicted", files: [] }), harm: "fault" },
    { ...told("update finds a moved head", withPush(environment), { is: "head-moved" }), harm: "contention" },
  ];
}

export function merge(environment: Environment, key: string, wanted: Request<"merge">, faults: FaultSet): Happening[] {
  const landed = (after: Environment): Happening => ({
    label: "merged",
    environment: after,
    command: returned(key, {
      of: "merge",
      result: { is: "merged", commit: after.mergedAs ?? "", head: wanted.head, base: wanted.base },
    }),
  });
  if (environment.pullRequest === "merged") return [landed(environment), ...failures(environment, key, faults).slice(0, 1)];
  const refused = (because: Refusal["because"], after: Environment, harm?: Harm): Happening => ({
    label: `merge refused: ${because}`,
    environment: after,
    command: returned(key, { of: "merge", result: { is: "refused", because, message: because } }),
    ...worse(harm, undefined),
  });
  const happenings = [
    refused("checks", environment, "passing"),
    refused("not-allowed", environment, "fault"),
    ...failures(environment, key, faults),
  ];
  if (environment.into !== "main") return happenings;
  const moved: Environment = { ...withCommit(environment, "base"), behind: true };
  if (environment.head !== wanted.head) happenings.push(refused("head-moved", environment));
  else if (environment.conflicted) happenings.push(refused("conflicted", environment));
  else if (environment.base !== wanted.base || environment.behind) happenings.push(refused("base-moved", environment));
  else happenings.push(...lands(environment, key, landed, faults));
  if (faults.moves || faults.contention) happenings.push(refused("base-moved", moved, "contention"));
  if (faults.moves)
    happenings.push(
      refused("head-moved", withPush(environment), "passing"),
      refused("conflicted", { ...moved, conflicted: true }, "fault"),
    );
  if (faults.outsiders)
    happenings.push(
      refused("not-open", { ...environment, pullRequest: "closed" }, "fault"),
      refused("not-allowed", { ...environment, into: "release" }, "fault"),
    );
  return happenings;
}

function lands(environment: Environment, key: string, landed: (after: Environment) => Happening, faults: FaultSet): Happening[] {
  const after: Environment = { ...withCommit(environment, "mergedAs"), pullRequest: "merged" };
  const happenings = [landed(after), { label: "crash after the merge", environment: after, command: null }];
  return [
    ...happenings,
    ...failures(after, key, faults)
      .filter(({ harm }) => harm !== "fault")
      .map((failure) => ({ ...failure, label: "merged, the reply is lost" })),
  ];
}
