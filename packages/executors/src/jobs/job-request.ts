import { randomUUID } from "node:crypto";
import { MillraceError, taskBranch, type AgentTask, type Clock, type SandboxDoor } from "@millrace/kernel";
import type { AgentLaunch } from "../launch/agent-launch.js";
import { doorModel } from "../launch/model-setup.js";
import { profileOf, sandboxedLaunch } from "../launch/sandboxed-launch.js";
import type { SandboxName } from "../sandbox/open-sandbox.js";
import type { JobFile, StoredLaunch } from "./job-files.schema.js";

/** Limits of a job, in ms. */
export interface JobLimits {
  /** Longest turn. Default 60 min. */
  readonly totalMs: number;
  /** Longest silence of the agent. Default 10 min. */
  readonly inactivityMs: number;
  /** Time between SIGTERM and SIGKILL. Default 5 s. */
  readonly graceMs: number;
}

export const DEFAULT_LIMITS: JobLimits = { totalMs: 60 * 60_000, inactivityMs: 10 * 60_000, graceMs: 5_000 };

/** Where a job runs. */
export interface JobPlace {
  readonly sandbox: SandboxName;
  /** Its work folder. */
  readonly work: string;
  readonly doors: readonly SandboxDoor[];
  /** Whether the host opens doors to models. */
  readonly hasModels: boolean;
  /** PATH of the host. */
  readonly path: string;
}

/**
 * The content of `job.json`: everything a later host needs, without secrets.
 *
 * @throws MillraceError `config_invalid` for a launch that cannot run in the sandbox, or would not reach its model there.
 */
export function jobRequest(
  task: AgentTask,
  launch: AgentLaunch,
  options: {
    readonly marker: string;
    readonly clock: Clock;
    readonly limits: JobLimits;
    readonly scope: string | null;
    readonly place: JobPlace;
  },
): JobFile {
  return {
    version: 1,
    key: task.key,
    marker: options.marker,
    call: randomUUID(),
    createdAt: options.clock.now(),
    kind: task.kind,
    workspaceId: task.workspaceId,
    runId: task.runId,
    step: task.step,
    pipelineName: task.pipelineName,
    block: { id: task.block.id, title: task.block.title, description: task.block.description },
    repository: task.repository,
    branch: task.repository === null ? null : (task.pullRequest?.branch ?? taskBranch(task.block)),
    scope: task.repository === null ? null : options.scope,
    contract: { ...task.contract },
    structured: task.answerSchema !== null,
    prompt: { system: task.systemPrompt, user: task.userPrompt },
    model: task.model,
    ...placed(launch, task, options.place),
    door: doorOf(launch, task, options),
    limits: { ...options.limits },
  };
}

/** A job that delivers nothing cannot write. */
function placed(
  launch: AgentLaunch,
  { contract }: AgentTask,
  { sandbox, work, doors, path }: JobPlace,
): Pick<JobFile, "launch" | "sandbox"> {
  if (sandbox === "none") return { launch: storedLaunch(launch), sandbox: { name: sandbox } };
  const { launch: inside, visible } = sandboxedLaunch(launch, path);
  const profile = profileOf({ work: { path: work, access: contract.delivers === "nothing" ? "read" : "write" }, visible, doors });
  return {
    launch: storedLaunch(inside),
    sandbox: { name: sandbox, profile: { ...profile, visible: [...profile.visible], doors: [...profile.doors] } },
  };
}

/** Longest time between the request and the start of a job, in ms: its token ends with its longest turn after that. */
const START_MS = 60 * 60_000;

function doorOf(
  { name, model: setup }: AgentLaunch,
  task: AgentTask,
  { place, clock, limits }: { readonly place: JobPlace; readonly clock: Clock; readonly limits: JobLimits },
): JobFile["door"] {
  if (setup === undefined || place.sandbox === "none") return null;
  const model = doorModel(setup, task.model);
  if (place.hasModels) return { model, reservationMicros: task.reservationMicros, expiresAt: clock.now() + START_MS + limits.totalMs };
  throw new MillraceError(
    "config_invalid",
    `the agent '${name}' reaches '${model}' by a door of this host, which has no provider of models`,
    {
      fix: "give the host the provider and its key; or, to let agents use their own login and do whatever you can: millrace sandbox none",
      details: { agent: name, model },
    },
  );
}

function storedLaunch(launch: AgentLaunch): StoredLaunch {
  const [program, ...args] = launch.argv;
  const base = {
    name: launch.name,
    argv: [program, ...args] as [string, ...string[]],
    env: { ...launch.env },
    home: launch.home ?? ("private" as const),
    model: launch.model === undefined ? null : { ...launch.model, env: { ...launch.model.env }, files: { ...launch.model.files } },
    installHint: launch.installHint,
  };
  if (launch.via === "acp") return { ...base, via: "acp", mode: launch.mode ?? null, loginHint: launch.loginHint };
  return { ...base, via: "command", prompt: launch.prompt };
}
