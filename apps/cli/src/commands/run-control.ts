import { setTimeout as delay } from "node:timers/promises";
import { MillraceError } from "@millrace/kernel";
import { heldEffect, isLive, type RunAddress } from "@millrace/orchestration";
import { releaseDeadOwners, type Host } from "@millrace/runtime-host";
import { findRun, findTask } from "../board/find.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { hasNoDriver } from "../follow/follow-run.js";
import { proofOf } from "../person/proof-of.js";
import { runDocument } from "../views/commands.logic.js";
import { restLines } from "../views/rest-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { reportResult } from "./report-result.js";
import { addCommand, boardOf, stepNumber, withDriving, withActor, withPerson, type Cli, type CommonOptions } from "./command.js";

interface DriveOptions extends CommonOptions {
  readonly run?: boolean;
}
interface StopOptions extends CommonOptions {
  readonly cancel?: boolean;
  readonly reason: string;
}

/** Registers the commands that control a run: `retry`, `resume`, `merge`, `restart`, `stop`. */
export function registerRunControl({ program, execute }: Cli): void {
  withDriving(withActor(addCommand(program, "retry <run>", "take up a failed run at the step it failed in"))).action(
    (run: string, options: DriveOptions) => execute(options, (app) => retry(app, run, options.run === true)),
  );
  withDriving(
    withActor(addCommand(program, "resume <run>", "take up a paused run now, when its budget was raised or its quota is back")),
  ).action((run: string, options: DriveOptions) => execute(options, (app) => resume(app, run, options.run === true)));
  withDriving(
    withPerson(addCommand(program, "merge <task>", "merge a finished task no pipeline merged: its gates once more, then your approval")),
  ).action((task: string, options: DriveOptions) => execute(options, (app) => merge(app, task, options.run === true)));
  withDriving(
    withActor(addCommand(program, "restart <run>", "run a run's pipeline again from one of its steps; a live run is stopped first")),
  )
    .requiredOption("--from <step>", "number of the step, from 1", stepNumber)
    .action((run: string, options: DriveOptions & { readonly from: number }) =>
      execute(options, (app) => restart(app, run, { from: options.from, drive: options.run === true })),
    );
  withActor(addCommand(program, "stop <run>", "stop a run and see its job end; it can be retried"))
    .option("--cancel", "give the task back to the plan instead")
    .option("--reason <text>", "why", "stopped by a person")
    .action((run: string, options: StopOptions) => execute(options, (app) => stop(app, run, options)));
}

async function retry(app: Cradle, text: string, drives: boolean): Promise<ExitCode> {
  const { runtime, actor } = app;
  const board = await boardOf(app);
  const runId = await findRun(board, text);
  const { execution } = await runtime.open();
  const run = await execution.retry({ workspaceId: board.workspaceId, runId, actor });
  return reportResult(app, run, { message: `${runId} is taken up at step ${run.cursor + 1} as`, drive: drives, seen: 0 });
}

async function resume(app: Cradle, text: string, drives: boolean): Promise<ExitCode> {
  const { runtime, actor } = app;
  const board = await boardOf(app);
  const address = { workspaceId: board.workspaceId, runId: await findRun(board, text) };
  const { execution } = await runtime.open();
  const { revision } = await execution.get(address);
  const run = await execution.resume({ ...address, actor });
  const again = heldEffect(run)?.hold ?? null;
  if (again !== null) {
    const { view } = await (await runtime.open()).runs.view(address);
    app.output.document({ run: runDocument(view) });
    app.output.line(`it pauses again at once: ${again.message}`);
    return EXIT.waiting;
  }
  return reportResult(app, run, { message: "resumed", drive: drives, seen: revision });
}

async function merge(app: Cradle, text: string, drives: boolean): Promise<ExitCode> {
  const { runtime, actor } = app;
  const board = await boardOf(app);
  const { id: blockId, title } = await findTask(board, text);
  const { execution } = await runtime.open();
  const proof = await proofOf(app, { what: `merge '${title}' (${blockId})` });
  if (proof === null) return EXIT.forbidden;
  const run = await execution.merge({ workspaceId: board.workspaceId, blockId, actor, ...proof });
  return reportResult(app, run, { message: `'${title}' is on its way to its merge, as`, drive: drives, seen: 0 });
}

async function restart(app: Cradle, text: string, options: { readonly from: number; readonly drive: boolean }): Promise<ExitCode> {
  const { runtime, actor } = app;
  const board = await boardOf(app);
  const runId = await findRun(board, text);
  const { execution } = await runtime.open();
  const run = await execution.restart({ workspaceId: board.workspaceId, runId, step: options.from - 1, actor });
  return reportResult(app, run, { message: `${runId} is run again from step ${options.from} as`, drive: options.drive, seen: 0 });
}

async function stop(app: Cradle, text: string, options: StopOptions): Promise<ExitCode> {
  const { output, runtime, actor } = app;
  const board = await boardOf(app);
  const address = { workspaceId: board.workspaceId, runId: await findRun(board, text) };
  const local = await runtime.open();
  await local.execution.stop({ ...address, as: options.cancel === true ? "cancelled" : "failed", reason: options.reason, actor });
  output.note("stop requested; waiting for its job to end ...");
  await waitForEnd(app, local, address);
  const { view } = await local.runs.view(address);
  output.document({ run: runDocument(view) });
  output.lines(restLines(view, output.colours));
  return EXIT.fine;
}

const POLL_MS = 100;
/** Time for a stop: an agent has its grace period, a busy driver has until its next commit. */
const PATIENCE_MS = 120_000;

/** Waits until the run has ended. Where no driver is at work, advances the run itself. */
async function waitForEnd({ output }: Cradle, local: Host, address: RunAddress): Promise<void> {
  const { clock } = local;
  // Leases of drivers that were killed would make the run look driven.
  await releaseDeadOwners(local.wakeups);
  const until = clock.now() + PATIENCE_MS;
  let isNoted = false;
  while (clock.now() < until) {
    if (!isLive(await local.execution.get(address))) return;
    if (hasNoDriver(await local.wakeups.nextDueAt([address]), clock.now())) {
      if (!isNoted) output.note("no driver is at work: ending the job here");
      isNoted = true;
      await local.execution.advance(address);
    }
    await delay(POLL_MS);
  }
  throw new MillraceError("unavailable", `run '${address.runId}' has not stopped yet; the request stands`, {
    fix: `look again with: millrace show ${address.runId}`,
  });
}
