import { trustOf } from "@millrace/kernel";
import { partsOfKey } from "./answer.logic.js";
import type { JobFile } from "./job-files.schema.js";

const AGENT_IDENTITY = { name: "Millrace agent", email: "agent@millrace.invalid" } as const;

/**
 * The whole environment of an agent's process. Of the host it has PATH and LANG; a provider key only if the launch names it. Outside of a
 * sandbox, which has folders of its own and no network, also the location of the host's certificates and, for a launch with `home: "user"`,
 * HOME. The variables of the job come last: a launch cannot override them.
 */
export function childEnvironment(options: {
  readonly job: JobFile;
  readonly host: Readonly<Record<string, string | undefined>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly home: string;
  readonly tmp: string;
  /** Folder of the host's Node. */
  readonly node: string;
}): Record<string, string> {
  const { job, host } = options;
  const isInside = job.sandbox.name !== "none";
  const path = host["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
  const home = job.launch.home === "user" ? (host["HOME"] ?? options.home) : options.home;
  return {
    // Of most of it a sandbox shows nothing.
    PATH: isInside ? `${path}:${options.node}` : path,
    LANG: host["LANG"] ?? "C.UTF-8",
    TERM: "dumb",
    ...(isInside ? {} : { ...trustOf(host), HOME: home, TMPDIR: options.tmp }),
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: AGENT_IDENTITY.name,
    GIT_AUTHOR_EMAIL: AGENT_IDENTITY.email,
    GIT_COMMITTER_NAME: AGENT_IDENTITY.name,
    GIT_COMMITTER_EMAIL: AGENT_IDENTITY.email,
    ...job.launch.env,
    ...options.secrets,
    MILLRACE_JOB_KEY: job.key,
    MILLRACE_AGENT_KIND: job.kind,
    MILLRACE_ATTEMPT: String(partsOfKey(job.key)?.attempt ?? 0),
  };
}
