/**
 * Compares the history of real jobs with the ledger of their agents and with the base branches: every change once, at bounded cost (I14),
 * and what was spent is what was settled (I15). Jobs that a mishap may have cost are explained; nothing else is.
 */
import type { RunEventBody } from "@millrace/contracts";
import type { AgentWork } from "../machines/agent-ledger.fixture.js";
import { fileOf, isRed, runOf } from "../machines/agent.logic.js";
import type { HappenedMishap } from "../machines/mishaps.fixture.js";
import type { Mainline } from "../machines/repositories.fixture.js";
import type { FleetRecords, RunRow } from "./records.fixture.js";
import { repeated, type Violation } from "./violation.logic.js";

export interface WorkEvidence {
  readonly agents: readonly AgentWork[];
  readonly mainlines: readonly Mainline[];
  readonly mishaps: readonly HappenedMishap[];
  /** Whether several machines share the database: the jobs of one that gives no sign of life for a lease are lost. */
  readonly areMany: boolean;
  /** Whether hosts were killed: a job that one of them was about to start may be lost with it. */
  readonly wereKilled: boolean;
  /** Processes of jobs that were left when every run had ended. */
  readonly leftProcesses: readonly string[];
}

export function workViolations(records: FleetRecords, evidence: WorkEvidence): readonly Violation[] {
  const cost = new Costs(records, evidence);
  return [
    ...mainlineViolations(records, evidence),
    ...records.runs.flatMap((run) => cost.ofRun(run)),
    ...cost.ofCalls(),
    ...evidence.leftProcesses.map((what): Violation => ({ is: "wrong", rule: "left-process", what: `${what} lives on` })),
  ];
}

/** Every merge that is recorded landed once, every commit of a base is recorded, and the work of every merged run is on its base. */
function mainlineViolations({ runs, events }: FleetRecords, { mainlines }: WorkEvidence): readonly Violation[] {
  const recorded = runs.flatMap(({ id }) =>
    bodiesOf(events, id).flatMap((event) => (event.type === "merged" ? [{ id, commit: event.record.commit }] : [])),
  );
  const onMain = mainlines.flatMap(({ commits }) => commits);
  const files = new Set(mainlines.flatMap((mainline) => Object.keys(mainline.files)));
  const known = new Set(recorded.map(({ commit }) => commit));
  return [
    ...repeated(recorded.map(({ commit }) => commit)).map((commit): Violation => ({
      is: "twice",
      rule: "landed",
      what: `${commit} is the merge of two runs`,
    })),
    ...recorded.flatMap(({ id, commit }): readonly Violation[] => [
      ...(onMain.includes(commit) ? [] : [{ is: "lost", rule: "mainline", what: `merge ${commit} of '${id}' is on no base` } as const]),
      ...(files.has(fileOf(id)) || isRetry(runs, id)
        ? []
        : [{ is: "lost", rule: "change", what: `the work of '${id}' is not on its base` } as const]),
    ]),
    ...onMain
      .filter((commit) => !known.has(commit))
      .map((commit): Violation => ({ is: "lost", rule: "merge-record", what: `${commit} landed and is in no history` })),
  ];
}

/** The next run of a task finds the work of the first on its branch. */
function isRetry(runs: readonly RunRow[], id: string): boolean {
  return runs.some((run) => run.id === id && run.document.supersedes !== null);
}

function bodiesOf(events: FleetRecords["events"], runId: string): readonly RunEventBody[] {
  return (events.get(runId) ?? []).map(({ entry }) => entry.event);
}

/** What the runs cost, against what they may. */
class Costs {
  readonly #records: FleetRecords;
  readonly #evidence: WorkEvidence;
  readonly #damaged: ReadonlySet<string>;

  constructor(records: FleetRecords, evidence: WorkEvidence) {
    this.#records = records;
    this.#evidence = evidence;
    this.#damaged = new Set(evidence.mishaps.flatMap(({ keys }) => keys));
  }

  ofRun(run: RunRow): readonly Violation[] {
    const bodies = bodiesOf(this.#records.events, run.id);
    const lost = lossesOf(this.#records, run.id);
    const own = this.#evidence.agents.filter(({ key }) => runOf(key) === run.id);
    const isDamaged = own.some(({ key }) => this.#damaged.has(key)) || [...this.#damaged].some((key) => runOf(key) === run.id);
    return [
      ...this.#losses(run, lost, isDamaged),
      ...this.#jobs(run, bodies, lost.length),
      ...this.#overlaps(run, own),
      // A reviewer is a plain command, which says nothing of what it costs.
      ...this.#money(
        run,
        own,
        isDamaged || lost.length > 0 || bodies.some((event) => event.type === "effect-requested" && isReview(event)),
      ),
    ];
  }

  /** A job is lost by a mishap of its own, or with its machine or its host. */
  #losses(run: RunRow, lost: readonly Evicted[], isDamaged: boolean): readonly Violation[] {
    return lost
      .filter(({ transient }) => !isDamaged && !(transient && (this.#evidence.areMany || this.#evidence.wereKilled)))
      .map(({ message }): Violation => ({
        is: "lost",
        rule: "job",
        what: `a job of '${run.id}' was lost, and nothing had happened to it: ${message}`,
      }));
  }

  /** I14: one coder, one assessment and at most one fixer for a change, and one more for each that was lost. */
  #jobs(run: RunRow, bodies: readonly RunEventBody[], lost: number): readonly Violation[] {
    const jobs = bodies.flatMap((event) => (event.type === "job-started" ? [event.job.kind] : []));
    const asked = bodies.flatMap((event) =>
      event.type === "effect-requested" && event.effect.request.do === "ask-agent" ? [event.effect.request.kind] : [],
    );
    const most: Readonly<Record<string, number>> = { coder: 1, "ci-fixer": this.#isRedWork(run) ? 1 : 0, reviewer: 1, merger: 1 };
    return Object.entries(most).flatMap(([kind, allowed]): readonly Violation[] => {
      const found = [...jobs, ...asked].filter((one) => one === kind).length;
      if (found <= allowed + lost) return [];
      return [
        { is: "twice", rule: "cost", what: `'${run.id}' paid ${found} times for '${kind}' instead of ${allowed} (and ${lost} lost jobs)` },
      ];
    });
  }

  /** The next run of a task finds the work of the one before on its branch. */
  #isRedWork({ id, document }: RunRow): boolean {
    const before = this.#records.runs.find((one) => one.id === document.supersedes);
    return isRed(id) || (before !== undefined && this.#isRedWork(before));
  }

  /** One agent works for a run at a time: one that is lost is ended before the next begins, unless its whole machine is taken for gone. */
  #overlaps(run: RunRow, own: readonly AgentWork[]): readonly Violation[] {
    if (this.#evidence.areMany) return [];
    return own
      .filter((one) => own.some((other) => other.key !== one.key && other.first > one.first && other.first < one.last))
      .map(({ key }): Violation => ({
        is: "twice",
        rule: "at-once",
        what: `'${key}' was still worked on while the next agent of '${run.id}' worked`,
      }));
  }

  /** I15: exactly what its agents spent; at least what the undamaged ones did where the rest cannot be known. */
  #money(run: RunRow, own: readonly AgentWork[], isUnknown: boolean): readonly Violation[] {
    const spent = sum(own.filter(({ key }) => !isUnknown || !this.#damaged.has(key)).map(({ spentMicros }) => spentMicros));
    const settled = this.#records.totals.find(({ scope }) => scope === `run/${run.id}`)?.settled_micros ?? 0;
    if (settled === spent || (isUnknown && settled > spent)) return [];
    return [{ is: "wrong", rule: "settled", what: `the agents of '${run.id}' spent ${spent} and ${settled} is settled` }];
  }

  /** One agent works under a key; another only where a mishap took the first. */
  ofCalls(): readonly Violation[] {
    const known = new Set(
      this.#records.runs.flatMap(({ id }) =>
        bodiesOf(this.#records.events, id).flatMap((event) => (event.type === "effect-requested" ? [event.effect.key] : [])),
      ),
    );
    return this.#evidence.agents.flatMap(({ key, kind, begun }): readonly Violation[] => [
      ...(begun > 1 && !this.#damaged.has(key)
        ? [{ is: "twice", rule: "performed", what: `${begun} agents ('${kind}') worked under '${key}'` } as const]
        : []),
      ...(known.has(key.replace(/\+repair$/, ""))
        ? []
        : [{ is: "lost", rule: "intent", what: `an agent worked under '${key}', and no event asks for it` } as const]),
    ]);
  }
}

function isReview({ effect }: Extract<RunEventBody, { type: "effect-requested" }>): boolean {
  return effect.request.do === "ask-agent" && effect.request.kind === "reviewer";
}

/** The jobs of a run that were lost and made again. */
export function lossesOf({ events }: FleetRecords, runId: string): readonly Evicted[] {
  return bodiesOf(events, runId).flatMap((event) => (event.type === "fact-recorded" && isEvicted(event.fact) ? [event.fact] : []));
}

interface Evicted {
  readonly transient: boolean;
  readonly message: string;
}

function isEvicted(fact: unknown): fact is Evicted {
  return typeof fact === "object" && fact !== null && "is" in fact && fact.is === "evicted";
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
