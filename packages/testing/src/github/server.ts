/**
 * HTTP server of the stand-in: authentication, rate limits, faults, routing, paging and ETags. Does not own the state of
 * repositories (`records.ts`).
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logins } from "./app-login.js";
import type { Call, Reply, Route } from "./call.js";
import { DOCUMENTATION, no, NOT_FOUND } from "./call.js";
import type { Faults, GitHubFault } from "./faults.js";
import { serveGit } from "./git-http.js";
import { answerOperation, operationOf } from "./graphql.js";
import type { Grants } from "./grants.js";
import type { Limiter } from "./limiter.js";
import type { Addresses, Json, JsonObject } from "./shapes.js";
import type { RepositoryRecord } from "./records.js";

/** A request with its response, for validation against GitHub's OpenAPI description. */
export interface Exchange {
  /** `GET /repos/{owner}/{repo}`; for GraphQL, `GRAPHQL` and the operation's name. */
  readonly operation: string;
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly requestBody: Json;
  readonly status: number;
  readonly responseBody: Json;
  /** Whether it counted against the rate limit. */
  readonly counted: boolean;
  readonly resource: "core" | "graphql";
  /** Whether the body of the response is a text, such as a diff, instead of JSON. */
  readonly isText: boolean;
}

export interface ServerParts {
  readonly logins: Logins;
  readonly limiters: Readonly<Record<"core" | "graphql", Limiter>>;
  readonly faults: Faults;
  readonly grants: Grants;
  readonly routes: readonly Route[];
  readonly root: string;
  readonly now: () => number;
  repositories(): readonly RepositoryRecord[];
  find(owner: string, repo: string): RepositoryRecord | null;
  /** What a route gets beside its request. */
  context(to: Addresses): Pick<Call, "outcome" | "nextId" | "mayPush">;
  /** Answers requests that belong to no repository; null when there is no such route. */
  elsewhere(to: Addresses, who: string, method: string, path: string): { readonly operation: string; readonly reply: Reply } | null;
  onExchange(exchange: Exchange): void;
  /** Called with an error of the stand-in itself. */
  onDefect(error: unknown): void;
  /** Called after a git push, with the refs before it. */
  onPush(record: RepositoryRecord, before: ReadonlyMap<string, string>, to: Addresses): Promise<void>;
}

export interface RunningServer extends AsyncDisposable {
  readonly to: Addresses;
}

const DIFF = "application/vnd.github.diff; charset=utf-8";
const API = "/api/v3";
const GRAPHQL = "/api/graphql";
const MAX_PER_PAGE = 100;
const DEFAULT_PER_PAGE = 30;

export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const compiled = parts.routes.map((route) => ({ route, ...compile(route.operation) }));
  let to: Addresses = { api: "", web: "" };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", to.web);
    const answered = url.pathname.startsWith(API)
      ? answerApi(parts, compiled, to, { request, response, url })
      : url.pathname === GRAPHQL
        ? answerGraphql(parts, to, { request, response, url })
        : answerGit(parts, to, { request, response, url });
    answered.catch((error: unknown) => {
      parts.onDefect(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the stand-in listens on no port");
  const web = `http://127.0.0.1:${String(address.port)}`;
  to = { web, api: `${web}${API}` };
  return { to, [Symbol.asyncDispose]: () => close(server) };
}

interface HttpCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}
type CompiledRoute = ReturnType<typeof compile> & { readonly route: Route };

async function answerApi(parts: ServerParts, routes: readonly CompiledRoute[], to: Addresses, io: HttpCall): Promise<void> {
  const { request, url } = io;
  const path = url.pathname.slice(API.length);
  const method = request.method ?? "GET";
  const body = await readBody(request);
  const who = parts.logins.whoIs(request.headers.authorization ?? "");
  const found = routes
    .map((one) => ({ one, match: one.method === method ? one.pattern.exec(path) : null }))
    .find(({ match }) => match !== null);
  const names = Object.fromEntries(Object.entries(found?.match?.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]));
  const elsewhere = found === undefined || found.match === null ? parts.elsewhere(to, who ?? "", method, path) : null;
  const operation = found?.one.route.operation ?? elsewhere?.operation ?? `${method} ${path}`;
  const fault = parts.faults.take(operation);
  if (fault?.does === "drop") return void request.socket.destroy();
  if (fault?.does === "first") await fault.act();
  const early = earlyReply(parts.limiters.core, who, fault) ?? parts.grants.refusal(operation);
  const record = parts.find(names["owner"] ?? "", names["repo"] ?? "");
  const reply =
    early?.reply ??
    elsewhere?.reply ??
    (found === undefined || record === null
      ? NOT_FOUND
      : await answerRoute(found.one.route, {
          to,
          record,
          path: names,
          query: url.searchParams,
          body,
          wantsDiff: wantsDiff(request),
          ...parts.context(to),
        }));
  if (fault?.does === "drop-reply") return void request.socket.destroy();
  const { status, json, headers } = paged(reply, url);
  const counted = send(parts.limiters.core, parts.now, io, {
    status,
    json,
    headers: { ...headers, ...parts.grants.headers(who), ...early?.headers },
  });
  parts.onExchange({
    operation,
    method,
    path: `${path}${url.search}`,
    query: Object.fromEntries(url.searchParams),
    requestBody: body,
    status,
    responseBody: json,
    counted,
    resource: "core",
    isText: "text" in reply,
  });
}

function wantsDiff({ headers }: IncomingMessage): boolean {
  return (headers.accept ?? "").includes("diff");
}

async function answerGraphql(parts: ServerParts, to: Addresses, io: HttpCall): Promise<void> {
  const { request, url } = io;
  const body = await readBody(request);
  const name = operationOf(body["query"]);
  const operation = `GRAPHQL ${name}`;
  const limiter = parts.limiters.graphql;
  const fault = parts.faults.take(operation);
  if (fault?.does === "drop") return void request.socket.destroy();
  if (fault?.does === "first") await fault.act();
  const early = limiter.isUsedUp ? null : earlyReply(limiter, parts.logins.whoIs(request.headers.authorization ?? ""), fault);
  const given = body["variables"];
  const variables = typeof given === "object" && given !== null && !Array.isArray(given) ? (given as JsonObject) : {};
  const call = { variables, repositories: parts.repositories(), outcome: parts.context(to).outcome };
  const limited: JsonObject = { errors: [{ type: "RATE_LIMITED", message: "API rate limit exceeded for installation." }] };
  const reply = early?.reply ?? { status: 200, body: limiter.isUsedUp ? limited : await answerOperation(name, call) };
  if (fault?.does === "drop-reply") return void request.socket.destroy();
  const { status, json } = paged(reply, url);
  send(limiter, parts.now, io, { status, json, headers: early?.headers ?? {} });
  const { method = "POST" } = request;
  const exchange = { operation, method, path: url.pathname, query: {}, requestBody: body, status, responseBody: json };
  parts.onExchange({ ...exchange, counted: true, resource: "graphql", isText: false });
}

/** Answers a request, and advances the background work of its repository by one. */
async function answerRoute(route: Route, call: Call): Promise<Reply> {
  for (const one of call.record.background) {
    one.readsLeft -= 1;
    if (one.readsLeft === 0) await one.work();
  }
  return route.handle(call);
}

/** The response that precludes routing (a fault, a limit, a 401); null when the request goes on to its route. */
function earlyReply(
  limiter: Limiter,
  who: string | null,
  fault: GitHubFault | null,
): { readonly reply: Reply; readonly headers: Readonly<Record<string, string>> } | null {
  if (who === null || fault?.does === "refuse-login") return { reply: no(401, "Bad credentials"), headers: {} };
  if (fault?.does === "fail") return { reply: no(fault.status, "Server Error"), headers: {} };
  if (fault?.does === "answer") return { reply: no(fault.status, "Not shown yet"), headers: {} };
  if (fault?.does === "slow-down") {
    const documentation_url = `${DOCUMENTATION}/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits`;
    const body = { message: "You have exceeded a secondary rate limit. Please wait a few minutes.", documentation_url };
    return {
      reply: { status: fault.status, body },
      headers: fault.retryAfterS === null ? {} : { "retry-after": String(fault.retryAfterS) },
    };
  }
  if (!limiter.isUsedUp) return null;
  const documentation_url = `${DOCUMENTATION}/overview/rate-limits-for-the-rest-api`;
  return { reply: { status: 403, body: { message: "API rate limit exceeded for installation.", documentation_url } }, headers: {} };
}

/** Sends the response. Returns whether it counts against the limit: 304 does not. */
function send(
  limiter: Limiter,
  now: () => number,
  { request, response }: HttpCall,
  answer: { readonly status: number; readonly json: Json; readonly headers: Readonly<Record<string, string>> },
): boolean {
  const isDiff = answer.headers["content-type"] === DIFF;
  const text = answer.json === null ? "" : isDiff && typeof answer.json === "string" ? answer.json : JSON.stringify(answer.json);
  const etag = `W/"${createHash("sha256").update(text).digest("hex")}"`;
  const unchanged = request.method === "GET" && answer.status === 200 && request.headers["if-none-match"] === etag;
  if (!unchanged) limiter.count();
  response.writeHead(unchanged ? 304 : answer.status, {
    date: new Date(now()).toUTCString(),
    ...limiter.headers(),
    ...(request.method === "GET" && answer.status === 200 ? { etag } : {}),
    ...(text === "" || unchanged ? {} : { "content-type": "application/json; charset=utf-8" }),
    ...answer.headers,
  });
  response.end(unchanged ? "" : text);
  return !unchanged;
}

function paged(
  reply: Reply,
  url: URL,
): { readonly status: number; readonly json: Json; readonly headers: Readonly<Record<string, string>> } {
  if ("text" in reply) return { status: reply.status, json: reply.text, headers: { "content-type": DIFF } };
  if (!("items" in reply)) return { status: reply.status, json: reply.body, headers: {} };
  const per = Math.min(MAX_PER_PAGE, Number(url.searchParams.get("per_page") ?? DEFAULT_PER_PAGE));
  const page = Number(url.searchParams.get("page") ?? 1);
  const items = reply.items.slice((page - 1) * per, page * per);
  const next = new URL(url);
  next.searchParams.set("page", String(page + 1));
  const headers: Record<string, string> = reply.items.length > page * per ? { link: `<${next.href}>; rel="next"` } : {};
  return { status: 200, json: reply.wrap?.(items, reply.items.length) ?? items, headers };
}

async function answerGit(parts: ServerParts, to: Addresses, { request, response, url }: HttpCall): Promise<void> {
  const [, owner = "", name = ""] = /^\/([^/]+)\/([^/]+)\.git\//.exec(url.pathname) ?? [];
  if (parts.logins.whoIs(request.headers.authorization ?? "") === null)
    return void response.writeHead(401, { "www-authenticate": 'Basic realm="GitHub"' }).end();
  const record = parts.find(owner, name);
  if (record === null) return void response.writeHead(404).end();
  const before = await record.git.refs();
  await serveGit(request, response, { root: parts.root, path: url.pathname, query: url.search.slice(1) });
  if (request.method === "POST") await parts.onPush(record, before, to);
}

/** Compiles an operation into a pattern. `{name}` matches one path segment; `{ref}` may contain slashes. */
function compile(operation: string): { readonly method: string; readonly pattern: RegExp } {
  const [method = "", path = ""] = operation.split(" ");
  const pattern = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => `(?<${name}>${name === "ref" ? ".+" : "[^/]+"})`);
  return { method, pattern: new RegExp(`^${pattern}$`) };
}

async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  const parsed: unknown = text === "" ? {} : JSON.parse(text);
  return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as JsonObject) : {};
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
