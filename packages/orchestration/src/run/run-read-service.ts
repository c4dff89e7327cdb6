/** Reads of runs, for every door: the command line, the HTTP API, the board page. None of them writes. */
import {
  runEventRecordSchema,
  type ReviewWithItems,
  type Run,
  type RunActions,
  type RunEvent,
  type RunEvidence,
  type RunView,
} from "@millrace/contracts";
import { assertFound, MillraceError, notFound, type Cursor } from "@millrace/kernel";
import type { OrchestrationPorts } from "../platform/ports.js";
import { openWait } from "./model/due.logic.js";
import type { StepKinds } from "./model/step-kind.js";
import type { RunAddress } from "./turn/run-session.js";
import { evidenceOf } from "./read/evidence.logic.js";
import { possibleActions } from "./read/possible-actions.logic.js";
import type { RunObservations } from "./read/run-reason.logic.js";
import { runView } from "./read/run-view.logic.js";

/** Events that one page has at most. */
const MAX_PAGE = 1000;
/** Bounds a read at 50,000 events, far more than the bounds of a run allow it. */
const MAX_PAGES = 50;

/** A run as it is stored and as it is shown. */
export interface RunWithView {
  readonly run: Run;
  readonly view: RunView;
  /** What can be done with it now. */
  readonly can: RunActions;
  /** Position of the workspace's log before everything here was read. */
  readonly cursor: Cursor;
}

/** Part of the text of a step's output. */
export interface OutputPart {
  readonly key: string;
  readonly digest: string;
  /** Length of the whole text. */
  readonly chars: number;
  /** Offset of `text` in it. */
  readonly from: number;
  readonly text: string;
}

/** What the reads need of others. */
export interface RunReadCalls {
  /** @throws MillraceError `not_found`, `stored_shape_newer`, `stored_shape_invalid`. */
  readonly readRun: (address: RunAddress) => Promise<Run>;
  /** The review a run is at, with its findings; null when it has none. */
  readonly reviewOf: (address: RunAddress) => Promise<ReviewWithItems | null>;
}

/** Reads of runs: the view with what can be done, events, outputs, evidence. It asks no permission: the door does. */
export class RunReadService {
  readonly #ports: Pick<OrchestrationPorts, "store" | "clock">;
  readonly #stepKinds: StepKinds;
  readonly #calls: RunReadCalls;

  constructor(ports: Pick<OrchestrationPorts, "store" | "clock">, stepKinds: StepKinds, calls: RunReadCalls) {
    this.#ports = ports;
    this.#stepKinds = stepKinds;
    this.#calls = calls;
  }

  /**
   * A run, its view now, and what can be done with it.
   * @throws MillraceError `not_found`, `stored_shape_*`.
   */
  async view(address: RunAddress): Promise<RunWithView> {
    const { store, clock } = this.#ports;
    const { workspaceId, runId } = address;
    const cursor = await store.events.end();
    const run = await this.#calls.readRun(address);
    const task = assertFound(await store.blocks.get(workspaceId, run.blockId), "task", run.blockId);
    const key = openWait(run)?.output?.key ?? null;
    const view = runView({
      run,
      task,
      events: await this.events(address, 0),
      usage: await store.usage.ofRun(workspaceId, runId),
      text: key === null ? null : await store.outputs.get(workspaceId, key),
      kinds: this.#stepKinds,
      now: clock.now(),
      observed: await this.#observe(run),
    });
    return { run, view, can: possibleActions(run, task), cursor };
  }

  /**
   * What its merge stands on, or would stand on now.
   * @throws MillraceError `not_found`, `stored_shape_*`.
   */
  async evidence(address: RunAddress): Promise<RunEvidence> {
    const run = await this.#calls.readRun(address);
    const task = assertFound(await this.#ports.store.blocks.get(run.workspaceId, run.blockId), "task", run.blockId);
    return evidenceOf(run, task, this.#stepKinds, this.#ports.clock.now());
  }

  /**
   * Events of a run after the first `after` of them, at most `limit`; without a limit, all there are.
   * @throws MillraceError `stored_shape_invalid`.
   */
  async events({ workspaceId, runId }: RunAddress, after: number, limit?: number): Promise<readonly RunEvent[]> {
    const events: RunEvent[] = [];
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const size = Math.min(MAX_PAGE, (limit ?? Number.POSITIVE_INFINITY) - events.length);
      if (size <= 0) break;
      const page = await this.#ports.store.events.ofRun(workspaceId, runId, after + events.length, size);
      for (const { entry, sequence } of page) {
        const parsed = runEventRecordSchema.safeParse(entry);
        if (!parsed.success)
          throw new MillraceError("stored_shape_invalid", `event ${sequence} of run '${runId}' cannot be read`, {
            fix: "it may have been written by a newer Millrace: upgrade, or restore the database from a backup",
          });
        events.push(parsed.data);
      }
      if (page.length < size) break;
    }
    return events;
  }

  /**
   * Part of the text of a step's output: `chars` characters at most from `from` on. Null when the step has none.
   * @param address.step Index of the step, from 0.
   * @throws MillraceError `not_found`.
   */
  async output(address: RunAddress & { readonly step: number; readonly from: number; readonly chars: number }): Promise<OutputPart | null> {
    const run = await this.#calls.readRun(address);
    const step = run.steps[address.step];
    if (step === undefined) throw notFound("step", String(address.step + 1), `run '${run.id}' has steps 1 to ${run.steps.length}`);
    if (step.output === null) return null;
    const text = await this.#ports.store.outputs.get(run.workspaceId, step.output.key);
    if (text === null) return null;
    return { ...step.output, from: address.from, text: text.slice(address.from, address.from + address.chars) };
  }

  /** Observations that the run itself does not hold: its place in line, and the findings people have still to answer. */
  async #observe(run: Run): Promise<RunObservations> {
    const { workspaceId, id: runId } = run;
    const place = await this.#ports.store.landings.position(workspaceId, runId);
    if (place !== null) return { mergesAhead: place.ahead };
    if (openWait(run)?.on !== "review") return {};
    const items = (await this.#calls.reviewOf({ workspaceId, runId }))?.items;
    if (items === undefined) return {};
    const open = items.filter(({ status }) => status === "open");
    return { findings: { open: open.length, high: open.filter(({ severity }) => severity === "high").length } };
  }
}
