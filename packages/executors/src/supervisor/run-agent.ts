import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { MillraceError, isMillraceError, type SandboxedProcess } from "@millrace/kernel";
import { z } from "zod";
import { childEnvironment } from "../jobs/child-environment.logic.js";
import { makeJobFolder, type JobFolder } from "../jobs/job-folder.js";
import {
  callOf,
  exitFileSchema,
  type ExitFile,
  type JobFile,
  type ProgressFile,
  type SessionModel,
  type SupervisorInput,
  type UsageFile,
} from "../jobs/job-files.schema.js";
import { behindDoor, DOOR, pinOf } from "../launch/model-setup.js";
import { createNoSandbox, type HostCommand } from "../sandbox/none.js";
import { openSandbox } from "../sandbox/open-sandbox.js";
import { forEachChunk } from "../sandbox/streams.js";
import { protocolError } from "./acp-stream.js";
import { acpTurn } from "./acp-turn.js";
import { commandLine, commandTurn } from "./command-turn.js";
import { LatestValue } from "./latest-value.js";
import type { Transcript } from "./transcript.js";
import { TurnState } from "./turn-state.js";
import { startWatchdog, type Watchdog } from "./watchdog.js";

export interface RunAgentOptions {
  readonly folder: JobFolder;
  readonly job: JobFile;
  readonly secrets: Readonly<Record<string, string>>;
  readonly door: SupervisorInput["door"];
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
 * Runs one agent from start to end: starts it in its sandbox, runs its turn against its exit, the limits and a stop, and ends
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
  const place = openPlace(options);
  let end: TurnEnd;
  let exit: ExitFile["exit"] = null;
  try {
    const prompt = `${job.prompt.system}\n\n${job.prompt.user}`.trim();
    const agent = await start(options, place, prompt);
    using watchdog = startWatchdog(job.limits);
    const decoder = new TextDecoder();
    void forEachChunk(agent.stderr, (chunk) => {
      const text = decoder.decode(chunk, { stream: true });
      state.onStderr(text);
      transcript.add("stderr", text);
      if (job.launch.via === "command") watchdog.touch();
    });
    const turn =
      job.launch.via === "acp"
        ? runAcpTurn(options, agent, { prompt, state, watchdog, signal: cancelTurn.signal })
        : runCommandTurn(options, agent, { prompt, state, watchdog });
    end = await firstEnd(options, agent, turn, watchdog, cancelTurn);
    exit = await endAgent(job, agent, end.turn === "completed");
  } catch (error) {
    end = { turn: "died", failure: asFailure(error) };
    await endPlace(options, place, job.limits.graceMs);
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
function initialModel({ model: requested, launch, door }: JobFile): SessionModel | null {
  // A door leads to one model, whatever the agent names.
  if (door !== null && (requested === null || pinOf(door, requested) !== null))
    return { requested: door.model, actual: door.model, reason: null };
  if (requested !== null && door !== null) return { requested, actual: null, reason: `its door leads to ${door.model}` };
  if (requested === null) return null;
  const reason = launch.via === "command" ? "a plain command offers no choice of models" : "the agent opened no session";
  return { requested, actual: null, reason };
}

/** Where the agent of a job runs. */
interface Place {
  /** `files`: those that it sees beside what its profile shows. */
  start(command: HostCommand, files: readonly string[]): Promise<SandboxedProcess>;
  /** The names of the programs that it ended. */
  end(graceMs: number): Promise<readonly string[]>;
}

function openPlace({ job: { sandbox, marker }, folder, door }: RunAgentOptions): Place {
  if (sandbox.name === "none") {
    const host = createNoSandbox();
    return {
      async start(command) {
        for (const path of [folder.home, folder.tmp]) await makeJobFolder(path);
        return host.start(command);
      },
      end: (graceMs) => host.end(marker, graceMs),
    };
  }
  const { name } = sandbox;
  const doors = [...sandbox.profile.doors, ...(door === null ? [] : [{ socket: door.folder, path: DOOR.folder }])];
  const profile = { ...sandbox.profile, doors };
  const opened = openSandbox(name);
  return {
    start: (command, files) => opened.start({ ...command, profile: { ...profile, visible: [...profile.visible, ...files] } }),
    end: (graceMs) => opened.end(marker, graceMs),
  };
}

/** An agent that was started. */
interface StartedAgent extends SandboxedProcess {
  /** True once it has ended. */
  readonly hasExited: () => boolean;
  /** Ends its standard input, whoever writes to it. */
  endInput(): Promise<void>;
  /** Ends everything in its place, and notes in the transcript what was still running. */
  end(graceMs: number): Promise<void>;
}

async function start(options: RunAgentOptions, place: Place, prompt: string): Promise<StartedAgent> {
  const { job, folder, secrets } = options;
  const { launch } = job;
  const { argv, files } = launch.via === "command" ? await commandLine(launch, prompt, folder.path) : { argv: launch.argv, files: [] };
  const own = childEnvironment({ job, host: process.env, secrets, home: folder.home, tmp: folder.tmp, node: dirname(process.execPath) });
  const behind = placedBehindDoor(options, argv);
  const env = { ...own, ...behind.env };
  await folder.agent.write({ sandbox: job.sandbox.name });
  const agent = await place.start({ argv: behind.argv, cwd: cwdOf(options), env, identity: job.marker }, files).catch((error: unknown) => {
    if (!isMillraceError(error, "agent_missing")) throw error;
    throw new MillraceError("agent_missing", `the agent '${launch.name}' is not installed: ${error.message}`, { fix: launch.installHint });
  });
  let hasExited = false;
  void agent.exited.then(() => (hasExited = true));
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const closing = new AbortController();
  // A broken pipe has ended, and its program with it.
  const piped = input.readable.pipeTo(agent.stdin, { signal: closing.signal, preventAbort: true }).catch(() => {});
  return {
    ...agent,
    stdin: input.writable,
    hasExited: () => hasExited,
    async endInput() {
      closing.abort();
      await piped;
      await agent.stdin.close().catch(() => {});
    },
    end: (graceMs) => endPlace(options, place, graceMs),
  };
}

/** Ends everything in the place of an agent, and notes in the transcript what was still running. */
async function endPlace({ transcript }: RunAgentOptions, place: Place, graceMs: number): Promise<void> {
  try {
    const ended = await place.end(graceMs);
    if (ended.length > 0) transcript.add("note", `ended what was left running: ${ended.join(", ")}`);
  } catch (error) {
    transcript.add("note", asFailure(error).message);
  }
}

function placedBehindDoor({ job, door }: RunAgentOptions, argv: HostCommand["argv"]): Pick<HostCommand, "argv" | "env"> {
  const { model: setup } = job.launch;
  if (door === null || job.door === null || setup === null) return { argv, env: {} };
  return behindDoor(setup, { token: door.token, model: job.door.model }, argv);
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
  agent: SandboxedProcess,
  { prompt, state, watchdog, signal }: Turn & { readonly signal: AbortSignal },
): Promise<TurnEnd> {
  const { job, folder, transcript, redact } = options;
  if (job.launch.via !== "acp") throw new MillraceError("internal", "not an ACP launch");
  const turn = await acpTurn({
    stdin: agent.stdin,
    stdout: agent.stdout,
    agent: job.launch,
    folder: { root: folder.work, cwd: cwdOf(options), readOnly: job.contract.delivers === "nothing" },
    prompt,
    // A door leads to the model already.
    model: job.door === null ? job.model : null,
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
  agent: SandboxedProcess,
  { prompt, state, watchdog }: Turn,
): Promise<TurnEnd> {
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
    await endAgent(options.job, agent, false);
    return Promise.race([answered, delay(LAST_OUTPUT_MS).then((): TurnEnd => ({ turn: "died", failure: null }))]);
  });
  const first = await Promise.race([answered, stopped, expired, exited]);
  decided = true;
  if (first.turn !== "cancelled") return first;
  cancelTurn.abort();
  await Promise.race([answered, delay(LAST_OUTPUT_MS, undefined, { ref: false })]);
  return first;
}

/** Ends an agent and everything that it started. Returns its exit. */
async function endAgent({ limits: { graceMs } }: JobFile, agent: StartedAgent, waitForExit: boolean): Promise<ExitFile["exit"]> {
  const isOver = agent.hasExited();
  await agent.endInput();
  if (waitForExit && !isOver) await Promise.race([agent.exited, delay(Math.min(graceMs, 200))]);
  await agent.end(isOver ? Math.min(graceMs, 500) : graceMs);
  return agent.exited;
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
