import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Logins } from "./app-login.js";
import { BareRepository } from "./bare-repository.js";
import type { Call, Reply } from "./call.js";
import { NOT_FOUND } from "./call.js";
import type { GitHubFault } from "./faults.js";
import { Faults } from "./faults.js";
import { Grants, type GitHubGrants } from "./grants.js";
import { Limiter } from "./limiter.js";
import type { Outcome } from "./moves.js";
import { noticeMoves } from "./moves.js";
import { createRepository, type GitHubRepository } from "./repository.js";
import { checksRoutes } from "./routes/checks.routes.js";
import { pullsRoutes } from "./routes/pulls.routes.js";
import { repositoryRoutes } from "./routes/repository.routes.js";
import type { Exchange, RunningServer } from "./server.js";
import { startServer } from "./server.js";
import type { Addresses, JsonObject } from "./shapes.js";
import * as shapes from "./shapes.js";
import { Outbox, type Delivery } from "./webhooks.js";
import type { PullRecord, RepositoryRecord } from "./records.js";

/** Clock and observer of a stand-in. */
export interface GitHubStandInOptions {
  /** Current time in epoch ms. Default: the system clock. */
  readonly now?: () => number;
  /** Called with every API request and its response. */
  readonly onExchange?: (exchange: Exchange) => void;
}

/** A GitHub server on loopback, controlled by a test: git over HTTP, the part of the API that Millrace uses, and faults. */
export interface GitHubStandIn extends AsyncDisposable {
  readonly apiUrl: string;
  readonly webUrl: string;
  /** User token that the API accepts. */
  readonly token: string;
  readonly app: { readonly id: number; readonly privateKey: string; readonly installationId: number; readonly tokensMinted: number };
  readonly webhookSecret: string;
  /** Number of requests that met a planned fault. Requests without a response are counted only here. */
  readonly faced: number;
  /** Every answered request so far, oldest first. */
  readonly exchanges: readonly Exchange[];
  /** Creates the repository `owner/name` with one commit on `main`. */
  createRepository(name: string, files: Readonly<Record<string, string>>): Promise<GitHubRepository>;
  /** Plans a fault for the next `times` requests of an operation (null: any). Default: 1. */
  plan(operation: string | null, fault: GitHubFault, times?: number): void;
  /** Drops every planned fault that has not happened. */
  heal(): void;
  /** Leaves `remaining` requests until the rate limit resets in `resetInMs`. Default resource: `core`. */
  leave(remaining: number, resetInMs: number, resource?: "core" | "graphql"): void;
  /** Sets what the token and the App may do from now on. */
  grant(grants: GitHubGrants): void;
  /** Revokes every installation token of the App. */
  revokeTokens(): void;
  /** Takes the webhook deliveries since the last call, oldest first. */
  deliveries(): readonly Delivery[];
}

const INSTALLATION = 99;
const HOOK_URL = "https://millrace.example/github/webhooks";

/** Starts a stand-in without repositories on a free port of 127.0.0.1. */
export async function createGitHubStandIn(options: GitHubStandInOptions = {}): Promise<GitHubStandIn> {
  const now = options.now ?? (() => Date.now());
  const root = await mkdtemp(join(tmpdir(), "millrace-github-"));
  const [logins, faults, grants] = [new Logins(now), new Faults(), new Grants()];
  const limiters = { core: new Limiter(now, "core"), graphql: new Limiter(now, "graphql") };
  const outbox = new Outbox(logins.webhookSecret, HOOK_URL);
  const repositories = new Map<string, RepositoryRecord>();
  const exchanges: Exchange[] = [];
  const defects: unknown[] = [];
  let lastId = 1000;
  const nextId = (): number => (lastId += 1);
  const outcomeAt = (to: Addresses): Outcome => ({ now, emit: (...event) => outbox.add(event[0], payloadOf(to, event)) });
  const server: RunningServer = await startServer({
    logins,
    limiters,
    faults,
    grants,
    root,
    now,
    routes: [...repositoryRoutes, ...checksRoutes, ...pullsRoutes],
    repositories: () => [...repositories.values()],
    find: (owner, repo) => repositories.get(`${owner}/${repo}`.toLowerCase()) ?? null,
    context: (to): Pick<Call, "outcome" | "nextId" | "mayPush"> => ({ outcome: outcomeAt(to), nextId, mayPush: grants.given.push }),
    elsewhere: (to, who, method, path) => appReply(to, { logins, grants }, who, `${method} ${path}`, repositories),
    onExchange(exchange) {
      exchanges.push(exchange);
      options.onExchange?.(exchange);
    },
    onDefect: (error) => void defects.push(error),
    onPush: (record, before, to) => noticeMoves(record, before, outcomeAt(to)),
  });
  return {
    apiUrl: server.to.api,
    webUrl: server.to.web,
    token: logins.token,
    webhookSecret: logins.webhookSecret,
    exchanges,
    get faced() {
      return faults.faced;
    },
    app: {
      id: shapes.APP_ID,
      installationId: INSTALLATION,
      get privateKey() {
        return logins.privateKey;
      },
      get tokensMinted() {
        return logins.tokensMinted;
      },
    },
    async createRepository(name, files) {
      const [owner = "", repo = ""] = name.split("/");
      await mkdir(join(root, owner), { recursive: true });
      const git = await BareRepository.create(join(root, owner, `${repo}.git`), root);
      const record = emptyRecord({ id: nextId(), owner, name: repo, git, createdAt: now() });
      repositories.set(name.toLowerCase(), record);
      return createRepository(record, { outcome: outcomeAt(server.to), nextId, files });
    },
    plan: (operation, fault, times = 1) => faults.plan(operation, fault, times),
    heal: () => faults.clear(),
    leave: (remaining, resetInMs, resource = "core") => limiters[resource].leave(remaining, resetInMs),
    grant: (given) => void (grants.given = { ...grants.given, ...given }),
    revokeTokens: () => logins.revoke(),
    deliveries: () => outbox.take(),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
      if (defects.length > 0) throw new AggregateError(defects, "the stand-in itself failed");
    },
  };
}

function emptyRecord(given: Pick<RepositoryRecord, "id" | "owner" | "name" | "git" | "createdAt">): RepositoryRecord {
  return {
    ...given,
    pulls: [],
    checks: new Map(),
    statuses: new Map(),
    comments: new Map(),
    protections: new Map(),
    background: [],
    mergeableAfter: 0,
    updateAfter: 0,
    noticeAfter: 0,
    showAfter: 0,
    ci: null,
    hidden: new Map(),
    renamed: new Map(),
    lastNumber: 0,
    lastQueued: 0,
    hook: null,
  };
}

/** Endpoints of the App, which belong to no repository. */
function appReply(
  to: Addresses,
  { logins, grants }: { readonly logins: Logins; readonly grants: Grants },
  who: string,
  request: string,
  repositories: ReadonlyMap<string, RepositoryRecord>,
): { readonly operation: string; readonly reply: Reply } | null {
  const of = (operation: string, reply: () => Reply) => ({ operation, reply: who === "app" ? reply() : NOT_FOUND });
  if (request === "GET /app") return of(request, () => ({ status: 200, body: shapes.app(to, shapes.APP_ID) }));
  const slug = /^GET \/apps\/app-(\d+)$/.exec(request)?.[1];
  if (slug !== undefined) return { operation: "GET /apps/{app_slug}", reply: { status: 200, body: shapes.app(to, Number(slug)) } };
  const asked = /^GET \/repos\/([^/]+\/[^/]+)\/installation$/.exec(request)?.[1];
  if (asked !== undefined)
    return of("GET /repos/{owner}/{repo}/installation", () => {
      const record = repositories.get(asked.toLowerCase());
      return record === undefined ? NOT_FOUND : { status: 200, body: shapes.installation(to, INSTALLATION, record.owner, grants.given) };
    });
  if (request !== `POST /app/installations/${String(INSTALLATION)}/access_tokens`) return null;
  return of("POST /app/installations/{installation_id}/access_tokens", () => {
    const { token, expiresAt } = logins.mint();
    const permissions = { contents: "write", pull_requests: "write", checks: "read", metadata: "read" };
    return { status: 201, body: { token, expires_at: shapes.iso(expiresAt), permissions, repository_selection: "all" } };
  });
}

function payloadOf(to: Addresses, [event, action, record, pull, more]: Parameters<Outcome["emit"]>): JsonObject {
  return {
    ...(action === null ? {} : { action }),
    ...(pull === null ? {} : pullPart(to, record, pull)),
    ...(event === "push" ? more : eventPart(event, more)),
    repository: shapes.repository(to, record),
    installation: { id: INSTALLATION, node_id: shapes.nodeId("Installation", INSTALLATION) },
    sender: shapes.user(to, "somebody"),
  };
}

function pullPart(to: Addresses, record: RepositoryRecord, pull: PullRecord): JsonObject {
  return { number: pull.number, pull_request: shapes.pull(to, record, pull, null) };
}

/** The part of a webhook payload that is particular to the event. */
function eventPart(event: string, { head = "", name = "", branch = "" }: Readonly<Record<string, string>>): JsonObject {
  if (event === "check_run") return { check_run: { name, head_sha: head, check_suite: { head_branch: branch }, pull_requests: [] } };
  if (event === "status") return { sha: head, context: name, branches: [{ name: branch }] };
  return {};
}
