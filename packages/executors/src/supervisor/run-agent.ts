import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { MillraceError, isMillraceError } from "@millrace/kernel";
import { z } from "zod";
import { childEnvironment } from "../jobs/child-environment.logic.js";
import { JOB_MARKER, makeJobFolder, type JobFolder } from "../jobs/job-folder.js";
import {
  callOf,
  exitFileSchema,
  type ExitFile,
  type JobFile,
  type ProcessFile,
  type ProgressFile,
  type SessionModel,
  type UsageFile,
} from "../jobs/job-files.schema.js";
import { endFamily } from "../processes/end-processes.js";
import { bootId, processRow } from "../processes/process-table.js";
import { protocolError } from "./acp-stream.js";
import { acpTurn } from "./acp-turn.js";
import { startAgent, type AgentProcess } from "./agent-process.js";
import { commandArgv, commandTurn } from "./command-turn.js";
import { LatestValue } from "./latest-value.js";
import type { Transcript } from "./transcript.js";
import { TurnState } from "./turn-state.js";
import { startWatchdog, type Watchdog } from "./watchdog.js";

export interface RunAgentOptions {
  readonly folder: JobFolder;
  readonly job: JobFile;
  readonly secrets: Readonly<Record<string, string>>;
  readonly redact: (text: string) => string;
  readonly transcript: Transcript;
  /** Aborted to stop the job. */
  readonly stop: AbortSignal;
}

interface TurnEnd {
  readonly turn: ExitFile["turn"];
  readonly failure: MillraceError | null;
}

/** Longest wait for the answer of an agent whose turn was cancelled, and for the rest of its output after its exit, in ms. */
const LAST_OUTPUT_MS = 1_000;

/**
 * Runs one agent from start to end: starts it in its own process group, runs its turn against its exit, the limits and a stop, and ends
 * all its processes. No process of the agent is left when this resolves.
 */
export async function runAgent(options: RunAgentOptions): Promise<ExitFile> {
  const { job, folder, redact, transcript } = options;
  const progress = new LatestValue((value: ProgressFile) => folder.progress.write(value));
  const metered = new LatestValue((value: UsageFile) => folder.usage.write(value));
  const state = new TurnState({ agent: job.launch.name, call: callOf(job) }, initialModel(job), {
    onPlan: (value) => progress.set(value),
    // What a supervisor that is killed had spent is read from here.
    onUsage: (value) => metered.set(value),
  });
  const cancelTurn = new AbortController();
  let end: TurnEnd;
  let exit: ExitFile["exit"] = null;
  try {
    const prompt = `${job.prompt.system}\n\n${job.prompt.user}`.trim();
    const agent = await start(options, prompt);
    agent.stderr.on("data", (chunk: Buffer) => {
      state.onStderr(chunk.toString("utf8"));
      transcript.add("stderr", chunk.toString("utf8"));
    });
    using watchdog = startWatchdog(job.limits);
    const turn =
      job.launch.via === "acp"
        ? runAcpTurn(options, agent, { prompt, state, watchdog, signal: cancelTurn.signal })
        : runCommandTurn(options, agent, { prompt, state, watchdog });
    end = await firstEnd(options, agent, turn, watchdog, cancelTurn);
    exit = await endProcesses(options, agent, end.turn === "completed");
  } catch (error) {
    end = { turn: "died", failure: asFailure(error) };
    await endProcesses(options, null, false);
  }
  await Promise.all([progress.idle(), metered.idle()]);
  const failure =
    end.failure === null ? null : { code: end.failure.code, message: redact(withFix(end.failure)), detail: redact(state.stderr) || null };
  return readable({ turn: end.turn, exit, text: redact(state.text), usage: state.usage, model: state.model, failure });
}

/** The exit, if a host can read it back: numbers and texts in it are the agent's own. */
function readable(exit: ExitFile): ExitFile {
  const parsed = exitFileSchema.safeParse(exit);
  if (parsed.success) return parsed.data;
  const { code, message } = protocolError(`ended its turn with what cannot be recorded: ${z.prettifyError(parsed.error)}`);
  return { turn: "died", exit: exit.exit, text: "", usage: null, model: null, failure: { code, message, detail: null } };
}

/** The model before the session of the agent is open: none, or not the one the task is pinned to. */
function initialModel({ model: requested, launch }: JobFile): SessionModel | null {
  if (requested === null) return null;
  const reason = launch.via === "command" ? "a plain command offers no choice of models" : "the agent opened no session";
  return { requested, actual: null, reason };
}

/** An agent with the identity of its process; null when it had ended before it was looked at. */
interface StartedAgent extends AgentProcess {
  readonly leader: ProcessFile | null;
}

async function start(options: RunAgentOptions, prompt: string): Promise<StartedAgent> {
  const { job, folder, secrets } = options;
  for (const path of [folder.home, folder.tmp]) await makeJobFolder(path);
  const argv = job.launch.via === "command" ? await commandArgv(job.launch, prompt, folder.path) : job.launch.argv;
  const env = childEnvironment({ job, host: process.env, secrets, home: folder.home, tmp: folder.tmp });
  const agent = await startAgent({ launch: { ...job.launch, argv }, cwd: cwdOf(options), env });
  const row = await processRow(agent.pid);
  // Of an agent that has ended already the children, if any, are found by the marker.
  const leader = row === null ? null : { pid: row.pid, startedAt: row.startedAt, bootId: await bootId() };
  if (leader !== null) await folder.agent.write(leader);
  return { ...agent, leader };
}

function cwdOf({ folder, job }: RunAgentOptions): string {
  return job.scope === null ? folder.work : join(folder.work, job.scope);
}

interface Turn {
  readonly prompt: string;
  readonly state: TurnState;
  readonly watchdog: Watchdog;
}

async function runAcpTurn(
  options: RunAgentOptions,
  agent: AgentProcess,
  { prompt, state, watchdog, signal }: Turn & { readonly signal: AbortSignal },
): Promise<TurnEnd> {
  const { job, folder, transcript, redact } = options;
  if (job.launch.via !== "acp") throw new MillraceError("internal", "not an ACP launch");
  const turn = await acpTurn({
    stdin: Writable.toWeb(agent.child.stdin),
    stdout: Readable.toWeb(agent.stdout),
    agent: job.launch,
    access: { root: folder.work, cwd: cwdOf(options), readOnly: job.contract.delivers === "nothing" },
    prompt,
    model: job.model,
    signal,
    listener: {
      onMessage(direction, message) {
        if (direction === "from-agent") watchdog.touch();
        transcript.add(direction, message);
        state.onMessage(message);
      },
      onGarbage: (line) => transcript.add("note", `no message: ${line}`),
    },
    onUpdate: (update) => state.onUpdate(update),
    onModel(model) {
      state.onModel({ ...model, reason: model.reason === null ? null : redact(model.reason) });
      const result = model.actual === null ? `could not be set: ${model.reason}` : `set as ${model.actual}`;
      transcript.add("note", `model ${model.requested}: ${result}`);
    },
    onDecision: (allowed, title) => transcript.add("note", `${allowed ? "allowed" : "refused"}: ${title}`),
  });
  return { turn, failure: null };
}

async function runCommandTurn(
  { job, transcript }: RunAgentOptions,
  agent: AgentProcess,
  { prompt, state, watchdog }: Turn,
): Promise<TurnEnd> {
  agent.stderr.on("data", () => watchdog.touch());
  const stdin = job.launch.via === "command" && job.launch.prompt === "stdin" ? prompt : null;
  const { turn, text } = await commandTurn(agent, stdin, (output) => {
    watchdog.touch();
    transcript.add("from-agent", output);
  });
  state.onOutput(text);
  return { turn, failure: null };
}

/** The first of four ends of a turn: its answer, the exit of the agent, a limit, a stop. */
async function firstEnd(
  options: RunAgentOptions,
  agent: StartedAgent,
  turn: Promise<TurnEnd>,
  watchdog: Watchdog,
  cancelTurn: AbortController,
): Promise<TurnEnd> {
  const answered = turn.catch((error: unknown): TurnEnd => ({ turn: "died", failure: asFailure(error) }));
  const stopped = new Promise<TurnEnd>((resolve) => {
    const stop = (): void => resolve({ turn: "cancelled", failure: null });
    options.stop.addEventListener("abort", stop, { once: true });
    if (options.stop.aborted) stop();
  });
  const expired = watchdog.expired.then((failure): TurnEnd => ({ turn: "cancelled", failure }));
  // After the exit only output that was written before it can still be an answer. Children that hold the pipe open are ended first.
  let decided = false;
  const exited = agent.exited.then(async (): Promise<TurnEnd> => {
    if (decided) return { turn: "died", failure: null };
    await endProcesses(options, agent, false);
    return Promise.race([answered, delay(LAST_OUTPUT_MS).then((): TurnEnd => ({ turn: "died", failure: null }))]);
  });
  const first = await Promise.race([answered, stopped, expired, exited]);
  decided = true;
  if (first.turn !== "cancelled") return first;
  cancelTurn.abort();
  await Promise.race([answered, delay(LAST_OUTPUT_MS, undefined, { ref: false })]);
  return first;
}

/** Ends the group of the agent and every process with the marker of the job, and notes the ended ones in the transcript. */
async function endProcesses(
  { job, transcript }: RunAgentOptions,
  agent: StartedAgent | null,
  waitForExit: boolean,
): Promise<ExitFile["exit"]> {
  agent?.child.stdin.end();
  const leader = agent?.leader ?? null;
  const hasExited = agent === null || agent.child.exitCode !== null || agent.child.signalCode !== null;
  if (waitForExit && !hasExited) await Promise.race([agent?.exited, delay(Math.min(job.limits.graceMs, 200))]);
  const { ended, remaining } = await endFamily(
    { leader, marker: { name: JOB_MARKER, value: job.marker } },
    hasExited ? Math.min(job.limits.graceMs, 500) : job.limits.graceMs,
  );
  const others = ended.filter((row) => row.pid !== agent?.pid);
  if (others.length > 0)
    transcript.add("note", `ended what the agent left running: ${others.map((row) => `${row.name} (${row.pid})`).join(", ")}`);
  if (remaining.length > 0) transcript.add("note", `could not be ended: ${remaining.map((row) => `${row.name} (${row.pid})`).join(", ")}`);
  return agent === null ? null : agent.exited;
}

function asFailure(error: unknown): MillraceError {
  if (isMillraceError(error)) return error;
  return new MillraceError("agent_failed", `the agent could not be run: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}

function withFix(error: MillraceError): string {
  return error.fix === null ? error.message : `${error.message}; ${error.fix}`;
}
