/**
 * I14: good work arrives, at bounded cost. What is asserted:
 * 1. No run fails without an excuse (`excuses.logic.ts`), however faulty the world is.
 * 2. Once people have agreed to everything they are asked, and nothing disturbs any more, every run has ended: merged where its pipeline
 *    merges.
 * 3. One assessment for each digest of the diff: a merger job is paid again only when the forge told another digest meanwhile, when the one
 *    before went wrong, or when the step was started over.
 * 4. A run in line is sent back to its gates for a moved base once for each place it takes, and once more for each move of the base by
 *    somebody who stood in no line.
 * 5. Looks are bounded: at most four calls of the forge for each effect that looks, each try of it, and each poll interval it lasts; what the
 *    world itself repeated (nudges, crashes, duplicates) comes on top.
 * 6. No helper is paid for checks that cannot run, unless a person sent it.
 */
import type { Run, RunEvent } from "@millrace/contracts";
import { taskBranch } from "@millrace/kernel";
import { gateStateOf, type StepKinds } from "@millrace/orchestration";
import type { Clocks } from "../disturbances/clocks.js";
import type { Environment } from "../environment.js";
import { isOver, type RunChange } from "../invariants.logic.js";
import type { Violation } from "../violation.js";
import { excuseOf, type FailedRun } from "./excuses.logic.js";

/** Interval at which a gate looks, in ms. */
const POLL_MS = 30_000;
/** A look reads the pull request, its checks, those of its base, and the digest of its diff. */
const CALLS_PER_LOOK = 4;
/** Looks that belong to no effect of the run: before its first, and by those who look whether it has landed. */
const SPARE_LOOKS = 10;
const LOOKING: ReadonlySet<string> = new Set(["probe", "update-branch", "merge"]);

interface Begun {
  readonly baseMoves: number;
  readonly ruleChanges: number;
  readonly pushes: number;
}

/** The last effect that a run asked for, and what had been looked at by then. */
interface LastEffect {
  readonly key: string;
  readonly at: number;
  readonly calls: number;
}

export interface GoodWorkOptions {
  readonly environment: Environment;
  readonly clocks: Clocks;
  readonly stepKinds: StepKinds;
}

export class GoodWork {
  readonly #options: GoodWorkOptions;
  readonly #begun = new Map<string, Begun>();
  readonly #asked = new Map<string, LastEffect>();
  /** Looks that the effects of a task explain, by its branch. */
  readonly #explained = new Map<string, number>();

  constructor(options: GoodWorkOptions) {
    this.#options = options;
  }

  /** `events`: all of the run. */
  async observe({ before, after, events: fresh }: RunChange, events: readonly RunEvent[]): Promise<readonly Violation[]> {
    const { witness } = this.#options.environment;
    const branch = taskBranch({ id: after.blockId });
    if (before === null)
      this.#begun.set(after.id, { baseMoves: witness.baseMoves, ruleChanges: witness.ruleChanges, pushes: witness.pushesTo(branch) });
    const broken = this.#explain(after, branch, fresh);
    if (after.phase.is !== "failed" || before?.phase.is === "failed" || after.merged !== null) return broken;
    const excuse = excuseOf(await this.#failed(after, events, branch));
    if (excuse !== null) return broken;
    const { code, message } = after.phase.failure;
    return [...broken, { rule: "I14", message: `run '${after.id}' failed (${code}: ${message}), and nothing excuses it` }];
  }

  /** Everything was agreed to: what merges has merged. */
  arrived(runs: readonly Run[]): readonly Violation[] {
    return runs.flatMap((run): readonly Violation[] => {
      if (!isOver(run)) return [{ rule: "I14", message: `run '${run.id}' is ${run.phase.is} although nobody is asked anything` }];
      const merges = run.steps.some(({ state }) => this.#options.stepKinds.of(state).landsChange);
      const hasLanded = this.#options.environment.landedOf(run.blockId).length > 0;
      if (run.phase.is !== "done" || !merges || hasLanded) return [];
      return [{ rule: "I14", message: `run '${run.id}' is done, and its change has not landed` }];
    });
  }

  cost(runs: readonly { readonly run: Run; readonly events: readonly RunEvent[] }[]): readonly Violation[] {
    return [...this.#assessments(runs), ...runs.flatMap((one) => this.#followed(one)), ...this.#calls(runs)];
  }

  #explain(run: Run, branch: string, fresh: readonly RunEvent[]): readonly Violation[] {
    const { clocks, environment } = this.#options;
    const broken: Violation[] = [];
    // One that a person sent, or that is sent again because it was lost, is not of this decision.
    const isSent = fresh.some(({ event }) => event.type === "fact-recorded" && event.fact.is === "helper-sent");
    const isAnswered = fresh.some(({ event }) => event.type === "human-answered");
    if (fresh.length > 0) this.#waited(run.id, branch);
    for (const { event } of fresh) {
      if (event.type === "effect-failed") this.#add(branch, 1);
      if (event.type !== "effect-requested") continue;
      const { key, request } = event.effect;
      if (LOOKING.has(request.do)) this.#add(branch, 1);
      this.#asked.set(run.id, { key, at: clocks.elapsed(), calls: environment.witness.looksAt(branch) });
      const verdict = gateStateOf(run.steps[event.step]?.state ?? { kind: "" })?.verdict;
      if (request.do !== "start-job" || verdict?.gate !== "ci" || !isSent || isAnswered) continue;
      const failing = verdict.observed.filter(({ conclusion }) => conclusion !== null && conclusion !== "success");
      if (failing.length > 0 && failing.every(({ conclusion }) => conclusion === "action_required"))
        broken.push({ rule: "I14", message: `run '${run.id}' pays a helper for checks that cannot run` });
    }
    return broken;
  }

  /** The time since the last effect was asked for explains a look for each poll interval. */
  #waited(runId: string, branch: string): void {
    const asked = this.#asked.get(runId);
    if (asked === undefined) return;
    const now = this.#options.clocks.elapsed();
    this.#add(branch, Math.floor((now - asked.at) / POLL_MS));
  }

  #add(branch: string, more: number): void {
    this.#explained.set(branch, (this.#explained.get(branch) ?? 0) + more);
  }

  async #failed(run: Run, events: readonly RunEvent[], branch: string): Promise<FailedRun> {
    const { environment, clocks } = this.#options;
    const { forge, repository, witness, ci } = environment;
    const [head, base] = [forge.head(repository, branch), forge.head(repository, repository.base)];
    const asked = this.#asked.get(run.id);
    const begun = this.#begun.get(run.id);
    return {
      run,
      events,
      branch,
      witness,
      ci,
      head: head === null ? null : { sha: head, tree: forge.graph.get(head).tree },
      conflicts: head !== null && base !== null && "conflicts" in forge.graph.merge(head, base),
      hasLanded: environment.landedOf(run.blockId).length > 0,
      calls: witness.looksAt(branch) - (asked?.calls ?? 0),
      polls: witness.looksAt(asked?.key ?? ""),
      waitedMs: clocks.elapsed() - (asked?.at ?? 0),
      since: {
        baseMoves: witness.baseMoves - (begun?.baseMoves ?? 0),
        ruleChanges: witness.ruleChanges - (begun?.ruleChanges ?? 0),
        pushes: witness.pushesTo(branch) - (begun?.pushes ?? 0),
      },
      isUndecided: head !== null && environment.isUndecided(head),
    };
  }

  #assessments(runs: readonly { readonly run: Run; readonly events: readonly RunEvent[] }[]): readonly Violation[] {
    const { witness } = this.#options.environment;
    return runs.flatMap(({ run, events }): readonly Violation[] => {
      const jobs = witness.assessments.filter(({ runId }) => runId === run.id);
      return jobs.flatMap((job, index): readonly Violation[] => {
        const last = jobs[index - 1];
        if (last === undefined || attemptOf(job.key) !== attemptOf(last.key)) return [];
        if (witness.deedsAt(last.key).some(({ is }) => is !== "ordinary" && is !== "none")) return [];
        const told = witness.toldOf(job.branch).slice(Math.max(0, last.told - 1), job.told);
        if (new Set(told).size > 1 || isStartedOver(events, last.key, job.key)) return [];
        return [{ rule: "I14", message: `run '${run.id}' paid for '${job.key}' although '${last.key}' had assessed that change` }];
      });
    });
  }

  #followed({ run, events }: { readonly run: Run; readonly events: readonly RunEvent[] }): readonly Violation[] {
    const facts = events.flatMap(({ event }) => (event.type === "fact-recorded" ? [event.fact] : []));
    const places = facts.filter((fact) => fact.is === "in-line" && fact["ahead"] === null).length;
    const revisits = facts.filter((fact) => fact.is === "revisit" && fact["baseMoved"] === true).length;
    const moves = this.#options.environment.witness.baseMoves - (this.#begun.get(run.id)?.baseMoves ?? 0);
    if (revisits <= places + moves) return [];
    const message = `run '${run.id}' was judged again for a moved base ${revisits} times, with ${places} place(s) in line and ${moves} move(s) by others`;
    return [{ rule: "I14", message }];
  }

  #calls(runs: readonly { readonly run: Run }[]): readonly Violation[] {
    const { witness } = this.#options.environment;
    const branches = new Set(runs.map(({ run }) => taskBranch({ id: run.blockId })));
    return [...branches].flatMap((branch): readonly Violation[] => {
      const explained = (this.#explained.get(branch) ?? 0) + witness.disturbed + SPARE_LOOKS;
      const calls = witness.looksAt(branch);
      if (calls <= CALLS_PER_LOOK * explained) return [];
      return [{ rule: "I14", message: `the forge was called ${calls} times about '${branch}', and ${explained} looks are explained` }];
    });
  }
}

/** Of a key `run/step/attempt/phase.n`: a step that starts over has another attempt. */
function attemptOf(key: string): string {
  return key.split("/").slice(0, 3).join("/");
}

/** Whether the step was sent back by another one, or by people, between two of its keys. */
function isStartedOver(events: readonly RunEvent[], from: string, to: string): boolean {
  const at = (key: string): number => events.findIndex(({ event }) => event.type === "effect-requested" && event.effect.key === key);
  const step = Number(from.split("/")[1]);
  return events
    .slice(at(from), at(to))
    .some(({ event }) => event.type === "rework-requested" && event.step !== step && event.from <= step && step <= event.to);
}
