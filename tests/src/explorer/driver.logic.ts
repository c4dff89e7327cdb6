/** Every next step of a driver, with every answer of the environment. */
import type { AgentKind } from "@millrace/agents";
import type { Check, Effect, EffectRequest, MergeRecord, Participant, Run } from "@millrace/contracts";
import type { PullRequestState } from "@millrace/kernel";
import { isLive, type AnswerProduct, type Command, type RecordedOutcome } from "@millrace/orchestration";
import type { FaultSet } from "@millrace/orchestration/samples";
import { answer, called, NONE, products, spoken, type LabelledValues } from "./answers.logic.js";
import { NOW, PATIENCE, registries, type ExploredEngine } from "./engine.logic.js";
import {
  check,
  DRIVER,
  failed,
  failures,
  meanwhile,
  observation,
  PULL_REQUEST,
  returned,
  withCommit,
  withPush,
  type Happening,
  type Environment,
} from "./environment.logic.js";

export function driverSteps(
  run: Run,
  environment: Environment,
  engine: Pick<ExploredEngine, "due">,
  faults: FaultSet,
): readonly Happening[] {
  const next = engine.due(run);
  switch (next.is) {
    case "rest":
      return landings(run, environment, faults);
    case "held":
      if (next.until === null) return landings(run, environment, faults);
      return [
        ...landings(run, environment, faults),
        { label: "the pause is over", environment, command: { command: "release", at: NOW, actor: DRIVER }, isPatient: true },
      ];
    case "effect":
      return perform(run, environment, next.effect, faults);
    case "poll":
      return poll(environment, next.job.key, kindOf(next.job.kind), faults);
    case "stop":
      return stop(environment, next.job?.key ?? null, next.pullRequest !== null);
  }
}

/** A run at rest is woken, and finds that a person has merged its pull request. */
function landings(run: Run, environment: Environment, faults: FaultSet): readonly Happening[] {
  if (!faults.outsiders || environment.pullRequest !== "open" || run.pullRequest === null || !isLive(run)) return [];
  const merged: Environment = { ...withCommit(environment, "mergedAs"), pullRequest: "merged" };
  const command: Command = { command: "landed", at: NOW, actor: DRIVER, merged: mergeRecordOf(merged) };
  return [{ label: "a look finds it merged", environment: merged, command, isPatient: true }];
}

function kindOf(id: string): AgentKind {
  const kind = registries.kinds.get(id);
  if (kind === null) throw new TypeError(`no agent kind '${id}'`);
  return kind;
}

/** The exit of the job is observed, or the process dies between the observation and its commit. */
function stop(environment: Environment, key: string | null, merging: boolean): readonly Happening[] {
  const quiet = { ...environment, jobs: environment.jobs.filter((running) => running !== key) };
  const merged = merging && environment.pullRequest === "merged" ? mergeRecordOf(environment) : null;
  return [
    { label: "the exit is seen", environment: quiet, command: { command: "stopped", at: NOW, actor: DRIVER, merged } },
    { label: "crash after stopping the job", environment: quiet, command: null },
  ];
}

function perform(run: Run, environment: Environment, effect: Effect, faults: FaultSet): readonly Happening[] {
  const { key, request } = effect;
  switch (request.do) {
    case "ask-agent":
      return [
        ...ask(environment, key, kindOf(request.kind), request.participant?.answers ?? "kind"),
        ...outOfQuota(environment, key, faults),
        ...failures(environment, key, faults),
      ];
    case "start-job":
      return start(environment, key, faults);
    case "probe":
      return [...probe(run, environment, key, request, faults), ...failures(environment, key, faults)];
    case "update-branch":
      return [...update(environment, key, faults), ...failures(environment, key, faults)];
    case "merge":
      return merge(environment, key, request, faults);
    case "call":
      return [
        ...(request.name === TAKE_PLACE ? takePlace(environment, key) : called(environment, key, request.name)),
        ...failures(environment, key, faults),
      ];
  }
}

const TAKE_PLACE = "take-place";

/** The landing queue, which others stand in as well. */
function takePlace(environment: Environment, key: string): readonly Happening[] {
  const told = (label: string, place: Environment["place"], ahead: number | null): Happening => ({
    label,
    environment: { ...environment, place },
    command: returned(key, { of: "call", name: TAKE_PLACE, value: { ahead } }),
  });
  if (environment.place === "none") return [told("a place is taken", "in-line", null)];
  const first = told("it is first in line", "first", 0);
  return environment.place === "first" ? [first] : [first, { ...told("others are before it", "in-line", 2), isPatient: true }];
}

/** The provider's quota is exhausted: the run pauses in front of the call. */
function outOfQuota(environment: Environment, key: string, faults: FaultSet): readonly Happening[] {
  if (!faults.failures) return [];
  const hold = { because: "quota", until: NOW + 1, message: "used up" } as const;
  return [{ label: "out of quota", environment, command: { command: "hold", at: NOW, actor: DRIVER, key, hold }, isPatient: true }];
}

function mergeRecordOf(environment: Environment): MergeRecord {
  return {
    pullRequest: PULL_REQUEST,
    commit: environment.mergedAs ?? "",
    head: environment.head,
    base: environment.base,
    at: NOW,
    runId: "run",
  };
}

function ask(environment: Environment, key: string, kind: AgentKind, answers: Participant["answers"]): Happening[] {
  const answered = spoken(kind, answers).map(([label, product]) => ({
    label: `${kind.id} answers: ${label}`,
    environment,
    command: returned(key, { of: "ask-agent", answer: answer(kind.id, product) }),
  }));
  if (kind.answer !== null || kind.helper) return answered;
  const question = returned(key, { of: "ask-agent", answer: answer(kind.id, NONE, true) });
  return [...answered, { label: `${kind.id} asks a question`, environment, command: question }];
}

function start(environment: Environment, key: string, faults: FaultSet): Happening[] {
  const isRunning = environment.jobs.includes(key);
  const running = isRunning ? environment : { ...environment, jobs: [...environment.jobs, key] };
  const handle = returned(key, { of: "start-job", handle: { key, ref: `ref-${key}`, model: null } });
  const happy: Happening[] = [
    { label: "job starts", environment: running, command: handle },
    { label: "crash after the job started", environment: running, command: null },
  ];
  if (!faults.failures) return happy;
  const lost: Happening = { label: "job starts, the reply is lost", environment: running, command: failed(key, true) };
  // An executor that already has the job of this key returns it; it never refuses finally.
  return [...happy, lost, ...(isRunning ? [] : failures(environment, key, faults))];
}

function poll(environment: Environment, key: string, kind: AgentKind, faults: FaultSet): Happening[] {
  const ended = { ...environment, jobs: environment.jobs.filter((running) => running !== key) };
  const ends = (label: string, after: Environment, outcome: RecordedOutcome): Happening => ({
    label: `${kind.id} ${label}`,
    environment: after,
    command: returned(key, { of: "job", outcome }),
  });
  const idle = observation(ended, ended.head);
  const happenings = [
    ...delivered(ended, kind).map(([label, after, product]) =>
      ends(label, after, { is: "finished", answer: answer(kind.id, product), observed: observation(after, ended.head) }),
    ),
    ends("fails", ended, { is: "failed", code: "agent_error", message: "broke", detail: null, observed: null }),
  ];
  if (!kind.helper && kind.answer === null)
    happenings.push(ends("asks a question", ended, { is: "finished", answer: answer(kind.id, NONE, true), observed: idle }));
  if (kind.contract.delivers !== "nothing")
    happenings.push(ends("finished unseen", ended, { is: "finished", answer: answer(kind.id, NONE), observed: null }));
  if (!faults.failures) return happenings;
  const late = { command: "timed-out", at: NOW, actor: DRIVER, key, message: "too long" } as const;
  return [
    ...happenings,
    ends("is lost with its host", ended, { is: "lost", transient: true, message: "host gone" }),
    ends("crashes", ended, { is: "lost", transient: false, message: "crashed" }),
    { ...ends("runs out of quota", ended, { is: "out-of-quota", resetAt: NOW + 1, message: "used up" }), isPatient: true },
    ...failures(environment, key, faults),
    { label: "job outlives its patience", environment, command: late },
  ];
}

/** Results that a finished job may leave; the last is always a broken contract. */
function delivered(
  environment: Environment,
  kind: AgentKind,
): readonly (readonly [label: string, environment: Environment, product: AnswerProduct])[] {
  const changed: Environment = {
    ...withPush(environment),
    pullRequest: environment.pullRequest === "none" ? "open" : environment.pullRequest,
  };
  switch (kind.contract.delivers) {
    case "change":
      return [
        ["delivers a change", changed, NONE],
        ["commits nothing", environment, NONE],
      ];
    case "update":
      return products(kind).flatMap(([label, product]) => [
        [`updates (${label})`, changed, product] as const,
        [`changes nothing (${label})`, environment, product] as const,
      ]);
    case "resolve":
      return [
        ["resolves the conflict", { ...changed, behind: false, conflicted: false }, NONE],
        ["leaves the conflict", environment, NONE],
      ];
    case "nothing":
      return [
        ...products(kind).map(([label, product]) => [`says: ${label}`, environment, product] as const),
        ["writes although read-only", withPush(environment), NONE],
      ];
  }
}

/** What a look at the checks may find. There is one check, and it has the name of the gate that looks: a gate may wait for its own. */
function checksFor(gate: string): LabelledValues<readonly Check[]> {
  return [
    ["green", [check(gate, "completed", "success")]],
    ["red", [check(gate, "completed", "failure")]],
    ["pending", [check(gate, "in_progress", null)]],
    ["unknown", []],
  ];
}

function probe(
  run: Run,
  environment: Environment,
  key: string,
  wanted: Extract<EffectRequest, { do: "probe" }>,
  faults: FaultSet,
): Happening[] {
  return meanwhile(environment, faults).flatMap(([moment, now]) => {
    const seen = stateOf(now);
    const judged = now.pullRequest === "open" && (wanted.evenBehind === true || !now.behind) && !now.conflicted;
    const diff = wanted.diff === true && now.pullRequest === "open" ? now.change : null;
    const observations = wanted.checks && judged ? checksFor(wanted.gate) : ([["seen", []]] as const);
    const happenings: Happening[] = observations.flatMap(([label, checks]) => {
      const proven = label === "green" ? { head: now.head, base: now.base, settings: now.settings } : null;
      const after = wanted.gate === "ci" ? { ...now, proven } : now;
      const result = { of: "probe", state: seen, checks: [...checks], diff } as const;
      const observed: Happening = { label: `${wanted.gate}: ${label}${moment}`, environment: after, command: returned(key, result) };
      if (label !== "pending" && label !== "unknown") return [observed];
      // Patience is counted for each head; for a new head it has not begun.
      return isWatched(run, now.head)
        ? [observed, { ...observed, label: `${observed.label}, for too long`, command: returned(key, result, NOW + PATIENCE.gateMs) }]
        : [observed];
    });
    if (!judged || wanted.gate === "merge") return happenings;
    const unsure = { of: "probe", state: { ...seen, mergeability: "unknown" }, checks: [], diff } as const;
    const observed = {
      label: `${wanted.gate}: mergeability unknown${moment}`,
      environment: wanted.gate === "ci" ? { ...now, proven: null } : now,
    };
    happenings.push({ ...observed, command: returned(key, unsure) });
    if (isWatched(run, now.head))
      happenings.push({ ...observed, label: `${observed.label}, for too long`, command: returned(key, unsure, NOW + PATIENCE.gateMs) });
    return happenings;
  });
}

function isWatched(run: Run, head: string): boolean {
  const watching = run.steps[run.cursor]?.state["watching"];
  return typeof watching === "object" && watching !== null && "head" in watching && watching.head === head;
}

function stateOf(environment: Environment): PullRequestState {
  return {
    state: environment.pullRequest === "none" ? "closed" : environment.pullRequest,
    base: "main",
    headBranch: "work",
    headRepository: null,
    ownQueue: false,
    checkSettings: "forge",
    head: environment.head,
    baseHead: environment.base,
    behind: environment.behind,
    mergeability: environment.conflicted ? "conflicted" : "clean",
    conflicts: [],
    mergedAs: environment.mergedAs,
    mergedBase: environment.mergedAs === null ? null : environment.base,
  };
}

function update(environment: Environment, key: string, faults: FaultSet): Happening[] {
  if (!environment.behind)
    return [
      {
        label: "branch is current",
        environment,
        command: returned(key, { of: "update-branch", result: { is: "current", head: environment.head } }),
      },
    ];
  const after: Environment = { ...withCommit(environment, "head"), behind: false };
  const conflict: Environment = { ...environment, conflicted: true };
  const pushed = withPush(environment);
  const happenings: Happening[] = [
    {
      label: "branch updated",
      environment: after,
      command: returned(key, { of: "update-branch", result: { is: "updated", head: after.head } }),
    },
    { label: "crash after the branch was updated", environment: after, command: null },
  ];
  if (!faults.moves) return happenings;
  return [
    ...happenings,
    {
      label: "update conflicts",
      environment: conflict,
      command: returned(key, { of: "update-branch", result: { is: "conflicted", files: [] } }),
    },
    {
      label: "update finds a moved head",
      environment: pushed,
      command: returned(key, { of: "update-branch", result: { is: "head-moved" } }),
    },
  ];
}

function merge(environment: Environment, key: string, wanted: Extract<EffectRequest, { do: "merge" }>, faults: FaultSet): Happening[] {
  const landed = (after: Environment): Happening => ({
    label: "merged",
    environment: after,
    command: returned(key, {
      of: "merge",
      result: { is: "merged", commit: after.mergedAs ?? "", head: wanted.head, base: wanted.base },
    }),
  });
  if (environment.pullRequest === "merged") return [landed(environment), ...failures(environment, key, faults).slice(0, 1)];
  const refused = (
    because: "head-moved" | "base-moved" | "conflicted" | "not-open" | "checks" | "not-allowed",
    after: Environment,
  ): Happening => ({
    label: `merge refused: ${because}`,
    environment: after,
    command: returned(key, { of: "merge", result: { is: "refused", because, message: because } }),
  });
  const happenings = [refused("checks", environment), refused("not-allowed", environment), ...failures(environment, key, faults)];
  if (environment.head !== wanted.head) happenings.push(refused("head-moved", environment));
  else if (environment.conflicted) happenings.push(refused("conflicted", environment));
  else if (environment.base !== wanted.base || environment.behind) happenings.push(refused("base-moved", environment));
  else happenings.push(...lands(environment, key, landed, faults));
  if (faults.moves) {
    happenings.push(refused("head-moved", withPush(environment)));
    happenings.push(refused("base-moved", { ...withCommit(environment, "base"), behind: true }));
    happenings.push(refused("conflicted", { ...withCommit(environment, "base"), behind: true, conflicted: true }));
  }
  if (faults.outsiders) happenings.push(refused("not-open", { ...environment, pullRequest: "closed" }));
  return happenings;
}

function lands(environment: Environment, key: string, landed: (after: Environment) => Happening, faults: FaultSet): Happening[] {
  const after: Environment = { ...withCommit(environment, "mergedAs"), pullRequest: "merged" };
  const happenings = [landed(after), { label: "crash after the merge", environment: after, command: null }];
  return faults.failures
    ? [...happenings, { label: "merged, the reply is lost", environment: after, command: failed(key, true) }]
    : happenings;
}
