import type { Run } from "@millrace/contracts";
import { isLive, openWait } from "@millrace/orchestration";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { drive } from "../follow/drive.js";
import { runDocument } from "../views/commands.logic.js";
import type { Cradle } from "../wiring/container.js";

/** Reports the result of a command that changed a run, and drives the run with `drive`. */
export async function reportResult(
  app: Cradle,
  run: Run,
  options: { readonly message: string; readonly drive: boolean; readonly seen: number },
): Promise<ExitCode> {
  const { output, runtime } = app;
  const address = { workspaceId: run.workspaceId, runId: run.id };
  const movable = isLive(run) && openWait(run) === null;
  output.note(`${options.message}: ${run.id}`);
  if (options.drive && movable) return drive(app, async () => [{ address, seen: options.seen }]);
  const { view } = await (await runtime.open()).runs.view(address);
  output.document({ run: runDocument(view) });
  if (movable) output.line("it goes on with: millrace run");
  else output.line(`the run is ${view.status}; see it with: millrace show ${run.id}`);
  return EXIT.fine;
}
