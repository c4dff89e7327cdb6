/** The GitHub forge against the stand-in; every exchange is validated against GitHub's published descriptions. */
import type { CommitSha } from "@millrace/contracts";
import type { GitHubForge } from "@millrace/integrations/github";
import { createGitHubForge } from "@millrace/integrations/github";
import type { Forge } from "@millrace/kernel";
import { type ForgeHarness, FIRST_FILES } from "@millrace/testing/internal/forge-harness";
import { type GitHubRepository, type GitHubStandIn, createGitHubStandIn } from "@millrace/testing/github";
import { silentLog, createVirtualClock, type VirtualClock } from "@millrace/testing";
import { GraphqlInspector } from "./graphql.fixture.js";
import { OpenApiInspector } from "./openapi.fixture.js";

export type ForgeSettings = NonNullable<Parameters<typeof createGitHubForge>[0]["settings"]>;

export interface GitHubHarness extends ForgeHarness {
  readonly forge: GitHubForge;
  readonly hub: GitHubStandIn;
  readonly project: GitHubRepository;
  readonly clock: VirtualClock;
  /** Pauses that the adapter made for background work of GitHub, in ms. */
  readonly waits: readonly number[];
}

export interface GitHubHarnessOptions {
  readonly checks?: readonly string[];
  readonly settings?: ForgeSettings;
  readonly as?: "token" | "app";
}

/** A forge without pauses in real time: reads are retried at once, and a wait for background work of GitHub is recorded. */
export function forgeFor(hub: GitHubStandIn, clock: VirtualClock, options: GitHubHarnessOptions = {}, waits: number[] = []): GitHubForge {
  return createGitHubForge({
    auth: options.as === "app" ? { as: "app", appId: hub.app.id, privateKey: hub.app.privateKey } : { as: "token", token: hub.token },
    settings: { apiUrl: hub.apiUrl, webUrl: hub.webUrl, retryMs: 0, throttleWrites: false, rulesMaxAgeMs: 0, ...options.settings },
    clock,
    log: silentLog,
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
}

export async function createGitHubHarness(options: GitHubHarnessOptions = {}): Promise<GitHubHarness> {
  const clock = createVirtualClock();
  const [rest, graphql] = [new OpenApiInspector(), new GraphqlInspector()];
  const inspected: Promise<void>[] = [];
  const hub = await createGitHubStandIn({
    now: () => clock.now(),
    onExchange: (exchange) => (exchange.resource === "core" ? rest.inspect(exchange) : void inspected.push(graphql.inspect(exchange))),
  });
  const project = await hub.createRepository("acme/project", FIRST_FILES);
  const waits: number[] = [];
  const start = (): GitHubForge => forgeFor(hub, clock, options, waits);
  let forge = start();
  return {
    get forge() {
      return forge;
    },
    hub,
    project,
    clock,
    waits,
    repository: project.ref,
    commit: (branch, files) => project.commit(branch, files),
    makeExecutable: (branch, path) => project.makeExecutable(branch, path),
    point: (branch, commit) => project.point(branch, commit),
    tip: (branch) => project.tip(branch),
    parents: (commit) => project.parents(commit),
    files: (commit) => project.files(commit),
    registerChecks: async (head: CommitSha) => (options.checks ?? []).forEach((name) => project.check(head, name, null)),
    concludeCheck: async (head, name, conclusion) => project.check(head, name, conclusion),
    loseNextMerge() {
      const dead = forge;
      const lost: Forge["merge"] = async (...args) => {
        await dead.merge(...args);
        throw new Error("the process died here");
      };
      forge = { ...dead, merge: lost };
    },
    async restart() {
      forge = start();
    },
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]();
      await Promise.all(inspected);
      const problems = [...rest.problems, ...graphql.problems];
      if (problems.length > 0) throw new Error(`not as GitHub describes it:\n${problems.join("\n")}`);
    },
  };
}
