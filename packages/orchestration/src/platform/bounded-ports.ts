/**
 * A ceiling for every call that leaves the engine (F:C5): an adapter that never comes back must not keep a run, a driver's place or the
 * stop of a process.
 * 1. A call that is not back in its time fails with `unavailable` and the names of its port and method. It is repeated under the same key
 *    like any other that failed; what it still returns is dropped.
 * 2. A signal is aborted at the ceiling. A call whose caller aborts has `ABORT_MS` from then on.
 * 3. The store and its wake-ups bring limits of their own: an outcome that is not known would be worse than a late one.
 */
import { MillraceError, type AgentExecutor, type Forge, type OutsideServices, type Sleep } from "@millrace/kernel";
import type { CallEffect } from "../run/model/call-effect.js";
import { mailerOff } from "./ports-off.js";
import type { ComposedPorts, OrchestrationPorts } from "./ports.js";

/** Longest time of one call, in ms. */
export interface Ceilings {
  /** `agents.run`: one call of a model or an agent. Default: as long as a job may run (`patience.jobMs`). */
  readonly agentCallMs: number;
  /** `agents.startJob` and `agents.pollJob`, which clone, commit and push. Default 15 min. */
  readonly jobMs: number;
  /** `agents.stopJob` and `agents.forget`. Default 5 min. */
  readonly stopJobMs: number;
  /** A call of a forge. Default 5 min. */
  readonly forgeMs: number;
  /** A call of an outside service, of an identity provider, or of the check of persons. Default 2 min. A call effect, which may make several: five times as long. */
  readonly serviceMs: number;
  /** A delivery of a notification channel, and a mail. Default 1 min, the lease of the channel. */
  readonly deliveryMs: number;
}

const MINUTE = 60_000;

/** 15 min for jobs, 5 min for a stop and a forge, 2 min for a service, 1 min for a delivery. */
export const DEFAULT_CEILINGS: Omit<Ceilings, "agentCallMs"> = {
  jobMs: 15 * MINUTE,
  stopJobMs: 5 * MINUTE,
  forgeMs: 5 * MINUTE,
  serviceMs: 2 * MINUTE,
  deliveryMs: MINUTE,
};

/** Calls of an effect that its ceiling leaves room for. */
const CALLS_OF_EFFECT = 5;
/** What an executor is asked before every request. It answers from memory. */
const ASK_MS = 10_000;
/** Time that a call has to end after its caller aborted it. */
const ABORT_MS = 30_000;

interface Call<T> {
  /** Of the port and the method, for people: `agents.startJob`. */
  readonly name: string;
  readonly ms: number;
  readonly abort?: AbortSignal;
  readonly act: (signal: AbortSignal) => Promise<T>;
}

type Bound = <T>(call: Call<T>) => Promise<T>;

/** The same ports and effects, with a ceiling for each call. */
export function boundPorts(ports: OrchestrationPorts, ceilings: Ceilings): ComposedPorts {
  const bound = createBound(ports.sleep);
  const { mailer = mailerOff } = ports;
  const forges = new WeakMap<Forge, Forge>();
  return {
    ...ports,
    ...boundServices(ports, bound, ceilings.serviceMs),
    persons: {
      prove: (claim) => bound({ name: "persons.prove", ms: ceilings.serviceMs, act: () => ports.persons.prove(claim) }),
    },
    agents: boundAgents(ports.agents, bound, ceilings),
    forges: {
      get(name) {
        const forge = ports.forges.get(name);
        const known = forges.get(forge) ?? boundForge(forge, bound, ceilings.forgeMs);
        forges.set(forge, known);
        return known;
      },
    },
    mailer: {
      isOn: mailer.isOn,
      send: (mail) => bound({ name: "mailer.send", ms: ceilings.deliveryMs, act: () => mailer.send(mail) }),
    },
    identityProviders: (ports.identityProviders ?? []).map((provider) => ({
      name: provider.name,
      label: provider.label,
      authorizationUrl: (request) =>
        bound({ name: `provider '${provider.name}'`, ms: ceilings.serviceMs, act: () => provider.authorizationUrl(request) }),
      profileOf: (request) =>
        bound({ name: `provider '${provider.name}'`, ms: ceilings.serviceMs, act: () => provider.profileOf(request) }),
    })),
    channels: (ports.channels ?? []).map((channel) => ({
      name: channel.name,
      deliver: (delivery, abort) =>
        bound({
          name: `channel '${channel.name}'`,
          ms: ceilings.deliveryMs,
          abort,
          act: (signal) => channel.deliver(delivery, signal),
        }),
    })),
  };
}

/** The same effects, with a ceiling for each. */
export function boundEffects(effects: readonly CallEffect[], sleep: Sleep, { serviceMs }: Ceilings): readonly CallEffect[] {
  const bound = createBound(sleep);
  return effects.map((effect) => ({
    ...effect,
    perform: (input, context) =>
      bound({ name: `effect '${effect.name}'`, ms: serviceMs * CALLS_OF_EFFECT, act: () => effect.perform(input, context) }),
  }));
}

function boundAgents(agents: AgentExecutor, bound: Bound, { agentCallMs, jobMs, stopJobMs }: Ceilings): AgentExecutor {
  const plain = <T>(method: string, ms: number, act: () => Promise<T>): Promise<T> => bound({ name: `agents.${method}`, ms, act });
  return {
    resolveModel: (kind, request) => plain("resolveModel", ASK_MS, () => agents.resolveModel(kind, request)),
    rateOf: (kind, request) => plain("rateOf", ASK_MS, () => agents.rateOf(kind, request)),
    run: (task, abort) => bound({ name: "agents.run", ms: agentCallMs, abort, act: (signal) => agents.run(task, signal) }),
    startJob: (task) => plain("startJob", jobMs, () => agents.startJob(task)),
    pollJob: (handle) => plain("pollJob", jobMs, () => agents.pollJob(handle)),
    stopJob: (handle) => plain("stopJob", stopJobMs, () => agents.stopJob(handle)),
    forget: (handle) => plain("forget", stopJobMs, () => agents.forget(handle)),
  };
}

function boundForge(forge: Forge, bound: Bound, ms: number): Forge {
  const plain = <T>(method: string, act: () => Promise<T>): Promise<T> => bound({ name: `forge '${forge.name}', ${method}`, ms, act });
  return {
    name: forge.name,
    findPullRequest: (...args) => plain("findPullRequest", () => forge.findPullRequest(...args)),
    findMerged: (...args) => plain("findMerged", () => forge.findMerged(...args)),
    openPullRequest: (...args) => plain("openPullRequest", () => forge.openPullRequest(...args)),
    read: (...args) => plain("read", () => forge.read(...args)),
    checks: (...args) => plain("checks", () => forge.checks(...args)),
    diffDigest: (...args) => plain("diffDigest", () => forge.diffDigest(...args)),
    updateBranch: (...args) => plain("updateBranch", () => forge.updateBranch(...args)),
    merge: (...args) => plain("merge", () => forge.merge(...args)),
    withdraw: (...args) => plain("withdraw", () => forge.withdraw(...args)),
  };
}

function boundServices(services: OutsideServices, bound: Bound, ms: number): OutsideServices {
  const { models, environments, tracker, releases, incidents } = services;
  const plain = <T>(name: string, act: () => Promise<T>): Promise<T> => bound({ name, ms, act });
  return {
    models: { status: (request) => plain("models.status", () => models.status(request)) },
    environments: {
      isOn: environments.isOn,
      provision: (request) => plain("environments.provision", () => environments.provision(request)),
      takeDown: (request) => plain("environments.takeDown", () => environments.takeDown(request)),
    },
    tracker: { isOn: tracker.isOn, fileIssue: (request) => plain("tracker.fileIssue", () => tracker.fileIssue(request)) },
    releases: {
      isOn: releases.isOn,
      signals: (request) => plain("releases.signals", () => releases.signals(request)),
      evidence: (request) => plain("releases.evidence", () => releases.evidence(request)),
    },
    incidents: { isOn: incidents.isOn, enrich: (request) => plain("incidents.enrich", () => incidents.enrich(request)) },
  };
}

/** Ticks of the microtask queue in which a call that waits for nothing outside is back: it costs no timer. */
const TICKS = 4;

function createBound(sleep: Sleep): Bound {
  return async ({ name, ms, abort, act }) => {
    const late = new AbortController();
    const call = (async () => act(abort === undefined ? late.signal : AbortSignal.any([abort, late.signal])))();
    let isBack = false;
    const back = (): void => {
      isBack = true;
    };
    call.then(back, back);
    for (let tick = 0; tick < TICKS && !isBack; tick += 1) await Promise.resolve();
    if (isBack) return call;
    const done = new AbortController();
    const ceiling = async (after: number): Promise<never> => {
      await sleep(after, done.signal);
      late.abort();
      throw new MillraceError("unavailable", `${name} did not come back within ${Math.round(ms / 1000)} s`, {
        fix: "look at what it waits for; the adapter should bring a time limit of its own",
        details: { call: name, ceilingMs: ms },
      });
    };
    const aborted = async (signal: AbortSignal): Promise<never> => {
      await untilAborted(signal, done.signal);
      return ceiling(ABORT_MS);
    };
    try {
      return await Promise.race([call, ceiling(ms), ...(abort === undefined ? [] : [aborted(abort)])]);
    } finally {
      done.abort();
    }
  };
}

/** Resolves when either signal aborts. */
function untilAborted(signal: AbortSignal, done: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true, signal: done });
    done.addEventListener("abort", () => resolve(), { once: true });
  });
}
