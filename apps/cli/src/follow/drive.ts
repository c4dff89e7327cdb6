/** Runs a driver in the foreground until the given runs rest, and shows their progress. */
import type { Run, RunView } from "@millrace/contracts";
import { probeAgent, type AgentProbe } from "@millrace/executors";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import type { RunAddress } from "@millrace/orchestration";
import { boardOf, runsOf } from "../board/find.js";
import { remoteFindings, repositoryFindings } from "../doctor/local-findings.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { runDocument } from "../views/commands.logic.js";
import { sandboxLine } from "../views/sandbox-lines.logic.js";
import { restLines } from "../views/rest-lines.logic.js";
import type { Cradle } from "../wiring/container.js";
import { followRun } from "./follow-run.js";
import { createFollower } from "./followers.js";

/** A run that is shown while it is driven. */
export interface FollowedRun {
  readonly address: RunAddress;
  /** Number of events that were shown before; they are not shown again. */
  readonly seen: number;
}

/** Which runs a driver takes up: the followed ones alone, or whatever is due on the board. */
export type DriveScope = "followed" | "board";

/**
 * Checks that the agent can work, then begins (no run is started that could not be driven), then drives. A command that names a run
 * drives that run alone: its agent is not meant for others. An interrupt lets the current commit finish, leaves jobs at work and says
 * how to go on; a second interrupt ends the process.
 */
export async function drive(app: Cradle, begin: () => Promise<readonly FollowedRun[]>, scope: DriveScope = "followed"): Promise<ExitCode> {
  const { io, output, runtime } = app;
  const stop = new AbortController();
  const forget = io.onInterrupt(() => {
    if (stop.signal.aborted || runtime.isOpening()) io.exit(EXIT.interrupted);
    stop.abort();
    output.note("stopping here; agents at work go on (again to leave at once)");
  });
  try {
    await checkAgent(app, stop.signal);
    const local = await runtime.open();
    await checkRepository(app);
    const followed = await begin();
    const only = followed.map(({ address }) => address);
    if (scope === "followed") await noteOthers(app, only);
    const driver = await local.startDriver(scope === "followed" ? { only } : {});
    const runs = await followAll(app, followed, stop.signal);
    await driver.stop();
    if (stop.signal.aborted) {
      output.note("interrupted; the run goes on with: millrace run");
      return EXIT.interrupted;
    }
    return await reportRest(app, runs);
  } catch (error) {
    if (stop.signal.aborted && isMillraceError(error, "unavailable")) return EXIT.interrupted;
    throw error;
  } finally {
    forget();
  }
}

/**
 * Says what is awkward about a local repository.
 *
 * @throws MillraceError `repository_missing` when its base is gone: every job would fail at its start.
 */
async function checkRepository({ github, project, output }: Cradle): Promise<void> {
  if (github !== null) return;
  for (const { status, message, fix } of [...(await repositoryFindings(project)), ...(await remoteFindings(project))]) {
    if (status === "fail") throw new MillraceError("repository_missing", message, fix === null ? {} : { fix });
    if (status === "warn") output.note(`${message}; ${fix ?? ""}`);
  }
}

/** Says that other runs are under way, which this process leaves alone. */
async function noteOthers(app: Cradle, driven: readonly RunAddress[]): Promise<void> {
  const own = new Set(driven.map(({ runId }) => runId));
  const others = (await runsOf(await boardOf(app), { live: true })).filter(({ id, status }) => !own.has(id) && isMovable(status));
  if (others.length === 0) return;
  const [only] = others;
  app.output.note(
    others.length === 1 && only !== undefined
      ? `${only.id} of another task is under way too and is left alone; drive it with: millrace run ${only.blockId}`
      : `${others.length} runs of other tasks are under way too and are left alone; drive them with: millrace run, or millrace work`,
  );
}

/** Whether a driver can move a run of that status now: it waits for no person and for no time. */
export function isMovable(status: RunView["status"]): boolean {
  return status === "running" || status === "stopping";
}

/**
 * Starts the chosen agent once, where its jobs run, to see that it works.
 *
 * @throws MillraceError `config_invalid`, `sandbox_unavailable`, `agent_missing`, `agent_login`, `agent_protocol`, `agent_timeout`.
 */
export async function checkAgent({ agents, models, output, github, sandbox }: Cradle, signal: AbortSignal): Promise<AgentProbe> {
  // Fails here for a board on GitHub without a token: every run would stop at its first probe.
  github?.options();
  const launch = agents.require();
  models.require(launch);
  const { name, limits } = await sandbox.require();
  output.note(`sandbox: ${sandboxLine(name, limits)}`);
  output.note(`checking the agent '${launch.name}' ...`);
  const probe = await probeAgent(launch, signal, { sandbox: name });
  output.note(`agent: ${agentName(probe)}, ${models.way(launch)}`);
  return probe;
}

export function agentName({ name, version, protocol }: AgentProbe): string {
  return `${name}${version === null ? "" : ` ${version}`}${protocol === null ? " (a plain command)" : ""}`;
}

export async function followAll(
  { output, jobs, runtime }: Cradle,
  followed: readonly FollowedRun[],
  signal: AbortSignal,
): Promise<readonly Run[]> {
  const local = await runtime.open();
  const follower = createFollower(output, { several: followed.length > 1 });
  const runs = await Promise.all(followed.map(({ address, seen }) => followRun({ runtime: local, jobs, address, seen, signal, follower })));
  return runs;
}

/** Reports how each run rests. The exit code is that of the run that needs the most attention. */
export async function reportRest({ output, runtime }: Cradle, runs: readonly Run[]): Promise<ExitCode> {
  const local = await runtime.open();
  const codes: ExitCode[] = [];
  for (const run of runs) {
    const { view } = await local.runs.view({ workspaceId: run.workspaceId, runId: run.id });
    output.document({ type: "run", run: runDocument(view) });
    output.line();
    output.lines(restLines(view, output.colours));
    codes.push(exitOfView(view));
  }
  return codes.find((code) => code === EXIT.runFailed) ?? codes.find((code) => code === EXIT.waiting) ?? EXIT.fine;
}

function exitOfView(view: Pick<RunView, "status">): ExitCode {
  switch (view.status) {
    case "failed":
    case "cancelled":
      return EXIT.runFailed;
    case "waiting":
    case "paused":
      return EXIT.waiting;
    case "running":
    case "stopping":
      return EXIT.interrupted;
    case "done":
      return EXIT.fine;
  }
}
