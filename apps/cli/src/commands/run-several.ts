import type { Block } from "@millrace/contracts";
import { findTask } from "../board/find.js";
import type { ExitCode } from "../exit-codes.js";
import { drive, isMovable, type FollowedRun } from "../follow/drive.js";
import type { Cradle } from "../wiring/container.js";
import { boardOf } from "./command.js";

/**
 * Runs several tasks here until all of them rest, as many at a time as a driver takes (4). Every task is looked up before the first run is
 * started; a task with a live run goes on with it.
 */
export async function runSeveral(app: Cradle, names: readonly string[], options: { readonly pipeline?: string }): Promise<ExitCode> {
  const { output, project, runtime, actor } = app;
  const board = await boardOf(app);
  const { workspaceId } = board;
  const tasks = new Map<string, Block>();
  for (const name of names) {
    const task = await findTask(board, name);
    tasks.set(task.id, task);
  }
  const { execution } = await runtime.open();
  return drive(app, async () => {
    const followed: FollowedRun[] = [];
    for (const task of tasks.values()) {
      const live = await board.store.runs.liveOfBlock(workspaceId, task.id);
      if (live !== null) output.note(`'${task.title}' has the live run ${live.id} (${live.status}); going on with it`);
      if (live !== null && !isMovable(live.status)) continue;
      const run =
        live ??
        (await execution.start({
          workspaceId,
          blockId: task.id,
          pipelineId: options.pipeline ?? task.pipelineId ?? project.config.pipeline,
          actor,
        }));
      followed.push({ address: { workspaceId, runId: run.id }, seen: live?.revision ?? 0 });
    }
    return followed;
  });
}
