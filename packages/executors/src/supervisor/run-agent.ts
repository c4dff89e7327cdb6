import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { MillraceError, isMillraceError } from "@millrace/kernel";
import { modelLabel } from "../jobs/answer.logic.js";
import { childEnvironment } from "../jobs/child-environment.logic.js";
import { JOB_MARKER, type JobFolder } from "../jobs/job-folder.js";
import type { ExitFile, JobFile } from "../jobs/job-files.schema.js";
import { endFamily } from "../processes/end-processes.js";
import { bootId, processRow } from "../processes/process-table.js";
import { acpTurn } from "./acp-turn.js";
import { startAgent, type AgentProcess } from "./agent-process.js";
import { commandArgv, commandTurn } from "./command-turn.js";
import type { Transcript } from "./transcript.js";
import { TurnState } from "./turn-state.js";
import { startWatchdog, type Watchdog } from "./watchdog.js";

export interface RunAgentOptions {
  readonly folder: JobFolder;
  readonly job: JobFile;
  readonly secrets: Readonly<Record<string, string>>;
  readonly redact: (text: string) => string;
  readonly transcript: Transcript;
  /** Aborted when the job is to be stopped. */
  readonly stop: AbortSignal;
}

interface TurnEnd {
  readonly turn: ExitFile["turn"];
  readonly failure: MillraceError | null;
}

/** How long an agent that was told to cancel may take to say so, and a stream to end after its process did. */
const LAST_WORDS_MS = 1_000;
const STDERR_TAIL = 700;

/**
 * Runs one agent from start to end. When it resolves, nothing of the agent runs any more.
 *
 * 1. start it in its own group; 2. its turn, against its exit, the limits and a stop; 3. end whatever is left of it.
 */
export async function runAgent(options: RunAgentOptions): Promise<ExitFile> {
  const { job, folder, redact, transcript } = options;
  let written: Promise<void> = Promise.resolve();
  const state = new TurnState((progress) => {
    // One after the other: an older plan must not replace a newer one. Progress is no fact; a failed write is left out.
    written = written.then(() => folder.progress.write(progress)).catch(() => {});
  });
  const texts = { stderr: "", command: "" };
  const model: { is: ExitFile["model"] } = { is: unchosen(job) };
  const told = new AbortController();
  let end: TurnEnd;
  let exit: ExitFile["exit"] = null;
  try {
    const prompt = `${job.prompt.system}\n\n${job.prompt.user}`.trim();
    const agent = await start(options, prompt);
    agent.child.stderr.on("data", (chunk: Buffer) => {
      texts.stderr = `${texts.stderr}${chunk.toString("utf8")}`.slice(-STDERR_TAIL);
      transcript.add("stderr", chunk.toString("utf8"));
    });
    using watchdog = startWatchdog(job.limits);
    const turn =
      job.launch.via === "acp"
        ? overAcp(options, agent, { prompt, state, model }, watchdog, told.signal)
        : overCommand(options, agent, prompt, texts, watchdog);
    end = await firstEnd(options, agent, turn, watchdog, told);
    exit = await endAll(options, agent, end.turn === "completed");
  } catch (error) {
    end = { turn: "died", failure: asFailure(error) };
    await endAll(options, null, false);
  }
  await written;
  const text = job.launch.via === "acp" ? state.text : texts.command;
  const failure =
    end.failure === null
      ? null
      : { code: end.failure.code, message: redact(withFix(end.failure)), detail: redact(texts.stderr.trim()) || null };
  const usage = state.usageOf(modelLabel(job.launch.name, model.is));
  return { turn: end.turn, exit, text: redact(text), usage, model: model.is, failure };
}

/** Before the agent said anything: a task that is pinned to a model is not on it. */
function unchosen({ model: asked, launch }: JobFile): ExitFile["model"] {
  if (asked === null) return null;
  return { asked, set: null, why: launch.via === "command" ? "a plain command offers no choice of models" : "the agent opened no session" };
}

async function start(options: RunAgentOptions, prompt: string): Promise<AgentProcess> {
  const { job, folder, secrets } = options;
  for (const path of [folder.home, folder.tmp]) await mkdir(path, { recursive: true, mode: 0o700 });
  const argv = job.launch.via === "command" ? await commandArgv(job.launch, prompt, folder.path) : job.launch.argv;
  const env = childEnvironment({ job, host: process.env, secrets, home: folder.home, tmp: folder.tmp });
  const agent = await startAgent({ launch: { ...job.launch, argv }, cwd: cwdOf(options), env });
  const row = await processRow(agent.pid);
  // Already gone: nothing to remember. Its children, if any, carry the marker.
  if (row !== null) await folder.agent.write({ pid: row.pid, startedAt: row.startedAt, bootId: await bootId() });
  return agent;
}

function cwdOf({ folder, job }: RunAgentOptions): string {
  return job.scope === null ? folder.work : join(folder.work, job.scope);
}

async function overAcp(
  options: RunAgentOptions,
  agent: AgentProcess,
  { prompt, state, model }: { readonly prompt: string; readonly state: TurnState; readonly model: { is: ExitFile["model"] } },
  watchdog: Watchdog,
  signal: AbortSignal,
): Promise<TurnEnd> {
  const { job, folder, transcript } = options;
  if (job.launch.via !== "acp") throw new MillraceError("internal", "not an ACP launch");
  const turn = await acpTurn({
    stdin: Writable.toWeb(agent.child.stdin),
    stdout: Readable.toWeb(agent.child.stdout),
    agent: job.launch,
    reach: { root: folder.work, cwd: cwdOf(options), readOnly: job.contract.delivers === "nothing" },
    prompt,
    model: job.model,
    signal,
    watch: {
      onMessage(direction, message) {
        if (direction === "from-agent") watchdog.touch();
        transcript.add(direction, message);
        state.onMessage(message);
      },
      onGarbage: (line) => transcript.add("note", `no message: ${line}`),
    },
    onUpdate: (update) => state.onUpdate(update),
    onModel(now) {
      model.is = { ...now, why: now.why === null ? null : options.redact(now.why) };
      transcript.add("note", `model ${now.asked}: ${now.set === null ? `could not be set: ${now.why}` : `set as ${now.set}`}`);
    },
    onDecision: (allowed, title) => transcript.add("note", `${allowed ? "allowed" : "refused"}: ${title}`),
  });
  return { turn, failure: null };
}

async function overCommand(
  options: RunAgentOptions,
  agent: AgentProcess,
  prompt: string,
  texts: { command: string },
  watchdog: Watchdog,
): Promise<TurnEnd> {
  const { launch } = options.job;
  agent.child.stderr.on("data", () => watchdog.touch());
  const { turn, text } = await commandTurn(agent, launch.via === "command" && launch.prompt === "stdin" ? prompt : null, (output) => {
    watchdog.touch();
    options.transcript.add("from-agent", output);
  });
  texts.command = text;
  return { turn, failure: null };
}

/** Whatever ends the turn first: its answer, the agent's exit, a limit, a stop. */
async function firstEnd(
  options: RunAgentOptions,
  agent: AgentProcess,
  turn: Promise<TurnEnd>,
  watchdog: Watchdog,
  told: AbortController,
): Promise<TurnEnd> {
  const answered = turn.catch((error: unknown): TurnEnd => ({ turn: "died", failure: asFailure(error) }));
  const stopped = new Promise<TurnEnd>((resolve) => {
    const stop = (): void => resolve({ turn: "cancelled", failure: null });
    options.stop.addEventListener("abort", stop, { once: true });
    if (options.stop.aborted) stop();
  });
  const over = watchdog.over.then((failure): TurnEnd => ({ turn: "cancelled", failure }));
  // After its exit only what it already wrote can still be an answer; children that hold the pipe are ended first.
  let decided = false;
  const exited = agent.exited.then(async (): Promise<TurnEnd> => {
    if (decided) return { turn: "died", failure: null };
    await endAll(options, agent, false);
    return Promise.race([answered, delay(LAST_WORDS_MS).then((): TurnEnd => ({ turn: "died", failure: null }))]);
  });
  const first = await Promise.race([answered, stopped, over, exited]);
  decided = true;
  if (first.turn !== "cancelled") return first;
  told.abort();
  await Promise.race([answered, delay(LAST_WORDS_MS, undefined, { ref: false })]);
  return first;
}

/** Ends the agent's group and everything that carries the job's marker; what had to be ended is in the transcript. */
async function endAll(
  { folder, job, transcript }: RunAgentOptions,
  agent: AgentProcess | null,
  polite: boolean,
): Promise<ExitFile["exit"]> {
  agent?.child.stdin.end();
  const leader = agent === null ? null : await folder.agent.read();
  const alreadyGone = agent === null || agent.child.exitCode !== null || agent.child.signalCode !== null;
  if (polite && !alreadyGone) await Promise.race([agent?.exited, delay(Math.min(job.limits.graceMs, 200))]);
  const { ended, remaining } = await endFamily(
    { leader, marker: { name: JOB_MARKER, value: job.marker } },
    alreadyGone ? Math.min(job.limits.graceMs, 500) : job.limits.graceMs,
  );
  const left = ended.filter((row) => row.pid !== agent?.pid);
  if (left.length > 0)
    transcript.add("note", `ended what the agent left running: ${left.map((row) => `${row.name} (${row.pid})`).join(", ")}`);
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
