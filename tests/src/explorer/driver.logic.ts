/** Every next step of a driver, with every answer of the environment. */
import type { AgentKind } from "@millrace/agents";
import type { Effect, MergeRecord, Participant, Run } from "@millrace/contracts";
import { currentStep, isLive, type AnswerProduct, type Command, type RecordedOutcome } from "@millrace/orchestration";
import type { FaultSet } from "@millrace/orchestration/samples";
import { answer, called, NONE, products, spoken } from "./answers.logic.js";
import { NOW, registries, type ExploredEngine } from "./engine.logic.js";
import {
  DRIVER,
  failed,
  failures,
  hasLanded,
  mergedOutside,
  observation,
  PULL_REQUEST,
  returned,
  withPush,
  type Environment,
  type Happening,
  type Harm,
} from "./environment.logic.js";
import { merge, probe, update } from "./forge.logic.js";

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
      return poll(run, environment, { key: next.job.key, kind: kindOf(next.job.kind) }, faults);
    case "stop":
      return stop(environment, next.job?.key ?? null, next.pullRequest !== null);
  }
}

/** A run at rest is woken, and finds that a person has merged its pull request. */
function landings(run: Run, environment: Environment, faults: FaultSet): readonly Happening[] {
  if (!faults.outsiders || environment.pullRequest !== "open" || environment.into !== "main") return [];
  if (run.pullRequest === null || !isLive(run)) return [];
  const merged = mergedOutside(environment);
  const command: Command = { command: "landed", at: NOW, actor: DRIVER, merged: mergeRecordOf(merged) };
  return [{ label: "a look finds it merged", environment: merged, command, isPatient: true, harm: "fault" }];
}

function kindOf(id: string): AgentKind {
  const kind = registries.kinds.get(id);
  if (kind === null) throw new TypeError(`no agent kind '${id}'`);
  return kind;
}

/** The exit of the job is observed, or the process dies between the observation and its commit. */
function stop(environment: Environment, key: string | null, merging: boolean): readonly Happening[] {
  const quiet = { ...environment, jobs: environment.jobs.filter((running) => running !== key) };
  const merged = merging && hasLanded(environment) ? mergeRecordOf(environment) : null;
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
        ...ask(run, environment, key, { kind: kindOf(request.kind), answers: request.participant?.answers ?? "kind" }),
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
  return environment.place === "first"
    ? [first]
    : [first, { ...told("others are before it", "in-line", 2), isPatient: true, harm: "passing" }];
}

/** The provider's quota is exhausted: the run pauses in front of the call. */
function outOfQuota(environment: Environment, key: string, faults: FaultSet): readonly Happening[] {
  if (!faults.failures) return [];
  const hold = { because: "quota", until: NOW + 1, message: "used up" } as const;
  return [
    {
      label: "out of quota",
      environment,
      command: { command: "hold", at: NOW, actor: DRIVER, key, hold },
      isPatient: true,
      harm: "passing",
    },
  ];
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

/** The first of the samples is what a good agent says; what the others lead to is theirs. */
function unlessGood(index: number): { readonly harm?: Harm } {
  return index === 0 ? {} : { harm: "fault" };
}

/** An agent may ask once: a second question is taken for its answer. */
function asking(run: Run): { readonly harm: Harm } {
  return { harm: currentStep(run).decisions.length === 0 ? "passing" : "fault" };
}

/** An agent kind, and what it is asked for. */
interface AnswerRequest {
  readonly kind: AgentKind;
  readonly answers: Participant["answers"];
}

function ask(run: Run, environment: Environment, key: string, { kind, answers }: AnswerRequest): Happening[] {
  const answered = spoken(kind, answers).map(([label, product], index): Happening => ({
    label: `${kind.id} answers: ${label}`,
    environment,
    command: returned(key, { of: "ask-agent", answer: answer(kind.id, product) }),
    ...unlessGood(index),
  }));
  if (kind.answer !== null || kind.helper) return answered;
  const question = returned(key, { of: "ask-agent", answer: answer(kind.id, NONE, true) });
  return [...answered, { label: `${kind.id} asks a question`, environment, command: question, ...asking(run) }];
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
  const lost: Happening = { label: "job starts, the reply is lost", environment: running, command: failed(key, true), harm: "passing" };
  // An executor that already has the job of this key returns it; it never refuses finally.
  return [...happy, lost, ...(isRunning ? [] : failures(environment, key, faults))];
}

function poll(
  run: Run,
  environment: Environment,
  { key, kind }: { readonly key: string; readonly kind: AgentKind },
  faults: FaultSet,
): Happening[] {
  const ended = { ...environment, jobs: environment.jobs.filter((running) => running !== key) };
  const ends = (label: string, after: Environment, outcome: RecordedOutcome, harm: Harm = "fault"): Happening => ({
    label: `${kind.id} ${label}`,
    environment: after,
    command: returned(key, { of: "job", outcome }),
    harm,
  });
  const idle = observation(ended, ended.head);
  const happenings = [
    ...delivered(ended, kind).map(([label, after, product], index): Happening => {
      const outcome = { is: "finished", answer: answer(kind.id, product), observed: observation(after, ended.head) } as const;
      const { harm: _, ...happening } = ends(label, after, outcome);
      return { ...happening, ...unlessGood(index) };
    }),
    ends("fails", ended, { is: "failed", code: "agent_error", message: "broke", detail: null, observed: null }),
  ];
  if (!kind.helper && kind.answer === null)
    happenings.push({
      ...ends("asks a question", ended, { is: "finished", answer: answer(kind.id, NONE, true), observed: idle }),
      ...asking(run),
    });
  if (kind.contract.delivers !== "nothing")
    happenings.push(ends("finished unseen", ended, { is: "finished", answer: answer(kind.id, NONE), observed: null }));
  if (!faults.failures) return [...happenings, ...failures(environment, key, faults)];
  const late = { command: "timed-out", at: NOW, actor: DRIVER, key, message: "too long" } as const;
  return [
    ...happenings,
    ends("is lost with its host", ended, { is: "lost", transient: true, message: "host gone" }, "passing"),
    ends("crashes", ended, { is: "lost", transient: false, message: "crashed" }, "passing"),
    { ...ends("runs out of quota", ended, { is: "out-of-quota", resetAt: NOW + 1, message: "used up" }, "passing"), isPatient: true },
    ...failures(environment, key, faults),
    { label: "job outlives its patience", environment, command: late, harm: "fault" },
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
