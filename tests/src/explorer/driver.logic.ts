/** Everything a driver may do next, and everything the world may answer it. */
import type { AgentKind } from "@millrace/agents";
import type { Effect, EffectRequest, MergeRecord, Participant, Run } from "@millrace/contracts";
import type { PullRequestState } from "@millrace/kernel";
import type { AnswerProduct, RecordedOutcome } from "@millrace/orchestration";
import { answer, called, NONE, products, spoken } from "./answers.logic.js";
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
  type Happening,
  type Trouble,
  type World,
} from "./world.logic.js";

export function driverSteps(run: Run, world: World, engine: Pick<ExploredEngine, "due">, trouble: Trouble): readonly Happening[] {
  const next = engine.due(run);
  switch (next.is) {
    case "rest":
      return [];
    case "held":
      if (next.until === null) return [];
      return [{ label: "the pause is over", world, command: { command: "release", at: NOW, actor: DRIVER }, isPatient: true }];
    case "effect":
      return perform(run, world, next.effect, trouble);
    case "poll":
      return poll(world, next.job.key, kindOf(next.job.kind), trouble);
    case "stop":
      return stop(world, next.job?.key ?? null, next.merge !== null);
  }
}

function kindOf(id: string): AgentKind {
  const kind = registries.kinds.get(id);
  if (kind === null) throw new TypeError(`no agent kind '${id}'`);
  return kind;
}

/** The exit is seen, or the process dies between seeing it and saying so. */
function stop(world: World, key: string | null, merging: boolean): readonly Happening[] {
  const quiet = { ...world, jobs: world.jobs.filter((running) => running !== key) };
  const merged = merging && world.pullRequest === "merged" ? mergeRecordOf(world) : null;
  return [
    { label: "the exit is seen", world: quiet, command: { command: "stopped", at: NOW, actor: DRIVER, merged } },
    { label: "crash after stopping the job", world: quiet, command: null },
  ];
}

function perform(run: Run, world: World, effect: Effect, trouble: Trouble): readonly Happening[] {
  const { key, request } = effect;
  switch (request.do) {
    case "ask-agent":
      return [
        ...ask(world, key, kindOf(request.kind), request.participant?.answers ?? "kind"),
        ...outOfQuota(world, key, trouble),
        ...failures(world, key, trouble),
      ];
    case "start-job":
      return start(world, key, trouble);
    case "probe":
      return [...probe(run, world, key, request, trouble), ...failures(world, key, trouble)];
    case "update-branch":
      return [...update(world, key, trouble), ...failures(world, key, trouble)];
    case "merge":
      return merge(world, key, request, trouble);
    case "call":
      return [...called(run, world, key, request.name), ...failures(world, key, trouble)];
  }
}

/** The provider's usage window is used up: the run pauses in front of the call. */
function outOfQuota(world: World, key: string, trouble: Trouble): readonly Happening[] {
  if (!trouble.faults) return [];
  const hold = { because: "quota", until: NOW + 1, message: "used up" } as const;
  return [{ label: "out of quota", world, command: { command: "hold", at: NOW, actor: DRIVER, key, hold }, isPatient: true }];
}

function mergeRecordOf(world: World): MergeRecord {
  return { pullRequest: PULL_REQUEST, commit: world.mergedAs ?? "", head: world.head, base: world.base, at: NOW, runId: "run" };
}

function ask(world: World, key: string, kind: AgentKind, answers: Participant["answers"]): Happening[] {
  const settled = spoken(kind, answers).map(([label, product]) => ({
    label: `${kind.id} answers: ${label}`,
    world,
    command: returned(key, { of: "ask-agent", answer: answer(kind.id, product) }),
  }));
  if (kind.answer !== null || kind.helper) return settled;
  const question = returned(key, { of: "ask-agent", answer: answer(kind.id, NONE, true) });
  return [...settled, { label: `${kind.id} asks a question`, world, command: question }];
}

function start(world: World, key: string, trouble: Trouble): Happening[] {
  const isRunning = world.jobs.includes(key);
  const running = isRunning ? world : { ...world, jobs: [...world.jobs, key] };
  const handle = returned(key, { of: "start-job", handle: { key, ref: `ref-${key}`, model: null } });
  const happy: Happening[] = [
    { label: "job starts", world: running, command: handle },
    { label: "crash after the job started", world: running, command: null },
  ];
  if (!trouble.faults) return happy;
  const lost: Happening = { label: "job starts, the reply is lost", world: running, command: failed(key, true) };
  // An executor that has the job under this key says so; it does not refuse it for good.
  return [...happy, lost, ...(isRunning ? [] : failures(world, key, trouble))];
}

function poll(world: World, key: string, kind: AgentKind, trouble: Trouble): Happening[] {
  const ended = { ...world, jobs: world.jobs.filter((running) => running !== key) };
  const settle = (label: string, after: World, outcome: RecordedOutcome): Happening => ({
    label: `${kind.id} ${label}`,
    world: after,
    command: returned(key, { of: "job", outcome }),
  });
  const idle = observation(ended, ended.head);
  const happenings = [
    ...delivered(ended, kind).map(([label, after, product]) =>
      settle(label, after, { is: "finished", answer: answer(kind.id, product), observed: observation(after, ended.head) }),
    ),
    settle("fails", ended, { is: "failed", code: "agent_error", message: "broke", detail: null, observed: null }),
  ];
  if (!kind.helper && kind.answer === null)
    happenings.push(settle("asks a question", ended, { is: "finished", answer: answer(kind.id, NONE, true), observed: idle }));
  if (kind.contract.delivers !== "nothing")
    happenings.push(settle("finished unseen", ended, { is: "finished", answer: answer(kind.id, NONE), observed: null }));
  if (!trouble.faults) return happenings;
  const late = { command: "timed-out", at: NOW, actor: DRIVER, key, message: "too long" } as const;
  return [
    ...happenings,
    settle("is lost with its host", ended, { is: "lost", transient: true, message: "host gone" }),
    settle("crashes", ended, { is: "lost", transient: false, message: "crashed" }),
    { ...settle("runs out of quota", ended, { is: "out-of-quota", resetAt: NOW + 1, message: "used up" }), isPatient: true },
    ...failures(world, key, trouble),
    { label: "job outlives its patience", world, command: late },
  ];
}

/** What a finished job may have left behind; the last is always a broken contract. */
function delivered(world: World, kind: AgentKind): readonly (readonly [label: string, world: World, product: AnswerProduct])[] {
  const changed: World = { ...withCommit(world, "head"), pullRequest: world.pullRequest === "none" ? "open" : world.pullRequest };
  switch (kind.contract.delivers) {
    case "change":
      return [
        ["delivers a change", changed, NONE],
        ["commits nothing", world, NONE],
      ];
    case "update":
      return products(kind).flatMap(([label, product]) => [
        [`updates (${label})`, changed, product] as const,
        [`changes nothing (${label})`, world, product] as const,
      ]);
    case "resolve":
      return [
        ["resolves the conflict", { ...changed, behind: false, conflicted: false }, NONE],
        ["leaves the conflict", world, NONE],
      ];
    case "nothing":
      return [
        ...products(kind).map(([label, product]) => [`says: ${label}`, world, product] as const),
        ["writes although read-only", withCommit(world, "head"), NONE],
      ];
  }
}

const CHECKS = [
  ["green", [check("completed", "success")]],
  ["red", [check("completed", "failure")]],
  ["pending", [check("in_progress", null)]],
  ["unknown", []],
] as const;

function probe(
  run: Run,
  world: World,
  key: string,
  wanted: { readonly checks: boolean; readonly gate: string },
  trouble: Trouble,
): Happening[] {
  return meanwhile(world, trouble).flatMap(([moment, now]) => {
    const seen = stateOf(now);
    const judged = now.pullRequest === "open" && !now.behind && !now.conflicted;
    const looks = wanted.checks && judged ? CHECKS : ([["seen", []]] as const);
    const happenings: Happening[] = looks.flatMap(([label, checks]) => {
      const proven = label === "green" ? { head: now.head, base: now.base, settings: now.settings } : null;
      const after = wanted.gate === "ci" ? { ...now, proven } : now;
      const result = { of: "probe", state: seen, checks: [...checks] } as const;
      const look: Happening = { label: `${wanted.gate}: ${label}${moment}`, world: after, command: returned(key, result) };
      if (label !== "pending" && label !== "unknown") return [look];
      // Patience belongs to a head; on a head first seen now it has not begun.
      return isWatched(run, now.head)
        ? [look, { ...look, label: `${look.label}, for too long`, command: returned(key, result, NOW + PATIENCE.gateMs) }]
        : [look];
    });
    if (!judged || wanted.gate === "merge") return happenings;
    const unsure = { of: "probe", state: { ...seen, mergeability: "unknown" }, checks: [] } as const;
    const look = { label: `${wanted.gate}: mergeability unknown${moment}`, world: wanted.gate === "ci" ? { ...now, proven: null } : now };
    happenings.push({ ...look, command: returned(key, unsure) });
    if (isWatched(run, now.head))
      happenings.push({ ...look, label: `${look.label}, for too long`, command: returned(key, unsure, NOW + PATIENCE.gateMs) });
    return happenings;
  });
}

function isWatched(run: Run, head: string): boolean {
  const watching = run.steps[run.cursor]?.state["watching"];
  return typeof watching === "object" && watching !== null && "head" in watching && watching.head === head;
}

function stateOf(world: World): PullRequestState {
  return {
    state: world.pullRequest === "none" ? "closed" : world.pullRequest,
    head: world.head,
    baseHead: world.base,
    behind: world.behind,
    mergeability: world.conflicted ? "conflicted" : "clean",
    conflicts: [],
    mergedAs: world.mergedAs,
  };
}

function update(world: World, key: string, trouble: Trouble): Happening[] {
  if (!world.behind)
    return [
      { label: "branch is current", world, command: returned(key, { of: "update-branch", result: { is: "current", head: world.head } }) },
    ];
  const after: World = { ...withCommit(world, "head"), behind: false };
  const conflict: World = { ...world, conflicted: true };
  const pushed = withCommit(world, "head");
  const happenings: Happening[] = [
    { label: "branch updated", world: after, command: returned(key, { of: "update-branch", result: { is: "updated", head: after.head } }) },
    { label: "crash after the branch was updated", world: after, command: null },
  ];
  if (!trouble.moves) return happenings;
  return [
    ...happenings,
    {
      label: "update conflicts",
      world: conflict,
      command: returned(key, { of: "update-branch", result: { is: "conflicted", files: [] } }),
    },
    { label: "update finds a moved head", world: pushed, command: returned(key, { of: "update-branch", result: { is: "head-moved" } }) },
  ];
}

function merge(world: World, key: string, wanted: Extract<EffectRequest, { do: "merge" }>, trouble: Trouble): Happening[] {
  const landed = (after: World): Happening => ({
    label: "merged",
    world: after,
    command: returned(key, {
      of: "merge",
      result: { is: "merged", commit: after.mergedAs ?? "", head: wanted.head, base: wanted.base },
    }),
  });
  if (world.pullRequest === "merged") return [landed(world), ...failures(world, key, trouble).slice(0, 1)];
  const refused = (
    because: "head-moved" | "base-moved" | "conflicted" | "not-open" | "checks" | "not-allowed",
    after: World,
  ): Happening => ({
    label: `merge refused: ${because}`,
    world: after,
    command: returned(key, { of: "merge", result: { is: "refused", because, message: because } }),
  });
  const happenings = [refused("checks", world), refused("not-allowed", world), ...failures(world, key, trouble)];
  if (world.head !== wanted.head) happenings.push(refused("head-moved", world));
  else if (world.conflicted) happenings.push(refused("conflicted", world));
  else if (world.base !== wanted.base || world.behind) happenings.push(refused("base-moved", world));
  else happenings.push(...lands(world, key, landed, trouble));
  if (trouble.moves) {
    happenings.push(refused("head-moved", withCommit(world, "head")));
    happenings.push(refused("base-moved", { ...withCommit(world, "base"), behind: true }));
    happenings.push(refused("conflicted", { ...withCommit(world, "base"), behind: true, conflicted: true }));
  }
  if (trouble.outsiders) happenings.push(refused("not-open", { ...world, pullRequest: "closed" }));
  return happenings;
}

function lands(world: World, key: string, landed: (after: World) => Happening, trouble: Trouble): Happening[] {
  const after: World = { ...withCommit(world, "mergedAs"), pullRequest: "merged" };
  const happenings = [landed(after), { label: "crash after the merge", world: after, command: null }];
  return trouble.faults ? [...happenings, { label: "merged, the reply is lost", world: after, command: failed(key, true) }] : happenings;
}
