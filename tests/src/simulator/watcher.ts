/**
 * Checks every commit after it landed, and the environment. Owns: the known runs, and the violations. It folds the events itself and
 * reads everything else back from the store, so that a defective store is noticed as well.
 */
import { checkPolicySchema, type Block, type MergePreset, type Run, type RunEvent, type WorkspaceSettings } from "@millrace/contracts";
import type { Change, RunRecord } from "@millrace/kernel";
import { evolve, heldEffect, openWait, toRecord, type OrchestrationPorts, type Registries } from "@millrace/orchestration";
import type { ScriptedAgents } from "@millrace/testing";
import { AllowedMerges, type InForce } from "./allowed-merges.js";
import type { SpendByKey } from "./agents.js";
import type { SimulatedBoard } from "./board.js";
import type { Clocks } from "./disturbances/clocks.js";
import type { Outages } from "./disturbances/outages.js";
import { GoodWork } from "./good-work/good-work.js";
import type { Claims } from "./hostile/claims.js";
import { SettingsInForce } from "./settings-in-force.js";
import { brokenBy, isMerging, isOver, needsUser } from "./invariants.logic.js";
import { Landings } from "./landings.js";
import { Ledger } from "./ledger.js";
import type { Coverage, CoverageKind } from "./coverage.logic.js";
import { countBegun, countLanded, countMerges, countUsage } from "./final-checks.js";
import { isSame } from "./same.logic.js";
import { limitOf } from "./settings.logic.js";
import type { Violation } from "./violation.js";
import { missingOf } from "./whole-commit.js";
import type { Environment } from "./environment.js";

/** Nudging a wake-up to this time changes nothing, and tells whether the wake-up exists. */
const NEVER = Number.MAX_SAFE_INTEGER;
const ALL_EVENTS = 1000;
/** Ids of notifications that ask for no answer. */
const TELLS = /\/(?:end|regression|refused|without-effect)$/u;
const PAUSES = {
  budget: "pause for a budget",
  quota: "pause for a quota",
  limit: "pause for a rate limit",
  outage: "pause for an outage",
} as const satisfies Record<string, CoverageKind>;

export interface WatcherOptions {
  readonly ports: Pick<OrchestrationPorts, "store" | "wakeups">;
  readonly registries: Registries;
  readonly environment: Environment;
  readonly outages: Outages;
  readonly clocks: Clocks;
  /** Whether more happens than in a plain world. */
  readonly isDisturbed: boolean;
  /** What agents only claimed. */
  readonly claims: Claims;
  readonly agents: ScriptedAgents;
  readonly spent: SpendByKey;
  /** Flat-rate kinds, which no budget may pause. */
  readonly flat: ReadonlySet<string>;
  readonly coverage: Coverage;
  readonly trace: (line: string) => void;
}

interface KnownRun {
  readonly run: Run;
  readonly events: readonly RunEvent[];
  readonly stopped: boolean;
  /** Ids of waits whose answer was acknowledged. */
  readonly answered: ReadonlySet<string>;
}

export class Watcher {
  readonly violations: Violation[] = [];
  /** Keys of requested effects. A key may be performed only if it is in here. */
  readonly requested = new Set<string>();
  commits = 0;
  readonly #options: WatcherOptions;
  readonly #landings: Landings;
  readonly #goodWork: GoodWork;
  readonly #seen = new Map<string, KnownRun>();
  /** Rows before their last commit, for stale reads. */
  readonly #older = new Map<string, RunRecord | Block>();
  #workspaceId = "";
  #preset: MergePreset | null = null;
  #merges: AllowedMerges | null = null;
  #ledger: Ledger | null = null;
  /** Task types by run. */
  readonly #types = new Map<string, RunRecord["taskType"]>();
  #inForce: InForce | null = null;

  constructor(options: WatcherOptions) {
    const { ports, environment, outages, clocks, registries } = options;
    this.#options = options;
    this.#landings = new Landings({ store: ports.store, environment, outages, violations: this.violations });
    this.#goodWork = new GoodWork({ environment, clocks, stepKinds: registries.stepKinds });
  }

  begin({ workspaceId, preset, settings, tasks }: SimulatedBoard): void {
    const { ports, spent } = this.#options;
    this.#workspaceId = workspaceId;
    this.#preset = preset;
    this.#inForce = {
      presets: new SettingsInForce(preset),
      checks: new SettingsInForce(checkPolicySchema.parse({})),
      settings: new SettingsInForce(settings),
    };
    this.#merges = new AllowedMerges(this.#options.environment, this.#inForce);
    if (settings.budget.reserveInlineMicros === 0) this.#options.coverage.count("reservation of zero");
    this.#ledger = new Ledger({ store: ports.store, workspaceId, spent, settings: this.#inForce.settings, tasks: tasks.length });
  }

  /** Current settings of the workspace. */
  get settings(): WorkspaceSettings {
    if (this.#inForce === null) throw new RangeError("nothing has begun");
    return this.#inForce.settings.current;
  }

  get runs(): readonly Run[] {
    return [...this.#seen.values()].map(({ run }) => run);
  }

  older(id: string): RunRecord | Block | null {
    return this.#older.get(id) ?? null;
  }

  /** Performs a commit, checks its effects, and returns its result. */
  async commit(changes: readonly Change[], act: () => Promise<unknown>): Promise<unknown> {
    const ids = touched(changes);
    const before = new Map<string, RunRecord | null>();
    for (const id of ids) before.set(id, await this.#options.ports.store.runs.get(this.#workspaceId, id));
    const blocks = await this.#blocksOf(changes);
    let answer: unknown;
    try {
      answer = await act();
    } catch (error) {
      for (const id of ids) await this.#refused(id, before.get(id) ?? null);
      throw error;
    }
    this.commits += 1;
    for (const [id, record] of before) if (record !== null) this.#older.set(id, record);
    for (const block of blocks) this.#older.set(block.id, block);
    for (const id of ids) await this.#landed(id);
    await this.#counted(changes);
    for (const id of ids) await this.#spent(id);
    for (const id of ids) this.#committed(id);
    for (const change of changes) {
      const missing = await missingOf(this.#options.ports.store, change);
      if (missing !== null) this.#violate("I11", `a commit landed without its ${missing}`);
    }
    return answer;
  }

  /** Records that a stop was acknowledged. */
  async stopped(runId: string): Promise<void> {
    this.#change(runId, { stopped: true });
    await this.#landed(runId);
  }

  /** Records that the cancel of a task was acknowledged whose change had landed before. */
  async givenBack(blockId: string): Promise<void> {
    const block = await this.#options.ports.store.blocks.get(this.#workspaceId, blockId);
    if (block?.status !== "done") this.#violate("I3", `'${blockId}' was given back although its change has landed`);
  }

  /** Records that an answer was acknowledged. */
  async answered(runId: string, wait: string): Promise<void> {
    const before = this.#seen.get(runId);
    if (before?.answered.has(wait) === true) this.#violate("P5", `two answers to '${wait}' were acknowledged`);
    this.#change(runId, { answered: new Set([...(before?.answered ?? []), wait]) });
    await this.#landed(runId);
  }

  /** Records that a start was acknowledged. */
  started(runId: string): void {
    if (!this.#seen.has(runId)) this.#violate("I1", `run '${runId}' was acknowledged and is not stored`);
  }

  /**
   * Records that a merge is sent (F:A7). What is on its way cannot be called back, so a merge of a stopped run is forgiven only if it was
   * sent before the stop was learned: at that moment the stored run asked for it, or its sender was `misled` about the revision.
   */
  mergeSent(number: number, misled: ReadonlySet<string>): void {
    const asking = this.runs.filter((run) => run.pullRequest?.number === number && (isMerging(run) || misled.has(run.id)));
    if (asking.length === 0) this.#violate("I3", `the merge of #${number} is sent, and the run that asked for it was stopped by then`);
  }

  /** Records that the engine requests an effect by key. */
  asked(key: string): void {
    if (!this.requested.has(key.replace(/\+repair$/u, ""))) this.#violate("I10", `'${key}' is performed, and no stored run asked for it`);
  }

  thrown(what: string, error: unknown): void {
    this.#violate(
      "error",
      `${what}: ${error instanceof Error ? `${error.name}: ${error.message}` : "something that is no error was thrown"}`,
    );
  }

  /** Checks, without faults and with nothing due, that every run is finished or waits for a user. */
  async atRest(): Promise<void> {
    for (const { run } of this.#seen.values()) {
      if (!isOver(run) && !needsUser(run)) this.#violate("I5", `run '${run.id}' is stuck: ${run.phase.is}, step ${run.cursor + 1}`);
    }
    for (const { run } of this.#seen.values()) if (!isOver(run)) await this.#subject(run);
    const running = this.#options.agents.inFlight();
    if (running.length > 0) this.#violate("P9", `nothing is left to do, and still running: ${running.join(", ")}`);
    this.violations.push(...((await this.#ledger?.atRest()) ?? []));
  }

  /** Checks every run once more from its whole history, and runs the final checks. `cut`: where histories are split for I11. */
  async finalChecks(cut: number): Promise<void> {
    for (const seen of this.#seen.values()) {
      await this.#landed(seen.run.id);
      this.#replayed(seen, cut);
    }
    const { ports, ...options } = this.#options;
    const finalState = { ...options, workspaceId: this.#workspaceId, store: ports.store, runs: [...this.#seen.values()] };
    this.violations.push(...((await this.#ledger?.balance(this.runs)) ?? []));
    this.violations.push(...countMerges(finalState), ...(await countLanded(finalState)));
    this.violations.push(...this.#goodWork.cost(finalState.runs));
    this.violations.push(...countBegun(finalState), ...(await countUsage(finalState)));
    for (const { key } of this.#options.agents.begun) this.asked(key);
  }

  /** Records that everything people were asked was agreed to, and nothing is left to do. */
  agreed(): void {
    this.violations.push(...this.#goodWork.arrived(this.runs));
  }

  /** Records that nothing is due for so long, in ms, although no pause but that for a month's budget is as long (F:C9). */
  standsStill(ms: number): void {
    if (this.runs.some((run) => heldEffect(run)?.hold?.because === "budget")) return;
    this.#violate("I5", `nothing is due for ${Math.round(ms / 60_000)} min`);
  }

  #committed(runId: string): void {
    this.#inForce?.presets.committed(runId);
    this.#inForce?.checks.committed(runId);
    this.#inForce?.settings.committed(runId);
    this.#options.environment.rules.committed(runId);
  }

  #violate(rule: Violation["rule"], message: string): void {
    this.violations.push({ rule, message });
  }

  #change(runId: string, changed: Partial<KnownRun>): void {
    const before = this.#seen.get(runId);
    if (before !== undefined) this.#seen.set(runId, { ...before, ...changed });
  }

  async #refused(runId: string, before: RunRecord | null): Promise<void> {
    const after = await this.#options.ports.store.runs.get(this.#workspaceId, runId);
    if (after?.revision !== before?.revision) this.#violate("I11", `a refused commit moved run '${runId}'`);
    const events = await this.#newEvents(runId);
    if (events.length > 0) this.#violate("I11", `a refused commit left ${events.length} event(s) of run '${runId}'`);
  }

  /** Reads a run back and compares it with the fold of its events. */
  async #landed(runId: string): Promise<void> {
    const { store } = this.#options.ports;
    const record = await store.runs.get(this.#workspaceId, runId);
    if (record === null) return this.#violate("I11", `run '${runId}' is gone`);
    const known = this.#seen.get(runId);
    const events = await this.#newEvents(runId);
    const after = this.#fold(known?.run ?? null, events);
    if (after === null) return this.#violate("I11", `run '${runId}' is stored without its events`);
    if (events.length > 0) this.#options.trace(`  ${runId} at ${after.revision}: ${events.map(({ event }) => brief(event)).join(", ")}`);
    const moved = { before: known?.run ?? null, after, events };
    this.#seen.set(runId, {
      run: after,
      events: [...(known?.events ?? []), ...events],
      stopped: known?.stopped ?? false,
      answered: known?.answered ?? new Set(),
    });
    for (const { event } of events) {
      if (event.type === "effect-requested") this.requested.add(event.effect.key);
      if (event.type === "effect-held") this.#options.coverage.count(PAUSES[event.hold.because]);
    }
    const row = toRecord(after, record.updatedAt);
    if (!isSame(row.document, record.document))
      this.#violate("I11", `the events of run '${runId}' do not give what is stored at revision ${record.revision}`);
    if (row.status !== record.status || row.revision !== record.revision)
      this.#violate("I11", `run '${runId}' is stored as ${record.status} at ${record.revision}, and is ${row.status} at ${row.revision}`);
    const { registries, isDisturbed } = this.#options;
    if (this.#preset !== null)
      this.violations.push(...brokenBy(moved, { stepKinds: registries.stepKinds, preset: this.#preset, hasOutages: isDisturbed }));
    this.violations.push(...((await this.#merges?.observe(moved)) ?? []));
    this.violations.push(...this.#options.claims.believed(after, events));
    this.#kept(runId);
    this.#paused(after);
    this.#jobs(after);
    await this.#awake(after);
    await this.#alone(after);
    await this.#honest(after);
    await this.#landings.observe(moved);
    this.violations.push(...(await this.#goodWork.observe(moved, this.#seen.get(runId)?.events ?? [])));
  }

  #fold(from: Run | null, events: readonly RunEvent[]): Run | null {
    try {
      return events.reduce<Run | null>((run, event) => evolve(run, event, this.#options.registries), from);
    } catch (error) {
      this.thrown("the stored events do not fold", error);
      return from;
    }
  }

  #newEvents(runId: string): Promise<readonly RunEvent[]> {
    const from = this.#seen.get(runId)?.run.revision ?? 0;
    return this.#options.ports.store.events
      .ofRun(this.#workspaceId, runId, from, ALL_EVENTS)
      .then((logged) => logged.map(({ entry }) => entry as RunEvent));
  }

  /** I1: acknowledged commands are never lost. */
  #kept(runId: string): void {
    const seen = this.#seen.get(runId);
    if (seen === undefined) return;
    const { phase } = seen.run;
    if (seen.stopped && (phase.is === "live" || phase.is === "done"))
      this.#violate("I1", `the stop of run '${runId}' was acknowledged, and it is ${phase.is}`);
    const open = openWait(seen.run);
    if (open !== null && seen.answered.has(open.id)) this.#violate("I1", `the answer to '${open.id}' was acknowledged, and it is open`);
    const answers = seen.events.flatMap(({ event }) => (event.type === "human-answered" ? [event.wait] : []));
    if (new Set(answers).size < answers.length) this.#violate("P5", `a wait of run '${runId}' was answered twice`);
    for (const wait of seen.answered)
      if (!answers.includes(wait)) this.#violate("I1", `the answer to '${wait}' was acknowledged, and no event says so`);
  }

  /** I9: a budget never pauses a flat-rate call. */
  #paused(run: Run): void {
    const held = heldEffect(run);
    if (held?.hold?.because !== "budget" || !("kind" in held.request) || !this.#options.flat.has(held.request.kind)) return;
    this.#violate("I9", `'${held.key}' costs nothing more, and is paused for a budget`);
  }

  /** I2 and P9: a run has one job at a time, and only the one in its state. */
  #jobs(run: Run): void {
    const running = this.#options.agents.inFlight().filter((key) => key.startsWith(`${run.id}/`));
    if (running.length > 1) this.#violate("I2", `run '${run.id}' has ${running.length} jobs in flight: ${running.join(", ")}`);
    if (isOver(run) && running.length > 0) this.#violate("P9", `run '${run.id}' is ${run.phase.is} while ${running.join(", ")} runs`);
    const activity = run.steps[run.cursor]?.activity;
    const wanted = activity?.is === "job" ? activity.job.key : activity?.is === "effect" ? activity.effect.key : null;
    const orphans = running.filter((key) => key !== wanted);
    if (orphans.length > 0) this.#violate("I2", `run '${run.id}' does not know of its job ${orphans.join(", ")}`);
  }

  /** I5: a live run has a wake-up or an open notification. */
  async #awake(run: Run): Promise<void> {
    const { store, wakeups } = this.#options.ports;
    const hasWakeUp = await wakeups.nudge(this.#workspaceId, run.id, NEVER);
    const wait = openWait(run);
    // The last one of a run with a deployer takes its environment down.
    const deployed = run.steps.some(({ state, effects, attempt }) => state.kind === "deployer" && (effects > 0 || attempt > 1));
    if (isOver(run) && hasWakeUp && !deployed) this.#violate("I5", `run '${run.id}' is ${run.phase.is} and still has a wake-up`);
    if (!isOver(run) && !needsUser(run) && !hasWakeUp) this.#violate("I5", `run '${run.id}' is ${run.phase.is} and has no wake-up`);
    const notifications = (await store.notifications.ofRun(this.#workspaceId, run.id)).filter(({ status }) => status === "open");
    if (wait !== null && !notifications.some(({ id }) => id === wait.id))
      this.#violate("I5", `run '${run.id}' waits at '${wait.id}', and no notification asks for it`);
    const held = heldEffect(run);
    const pause = held === null ? null : `${held.key}/hold`;
    if (pause !== null && !notifications.some(({ id }) => id === pause))
      this.#violate("I5", `run '${run.id}' is paused, and no notification says why`);
    const unanswerable = notifications.filter(({ id }) => id !== wait?.id && id !== pause && !TELLS.test(id));
    for (const { id } of unanswerable) this.#violate("I5", `notification '${id}' is open, and cannot be answered`);
  }

  /** Checks spending and task limits. */
  async #counted(changes: readonly Change[]): Promise<void> {
    for (const change of changes) {
      if (change.change === "put-settings") this.#inForce?.settings.changed(change.settings);
      if (change.change === "update-preset") this.#inForce?.presets.changed(change.preset);
      if (change.change === "patch-block" && change.patch.checks != null) this.#inForce?.checks.changed(change.patch.checks);
      if (change.change === "insert-run") this.#limited(change.record);
    }
    this.violations.push(...((await this.#ledger?.landed(changes)) ?? []));
  }

  /** I15 and I9: calls that are over are settled, and one in flight is reserved for. */
  async #spent(runId: string): Promise<void> {
    const run = this.#seen.get(runId)?.run;
    if (run === undefined) return;
    const { key, kind, isHeld } = callOf(run) ?? { key: null, kind: "", isHeld: true };
    const isMetered = run.phase.is === "live" && !isHeld && !this.#options.flat.has(kind);
    this.violations.push(...((await this.#ledger?.ofRun(run, key, isMetered)) ?? []));
  }

  /** An admitted run fits under the limit of its service: one that was in force since a person may have asked for it. */
  #limited({ id, taskType }: RunRecord): void {
    this.#types.set(id, taskType);
    const limits = (this.#inForce?.settings.sinceCommitOf(id) ?? []).map((settings) => limitOf(taskType, settings.taskLimit));
    const max = Math.max(...limits.map((limit) => limit.max));
    const ofType = limits.every((limit) => limit.ofType);
    const live = this.runs.filter((run) => !isOver(run) && (!ofType || this.#types.get(run.id) === taskType));
    if (live.length > max) this.#violate("I8", `${live.length} runs are live where ${max} may be`);
  }

  async #alone(run: Run): Promise<void> {
    const live = await this.#options.ports.store.runs.list(this.#workspaceId, { blockId: run.blockId, live: true }, { limit: 5 });
    if (live.length > 1) this.#violate("I8", `block '${run.blockId}' has ${live.length} live runs: ${live.map(({ id }) => id).join(", ")}`);
  }

  /** I11: a block shows its live run. A merged block is done, also while its release is watched and when a start raced the merge. */
  async #subject(run: Run): Promise<void> {
    const block = await this.#options.ports.store.blocks.get(this.#workspaceId, run.blockId);
    const isShown =
      block?.runId === run.id && (block?.merged === null ? ["in_progress", "blocked", "pr_ready"] : ["done"]).includes(block.status);
    if (!isShown)
      this.#violate("I11", `run '${run.id}' is ${run.phase.is}, and its block is ${block?.status} with ${block?.runId ?? "no run"}`);
  }

  /** I3: a block with a pull request is done only if the forge confirms its merge; without one there is nothing to merge. */
  async #honest({ blockId }: Run): Promise<void> {
    const block = await this.#options.ports.store.blocks.get(this.#workspaceId, blockId);
    if (block === null || block.status !== "done" || (block.pullRequest === null && block.merged === null)) return;
    if (!this.#options.environment.landedOf(blockId).includes(block.merged?.commit ?? ""))
      this.#violate("I3", `block '${blockId}' is done, and nothing of it has landed`);
  }

  async #blocksOf(changes: readonly Change[]): Promise<readonly Block[]> {
    const blocks: Block[] = [];
    for (const change of changes) {
      if (change.change !== "patch-block") continue;
      const block = await this.#options.ports.store.blocks.get(change.workspaceId, change.id);
      if (block !== null) blocks.push(block);
    }
    return blocks;
  }

  /** I11: folding any prefix and then the rest of the history gives the same run. */
  #replayed({ events, run }: KnownRun, cut: number): void {
    const at = cut % (events.length + 1);
    const prefix = this.#fold(null, structuredClone(events.slice(0, at)));
    if (!isSame(this.#fold(prefix, structuredClone(events.slice(at))), run))
      this.#violate("I11", `the history of run '${run.id}', cut at ${at}, does not fold to the run`);
  }
}

/** The agent's call or job that a run has in flight; null when it has none. */
function callOf(run: Run): { readonly key: string; readonly kind: string; readonly isHeld: boolean } | null {
  const activity = isOver(run) ? undefined : run.steps[run.cursor]?.activity;
  if (activity?.is === "job") return { key: activity.job.key, kind: activity.job.kind, isHeld: false };
  if (activity?.is !== "effect" || !("kind" in activity.effect.request)) return null;
  const { key, request, hold } = activity.effect;
  return { key, kind: request.kind, isHeld: hold !== null };
}

function brief(event: RunEvent["event"]): string {
  const step = "step" in event ? `#${event.step + 1}` : "";
  const what =
    event.type === "effect-requested" ? ` ${event.effect.request.do}` : event.type === "fact-recorded" ? ` ${event.fact.is}` : "";
  return `${event.type}${step}${what}`;
}

function touched(changes: readonly Change[]): ReadonlySet<string> {
  return new Set(
    changes.flatMap((change) => {
      if (change.change === "insert-run" || change.change === "update-run") return [change.record.id];
      return change.change === "append-run-events" ? [change.runId] : [];
    }),
  );
}
