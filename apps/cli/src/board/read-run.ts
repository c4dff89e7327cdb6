import { runEventRecordSchema, type Run, type RunEvent, type RunView } from "@millrace/contracts";
import { assertFound, MillraceError, type Store } from "@millrace/kernel";
import { openWait, runView, type RunAddress, type RunObservations } from "@millrace/orchestration";
import type { Host } from "@millrace/runtime-host";

const PAGE = 1000;
/** Bounds a read at 50,000 events, far more than the bounds of a run allow it. */
const MAX_PAGES = 50;

/** A run as it is stored and as it is shown. */
export interface RunWithView {
  readonly run: Run;
  readonly view: RunView;
}

/** Sources of a view of a run. */
type RunSource = Pick<Host, "execution" | "store" | "reviews" | "stepKinds">;

/**
 * A run, and its view at `now` (epoch ms).
 *
 * @throws MillraceError `not_found`, `stored_shape_*`.
 */
export async function readRun(runtime: RunSource, address: RunAddress, now: number): Promise<RunWithView> {
  const run = await runtime.execution.get(address);
  const { workspaceId, runId } = address;
  const task = assertFound(await runtime.store.blocks.get(workspaceId, run.blockId), "task", run.blockId);
  const key = openWait(run)?.output?.key ?? null;
  const view = runView({
    run,
    task,
    events: await eventsOf(runtime.store, address, 0),
    usage: await runtime.store.usage.ofRun(workspaceId, runId),
    text: key === null ? null : await runtime.store.outputs.get(workspaceId, key),
    kinds: runtime.stepKinds,
    now,
    observed: await observe(runtime, run),
  });
  return { run, view };
}

/** Observations that the run itself does not hold: its place in line, and the findings people have still to answer. */
async function observe({ reviews, store }: RunSource, run: Run): Promise<RunObservations> {
  const place = await store.landings.position(run.workspaceId, run.id);
  if (place !== null) return { mergesAhead: place.ahead };
  if (openWait(run)?.on !== "review") return {};
  const items = (await reviews.ofRun({ workspaceId: run.workspaceId, runId: run.id }))?.items;
  if (items === undefined) return {};
  const open = items.filter(({ status }) => status === "open");
  return { findings: { open: open.length, high: open.filter(({ severity }) => severity === "high").length } };
}

/**
 * Events of a run after the first `seen` of them.
 *
 * @throws MillraceError `stored_shape_invalid`.
 */
export async function eventsOf(store: Store, { workspaceId, runId }: RunAddress, seen: number): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = [];
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await store.events.ofRun(workspaceId, runId, seen + events.length, PAGE);
    for (const { entry, sequence } of page) {
      const parsed = runEventRecordSchema.safeParse(entry);
      if (!parsed.success)
        throw new MillraceError("stored_shape_invalid", `event ${sequence} of run '${runId}' cannot be read`, {
          fix: "it may have been written by a newer Millrace: upgrade, or restore the database from a backup",
        });
      events.push(parsed.data);
    }
    if (page.length < PAGE) break;
  }
  return events;
}
