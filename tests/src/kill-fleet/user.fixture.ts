/**
 * The user of a fleet: answers waits, retries failed runs, and stops endless ones. Its process is never killed, so every command that
 * returned was acknowledged and must be in the history. After a lost response, the effect of a command is read: a command with an
 * effect counts as acknowledged, one without is repeated.
 */
import type { HumanReply, HumanWait, Run } from "@millrace/contracts";
import { isMillraceError } from "@millrace/kernel";
import { openWait } from "@millrace/orchestration";
import type { AcknowledgedCommand } from "./acknowledged-command.js";
import { exactlyOnce, untilAvailable, type UnknownOutcomes } from "./exactly-once.js";
import { fleetActor, type FleetEngine } from "./engine.fixture.js";
import type { PlannedTask } from "./plan.logic.js";

export interface FleetUserOptions {
  readonly engine: Pick<FleetEngine, "execution" | "reviews" | "store">;
  readonly workspaceId: string;
  readonly unknownOutcomes: UnknownOutcomes;
  /** Planned task of a block. */
  planOf(blockId: string): PlannedTask;
  /** Ids of the runs to stop now. */
  endless(): readonly string[];
  /** Whether a failed run is tried again. Each is once. */
  retries(run: Run): boolean;
}

const PAGE = 200;

export class FleetUser {
  readonly acknowledged: AcknowledgedCommand[] = [];
  readonly #options: FleetUserOptions;
  /** Ids of runs that were retried or stopped already. */
  readonly #dealtWith = new Set<string>();

  constructor(options: FleetUserOptions) {
    this.#options = options;
  }

  /** Handles every open notification, and stops endless runs. */
  async attendAll(): Promise<void> {
    const { engine, workspaceId } = this.#options;
    for (const runId of this.#options.endless()) await this.#stop(runId);
    let after: string | undefined;
    do {
      const notifications = await engine.store.notifications.open(workspaceId, { limit: PAGE, after });
      for (const { runId } of notifications) await this.#attend(await engine.execution.get({ workspaceId, runId }));
      after = notifications.length < PAGE ? undefined : notifications.at(-1)?.id;
    } while (after !== undefined);
  }

  async #attend(run: Run): Promise<void> {
    const plan = this.#options.planOf(run.blockId);
    const wait = openWait(run);
    if (wait !== null) return this.#answer(run, wait, replyTo(wait, plan));
    if (run.phase.is === "failed" && !this.#dealtWith.has(run.id) && this.#options.retries(run)) await this.#retry(run);
  }

  async #answer(run: Run, wait: HumanWait, reply: HumanReply): Promise<void> {
    const { engine, workspaceId } = this.#options;
    const request = { workspaceId, runId: run.id, wait: wait.id, subject: wait.subject, actor: fleetActor, reply };
    if (wait.on === "review") await this.#answerFindings(run);
    await exactlyOnce(
      this.#options.unknownOutcomes,
      () => engine.execution.answer(request),
      () => this.#find(run.id, (now) => openWait(now)?.id !== wait.id),
    );
    this.acknowledged.push({
      runId: run.id,
      did: "answer",
      wait: wait.id,
      refusedAgain: await untilAvailable(() => isRefused(() => engine.execution.answer(request))),
    });
  }

  async #retry({ id: runId, blockId, workspaceId }: Run): Promise<void> {
    const { execution, store } = this.#options.engine;
    const next = await exactlyOnce<{ readonly id: string }>(
      this.#options.unknownOutcomes,
      () => execution.retry({ workspaceId, runId, actor: fleetActor }),
      async () => (await store.runs.list(workspaceId, { blockId }, { limit: 2 })).find(({ id }) => id !== runId) ?? null,
    );
    this.#dealtWith.add(runId);
    this.acknowledged.push({ runId: next.id, did: "retry", wait: null, refusedAgain: null });
  }

  async #answerFindings({ id: runId }: Run): Promise<void> {
    const { engine, workspaceId } = this.#options;
    const found = await engine.reviews.ofRun({ workspaceId, runId });
    if (found === null) return;
    const by = { workspaceId, reviewId: found.review.id, actor: fleetActor };
    for (const { id: itemId } of found.items) {
      await exactlyOnce(
        this.#options.unknownOutcomes,
        () => engine.reviews.answer({ ...by, itemId, answer: { do: "reply", text: "because" } }),
        async () =>
          (await engine.store.reviews.items(workspaceId, found.review.id)).find((item) => item.id === itemId && item.reply !== null) ??
          null,
      );
    }
  }

  async #stop(runId: string): Promise<void> {
    if (this.#dealtWith.has(runId)) return;
    const { engine, workspaceId } = this.#options;
    await exactlyOnce(
      this.#options.unknownOutcomes,
      () => engine.execution.stop({ workspaceId, runId, as: "cancelled", reason: "it would never end", actor: fleetActor }),
      () => this.#find(runId, ({ phase }) => phase.is !== "live"),
    );
    this.#dealtWith.add(runId);
    this.acknowledged.push({ runId, did: "stop", wait: null, refusedAgain: null });
  }

  /** The run if `isSo` holds for it; null otherwise. No other user answers or stops runs. */
  async #find(runId: string, isSo: (run: Run) => boolean): Promise<Run | null> {
    const { engine, workspaceId } = this.#options;
    const run = await engine.execution.get({ workspaceId, runId });
    return isSo(run) ? run : null;
  }
}

function replyTo(wait: HumanWait, plan: PlannedTask): HumanReply {
  switch (wait.on) {
    case "decision":
    // A check that could not run, as on a full disk: the first option is to run it again.
    case "checks-blocked":
      return { answer: "choose", option: wait.options[0] ?? "yes" };
    case "cap":
      return { answer: "proceed" };
    case "review":
      return { answer: "incorporate", feedback: "" };
    case "approval": {
      if (plan.story === "rejected") return { answer: "reject", reason: "as its script says" };
      const again = plan.story === "changes" && isFirstAttempt(wait);
      return again ? { answer: "request-changes", feedback: "say more" } : { answer: "approve" };
    }
    default:
      return { answer: "approve" };
  }
}

/** Ids of waits are `run.step.attempt.n`. */
function isFirstAttempt(wait: HumanWait): boolean {
  return wait.id.split(".").at(-2) === "1";
}

async function isRefused(again: () => Promise<unknown>): Promise<boolean> {
  try {
    await again();
    return false;
  } catch (error) {
    if (isMillraceError(error, "wait_closed") || isMillraceError(error, "run_not_live")) return true;
    throw error;
  }
}
