/**
 * Requests to GitHub as one installation (or token). Owns: the breakers, the conditional cache, the translation of failures.
 * Does not own: what any request means.
 * 1. Reads are conditional and are tried again after a failure of GitHub; a write is sent once, whatever happens. Whoever
 *    writes reads the world before it writes again.
 * 2. Answers are validated: what does not have the documented shape is a passing failure, never data.
 * 3. No error carries the request: its headers hold the credential. Texts of GitHub are redacted.
 * 4. A read that begins after a write of this client was answered never shares an answer with one that began before.
 */
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import { Octokit } from "@octokit/rest";
import type { Clock } from "@millrace/kernel";
import { isMillraceError, MillraceError } from "@millrace/kernel";
import { z } from "zod";
import type { Headers } from "./rate-limits.js";
import { RateLimits } from "./rate-limits.js";
import { CircuitBreaker } from "./circuit-breaker.js";
import { LruCache } from "./lru-cache.js";
import { redactSecrets } from "./redact.logic.js";

type Parameters = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
export type Route = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} ${string}`;

/** A refusal of the request itself (4xx) that is no limit and no login: its meaning is the caller's. */
export interface Refusal {
  readonly is: "refused";
  readonly status: number;
  /** GitHub's own words, redacted, at most 500 characters. For people; nothing matches on it. */
  readonly message: string;
  /** Permissions that would do, as `checks=read`; null where GitHub does not say. */
  readonly needs: string | null;
}
export type Answer<T> = { readonly is: "ok"; readonly value: T; readonly status: number } | Refusal;

export interface ClientSettings {
  readonly clock: Clock;
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  /** Milliseconds before a read is tried again; grows with the square of the tries. */
  readonly retryMs: number;
  /** Whether writes keep the distance GitHub asks for. */
  readonly spacing: boolean;
  readonly timeoutMs: number;
}

/** As whom: how Octokit logs in, and what errors call it. */
export interface Identity {
  readonly who: string;
  readonly options: ConstructorParameters<typeof Octokit>[0];
  /** Set where another token can be asked for when this one is not accepted any more. */
  readonly forgetToken?: () => void;
}

const Connection = Octokit.plugin(throttling, retry);
const READ_TRIES = 3;
const CACHED_ANSWERS = 2000;
const PAGE = 100;
/** 10,000 entries: no commit has more checks, no pull request is read further. */
const MAX_PAGES = 100;
/** Answers that asking again does not change, and limits, which the breaker handles. */
const NO_RETRY = [304, 400, 401, 403, 404, 405, 409, 410, 422, 429, 451];
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const headersSchema = z.record(z.string(), z.union([z.string(), z.number()]).optional()).transform((headers): Headers => {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value === undefined ? undefined : String(value)]),
  );
});
const answeredSchema = z.object({ status: z.number().int().optional(), headers: headersSchema, data: z.unknown() });
const failureSchema = z
  .object({ status: z.number().int().optional(), response: answeredSchema.optional() })
  .transform(({ status, response }) => ({ status: status ?? response?.status ?? 500, response }));
const refusalSchema = z.object({ message: z.string().optional(), documentation_url: z.string().optional() }).catch({});

/** GraphQL answers 200 whatever it says; `type` is what a status is elsewhere. */
const GRAPHQL: Route = "POST /graphql";
const GRAPHQL_STATUS: Readonly<Record<string, number>> = { NOT_FOUND: 404, FORBIDDEN: 403 };
const graphqlSchema = z.object({
  data: z
    .unknown()
    .optional()
    .transform((data) => data ?? null),
  errors: z.array(z.object({ type: z.string().default(""), message: z.string() })).default([]),
});

export interface Raw {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
}

/** What was last answered to a request, kept as long as GitHub confirms it with 304, which counts against no limit. */
interface CachedAnswer {
  readonly etag: string;
  readonly data: unknown;
  readonly headers: Headers;
}

export class GitHubClient {
  readonly #octokit: InstanceType<typeof Connection>;
  readonly #limits: RateLimits;
  readonly #breaker: CircuitBreaker;
  readonly #graphqlBase: string;
  readonly #identity: Identity;
  readonly #cache = new LruCache<CachedAnswer>(CACHED_ANSWERS);
  readonly #inFlight = new Map<string, Promise<Raw | Refusal>>();
  #writes = 0;

  constructor(identity: Identity, settings: ClientSettings) {
    this.#identity = identity;
    this.#limits = new RateLimits(settings.clock, identity.who);
    this.#breaker = new CircuitBreaker(settings.clock, identity.who);
    this.#graphqlBase = settings.baseUrl.replace(/\/v3$/, "");
    this.#octokit = new Connection({
      ...identity.options,
      baseUrl: settings.baseUrl,
      userAgent: "millrace",
      log: silent,
      request: { fetch: bounded(settings), log: silent },
      retry: { doNotRetry: NO_RETRY, retries: READ_TRIES, retryAfterBaseValue: settings.retryMs },
      // Never wait inside a call: a used-up limit parks the run instead.
      throttle: { enabled: settings.spacing, id: identity.who, onRateLimit: () => false, onSecondaryRateLimit: () => false },
    });
  }

  /** How many writes of this client were answered: what was read under a smaller number may be of before them. */
  get writes(): number {
    return this.#writes;
  }

  /** A read. `refused` only for 4xx. @throws MillraceError `rate_limited`, `forge_failed`, `forge_refused` (login). */
  async get<T>(route: Route, parameters: Parameters, schema: z.ZodType<T>): Promise<Answer<T>> {
    const answer = await this.#read(route, parameters);
    return "is" in answer ? answer : { is: "ok", status: answer.status, value: this.#parse(route, schema, answer.data) };
  }

  /** A read with its headers, for what they say of the credential. */
  raw(route: Route, parameters: Parameters): Promise<Raw | Refusal> {
    return this.#read(route, parameters);
  }

  /** Every page of a list. `schema` reads one page. */
  async pages<T>(route: Route, parameters: Parameters, schema: z.ZodType<readonly T[]>): Promise<Answer<readonly T[]>> {
    const found: T[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const answer = await this.#read(route, { ...parameters, per_page: PAGE, page });
      if ("is" in answer) return answer;
      found.push(...this.#parse(route, schema, answer.data));
      if (!hasNext(answer.headers)) return { is: "ok", status: answer.status, value: found };
    }
    throw new MillraceError("forge_refused", `GitHub has more than ${String(PAGE * MAX_PAGES)} entries for ${route}`, {
      fix: "Millrace does not read further.",
    });
  }

  /** A write: sent once. A failure whose effect is unknown is `forge_failed`. */
  async send<T>(route: Route, parameters: Parameters, schema: z.ZodType<T>): Promise<Answer<T>> {
    try {
      const answer = await this.#request(route, { ...parameters, request: { retries: 0 } });
      return "is" in answer ? answer : { is: "ok", status: answer.status, value: this.#parse(route, schema, answer.data) };
    } finally {
      this.#writes += 1;
    }
  }

  /** A GraphQL query: tried again like every read, never conditional. What it could not read is null in its answer. */
  query<T>(text: string, variables: Parameters, schema: z.ZodType<T>): Promise<Answer<T>> {
    return this.#graphql(text, variables, schema, READ_TRIES);
  }

  /** A GraphQL mutation: a write like `send`. */
  async mutate<T>(text: string, variables: Parameters, schema: z.ZodType<T>): Promise<Answer<T>> {
    try {
      return await this.#graphql(text, variables, schema, 0);
    } finally {
      this.#writes += 1;
    }
  }

  async #graphql<T>(text: string, variables: Parameters, schema: z.ZodType<T>, retries: number): Promise<Answer<T>> {
    const options = { baseUrl: this.#graphqlBase, query: text, variables, request: { retries } };
    const answer = await this.#request(GRAPHQL, options);
    if ("is" in answer) return answer;
    const { data, errors } = this.#parse(GRAPHQL, graphqlSchema, answer.data);
    const [error] = errors;
    if (error?.type === "RATE_LIMITED") throw this.#limits.recordExhausted(answer.headers);
    if (error !== undefined && (data === null || retries === 0))
      return { is: "refused", status: GRAPHQL_STATUS[error.type] ?? 422, message: redactSecrets(error.message).slice(0, 500), needs: null };
    return { is: "ok", status: answer.status, value: this.#parse(GRAPHQL, schema, data) };
  }

  /** The credential for git over https, made anew shortly before it expires. */
  async token(): Promise<string> {
    const answer: unknown = await this.#octokit.auth({ type: "installation" }).catch((error: unknown) => {
      const translated = this.#translate(error, "POST /app/installations/{installation_id}/access_tokens");
      throw "is" in translated ? this.#loginRefused(translated.status) : translated;
    });
    const parsed = z.object({ token: z.string().min(1) }).safeParse(answer);
    if (!parsed.success) throw this.#loginRefused(null);
    return parsed.data.token;
  }

  async #read(route: Route, parameters: Parameters): Promise<Raw | Refusal> {
    const address = this.#octokit.request.endpoint(route, { ...parameters }).url;
    const key = `${String(this.#writes)} ${address}`;
    const known = this.#inFlight.get(key);
    if (known !== undefined) return known;
    const reading = this.#conditional(route, parameters, address).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, reading);
    return reading;
  }

  async #conditional(route: Route, parameters: Parameters, address: string): Promise<Raw | Refusal> {
    const cached = this.#cache.get(address);
    const answer = await this.#request(route, { ...parameters, headers: cached === null ? {} : { "if-none-match": cached.etag } });
    if ("is" in answer) return answer;
    if (answer.status === 304 && cached !== null) return { status: 200, headers: cached.headers, data: cached.data };
    const etag = answer.headers["etag"];
    if (etag !== undefined) this.#cache.set(address, { etag, data: answer.data, headers: answer.headers });
    return answer;
  }

  async #request(route: Route, options: Readonly<Record<string, unknown>>): Promise<Raw | Refusal> {
    this.#limits.check(route === GRAPHQL ? "graphql" : "core");
    const probing = this.#breaker.beforeRequest() ? { request: { retries: 0 } } : {};
    try {
      const { status, headers, data } = await this.#octokit.request(route, { ...options, ...probing });
      this.#breaker.recordAnswer();
      const read = headersSchema.parse(headers);
      this.#limits.record(read);
      return { status, headers: read, data };
    } catch (error) {
      const translated = this.#translate(error, route);
      if (isUnanswered(translated)) throw this.#breaker.recordFailure() ?? translated;
      this.#breaker.recordAnswer();
      if (translated instanceof MillraceError) throw translated;
      return translated;
    }
  }

  #translate(error: unknown, route: Route): MillraceError | Refusal | Raw {
    const parsed = failureSchema.safeParse(error);
    const failure = parsed.success ? parsed.data : null;
    if (failure === null || failure.response === undefined || failure.status >= 500)
      return unanswered(route, failure?.response === undefined ? null : failure.status);
    const { headers, data } = failure.response;
    // GraphQL says it in an answer that is fine otherwise.
    if (failure.status === 200) return this.#limits.recordExhausted(headers);
    if (failure.status === 304) return { status: 304, headers, data: null };
    const { message = "", documentation_url: documentation = "" } = refusalSchema.parse(data);
    const limited = this.#limits.recordRefusal(failure.status, headers, documentation);
    if (limited !== null) return limited;
    this.#limits.record(headers);
    if (failure.status === 401) return this.#loginRefused(401);
    const needs = headers["x-accepted-github-permissions"] ?? null;
    return { is: "refused", status: failure.status, message: redactSecrets(message).slice(0, 500), needs };
  }

  #loginRefused(status: number | null): MillraceError {
    this.#identity.forgetToken?.();
    if (status === 401 && this.#identity.forgetToken !== undefined)
      return new MillraceError(
        "forge_failed",
        `GitHub does not accept the token of ${this.#identity.who} any more; the next request asks for another`,
        {
          fix: "Nothing to do when it passes; otherwise look whether the App is still installed.",
          details: { status },
        },
      );
    return new MillraceError("forge_refused", `GitHub does not accept the credential of ${this.#identity.who}`, {
      fix: "Check that the token is valid, or that the App's id, key and installation belong together.",
      details: { status },
    });
  }

  #parse<T>(route: Route, schema: z.ZodType<T>, data: unknown): T {
    const parsed = schema.safeParse(data);
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
    throw new MillraceError("forge_failed", `GitHub answered ${route} in another shape than it documents: ${where.slice(0, 500)}`, {
      fix: "Look whether something between this host and GitHub changes its answers.",
      details: { route },
    });
  }
}

/** Nobody answered, or GitHub itself failed: not what an answer says, and not a login that is refused. */
function isUnanswered(translated: MillraceError | Refusal | Raw): translated is MillraceError {
  return isMillraceError(translated, "forge_failed") && "route" in translated.details;
}

function unanswered(route: Route, status: number | null): MillraceError {
  return new MillraceError("forge_failed", `GitHub did not answer ${route} (${status === null ? "no connection" : String(status)})`, {
    fix: "Nothing to do when it passes; otherwise look at https://www.githubstatus.com and at this host's network.",
    details: { route, status },
  });
}

function hasNext(headers: Headers): boolean {
  return (headers["link"] ?? "").includes('rel="next"');
}

/** Every attempt has its own time-out; waiting in the queue before it does not count. */
function bounded({ fetch, timeoutMs }: ClientSettings): typeof fetch {
  return (input, init) => {
    const signals = [AbortSignal.timeout(timeoutMs), ...(init?.signal == null ? [] : [init.signal])];
    return fetch(input, { ...init, signal: AbortSignal.any(signals) });
  };
}
