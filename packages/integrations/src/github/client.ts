/**
 * HTTP client of one installation (or token). Owns: rate limits, circuit breaker, conditional cache, translation of
 * failures. Does not own: what any request means.
 * 1. Reads are conditional and retried when GitHub fails. A write is sent once; after a failure its caller reads before
 *    it writes again.
 * 2. Answers are validated. An answer of another shape than documented is the passing error `forge_failed`, never data.
 * 3. No error carries the request, because its headers hold the credential. Texts of GitHub are redacted.
 * 4. GitHub is eventually consistent: a read of something that exists (`exists`) which it refuses with 404, 409 or 422 is sent again,
 *    up to five times in all, before the refusal is final.
 * 5. A read that begins after a write of this client never shares the answer of a read that began before the write.
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

type RequestParameters = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
/** Method and path of a request, with its parameters in braces. */
export type Route = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} ${string}`;

/** A 4xx answer that is neither a rate limit nor a refused login. What it means is for the caller to say. */
export interface Refusal {
  readonly is: "refused";
  readonly status: number;
  /** GitHub's message, redacted, at most 500 characters. For people to read; code never matches on it. */
  readonly message: string;
  /** Permissions that the request needs, as `checks=read`; null if GitHub does not say. */
  readonly needs: string | null;
}

/** A validated answer, or GitHub's refusal. */
export type Answer<T> = { readonly is: "ok"; readonly value: T; readonly status: number } | Refusal;

export interface ClientSettings {
  readonly clock: Clock;
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  /** Pause before the first retry of a read, in ms; it grows with the square of the tries. */
  readonly retryMs: number;
  /** Whether writes are kept at least one second apart. */
  readonly throttleWrites: boolean;
  /** Time-out of each attempt, in ms. */
  readonly timeoutMs: number;
  /** Resolves after that many ms. */
  readonly wait: (ms: number) => Promise<void>;
  /** Pause before a read of something that exists is sent again, in ms; it grows with the tries. */
  readonly pollMs: number;
}

/** What the caller of a read knows of its subject. */
export interface ReadOptions {
  /** It exists as far as the caller knows, so that a refusal may only be late news. Default: false. */
  readonly exists?: boolean;
}

/** How Octokit logs in. */
export interface Identity {
  /** What errors call the installation or token. */
  readonly name: string;
  readonly options: ConstructorParameters<typeof Octokit>[0];
  /** Drops a cached token that GitHub no longer accepts. Absent if no other token can be requested. */
  readonly forgetToken?: () => void;
}

const Connection = Octokit.plugin(throttling, retry);
/** Retries of a read after its first attempt. */
const READ_RETRIES = 3;
const CACHED_ANSWERS = 2000;
const PAGE = 100;
/** 10,000 entries, which is more checks than any commit has. */
const MAX_PAGES = 100;
/** Statuses that a retry does not change, and those of rate limits, which `RateLimits` handles. */
const NO_RETRY = [304, 400, 401, 403, 404, 405, 406, 409, 410, 413, 422, 429, 451];
/** Statuses by which GitHub refuses a read of something that it does not show yet. */
const LATE: readonly number[] = [404, 409, 422];
/** Reads of something that exists, before a refusal is final. */
const LATE_READS = 5;
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

/** GraphQL always answers 200; the `type` of an error takes the place of the status. */
const GRAPHQL: Route = "POST /graphql";
const GRAPHQL_STATUS: Readonly<Record<string, number>> = { NOT_FOUND: 404, FORBIDDEN: 403 };
const graphqlSchema = z.object({
  data: z
    .unknown()
    .optional()
    .transform((data) => data ?? null),
  errors: z.array(z.object({ type: z.string().default(""), message: z.string() })).default([]),
});

/** An answer before its body is validated. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
}

/** The latest answer to a request. GitHub confirms it with 304, which counts against no rate limit. */
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
  readonly #pause: (tries: number) => Promise<void>;
  readonly #cache = new LruCache<CachedAnswer>(CACHED_ANSWERS);
  readonly #inFlight = new Map<string, Promise<RawAnswer | Refusal>>();
  #writes = 0;

  constructor(identity: Identity, settings: ClientSettings) {
    this.#identity = identity;
    this.#pause = (tries) => settings.wait(settings.pollMs * tries);
    this.#limits = new RateLimits(settings.clock, identity.name);
    this.#breaker = new CircuitBreaker(settings.clock, identity.name);
    this.#graphqlBase = settings.baseUrl.replace(/\/v3$/, "");
    this.#octokit = new Connection({
      ...identity.options,
      baseUrl: settings.baseUrl,
      userAgent: "millrace",
      log: silent,
      request: { fetch: withTimeout(settings), log: silent },
      retry: { doNotRetry: NO_RETRY, retries: READ_RETRIES, retryAfterBaseValue: settings.retryMs },
      // No waiting inside a call: when a limit is used up, the engine pauses the run.
      throttle: { enabled: settings.throttleWrites, id: identity.name, onRateLimit: () => false, onSecondaryRateLimit: () => false },
    });
  }

  /** Number of writes that have returned. A read that began at a smaller number may show the state before them. */
  get writes(): number {
    return this.#writes;
  }

  /**
   * Sends a read. A 4xx answer is returned as a `Refusal`.
   * @throws MillraceError `rate_limited`, `forge_down`, `forge_failed`; `forge_refused` if the login is refused.
   */
  async get<T>(route: Route, parameters: RequestParameters, schema: z.ZodType<T>, options: ReadOptions = {}): Promise<Answer<T>> {
    const answer = await this.#patiently(options, () => this.#read(route, parameters));
    return "is" in answer ? answer : { is: "ok", status: answer.status, value: this.#parse(route, schema, answer.data) };
  }

  /**
   * Sends a read whose answer is a diff of commits that exist, instead of JSON. It is not conditional: what it reads never changes.
   * @throws MillraceError as `get`.
   */
  async diff(route: Route, parameters: RequestParameters): Promise<Answer<string>> {
    const headers = { accept: "application/vnd.github.diff" };
    const answer = await this.#patiently({ exists: true }, () => this.#request(route, { ...parameters, headers }));
    return "is" in answer ? answer : { is: "ok", status: answer.status, value: this.#parse(route, z.string(), answer.data) };
  }

  /**
   * Sends a read and returns its headers too, which describe the credential.
   * @throws MillraceError as `get`.
   */
  raw(route: Route, parameters: RequestParameters): Promise<RawAnswer | Refusal> {
    return this.#read(route, parameters);
  }

  /**
   * Reads every page of a list. `schema` validates one page.
   * @throws MillraceError as `get`; `forge_refused` for a list of more than 10,000 entries.
   */
  async pages<T>(
    route: Route,
    parameters: RequestParameters,
    schema: z.ZodType<readonly T[]>,
    options: ReadOptions = {},
  ): Promise<Answer<readonly T[]>> {
    const found: T[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const answer = await this.#patiently(options, () => this.#read(route, { ...parameters, per_page: PAGE, page }));
      if ("is" in answer) return answer;
      found.push(...this.#parse(route, schema, answer.data));
      if (!hasNext(answer.headers)) return { is: "ok", status: answer.status, value: found };
    }
    throw new MillraceError("forge_refused", `GitHub has more than ${String(PAGE * MAX_PAGES)} entries for ${route}`, {
      fix: "Millrace does not read further.",
    });
  }

  /**
   * Sends a write, once.
   * @throws MillraceError as `get`. After `forge_failed` GitHub may have done it or not.
   */
  async send<T>(route: Route, parameters: RequestParameters, schema: z.ZodType<T>): Promise<Answer<T>> {
    try {
      const answer = await this.#request(route, { ...parameters, request: { retries: 0 } });
      return "is" in answer ? answer : { is: "ok", status: answer.status, value: this.#parse(route, schema, answer.data) };
    } finally {
      this.#writes += 1;
    }
  }

  /**
   * Sends a GraphQL query. Retried like every read, but not conditional. A field that could not be read is null.
   * @throws MillraceError as `get`.
   */
  query<T>(text: string, variables: RequestParameters, schema: z.ZodType<T>): Promise<Answer<T>> {
    return this.#graphql(text, variables, schema, READ_RETRIES);
  }

  /**
   * Sends a GraphQL mutation, once.
   * @throws MillraceError as `send`.
   */
  async mutate<T>(text: string, variables: RequestParameters, schema: z.ZodType<T>): Promise<Answer<T>> {
    try {
      return await this.#graphql(text, variables, schema, 0);
    } finally {
      this.#writes += 1;
    }
  }

  async #graphql<T>(text: string, variables: RequestParameters, schema: z.ZodType<T>, retries: number): Promise<Answer<T>> {
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

  /**
   * The token for git over https. An installation token is renewed shortly before it expires.
   * @throws MillraceError as `get`.
   */
  async token(): Promise<string> {
    const answer: unknown = await this.#octokit.auth({ type: "installation" }).catch((error: unknown) => {
      const translated = this.#translate(error, "POST /app/installations/{installation_id}/access_tokens");
      throw "is" in translated ? this.#loginRefused(translated.status) : translated;
    });
    const parsed = z.object({ token: z.string().min(1) }).safeParse(answer);
    if (!parsed.success) throw this.#loginRefused(null);
    return parsed.data.token;
  }

  /** Repeats a read of something that exists while GitHub does not show it, `LATE_READS` times at most. */
  async #patiently({ exists = false }: ReadOptions, read: () => Promise<RawAnswer | Refusal>): Promise<RawAnswer | Refusal> {
    for (let tries = 1; ; tries += 1) {
      const answer = await read();
      if (!exists || !("is" in answer) || !LATE.includes(answer.status) || tries === LATE_READS) return answer;
      await this.#pause(tries);
    }
  }

  async #read(route: Route, parameters: RequestParameters): Promise<RawAnswer | Refusal> {
    const address = this.#octokit.request.endpoint(route, { ...parameters }).url;
    const key = `${String(this.#writes)} ${address}`;
    const known = this.#inFlight.get(key);
    if (known !== undefined) return known;
    const reading = this.#conditional(route, parameters, address).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, reading);
    return reading;
  }

  async #conditional(route: Route, parameters: RequestParameters, address: string): Promise<RawAnswer | Refusal> {
    const cached = this.#cache.get(address);
    const answer = await this.#request(route, { ...parameters, headers: cached === null ? {} : { "if-none-match": cached.etag } });
    if ("is" in answer) return answer;
    if (answer.status === 304 && cached !== null) return { status: 200, headers: cached.headers, data: cached.data };
    const etag = answer.headers["etag"];
    if (etag !== undefined) this.#cache.set(address, { etag, data: answer.data, headers: answer.headers });
    return answer;
  }

  async #request(route: Route, options: Readonly<Record<string, unknown>>): Promise<RawAnswer | Refusal> {
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

  #translate(error: unknown, route: Route): MillraceError | Refusal | RawAnswer {
    const parsed = failureSchema.safeParse(error);
    const failure = parsed.success ? parsed.data : null;
    if (failure === null || failure.response === undefined || failure.status >= 500)
      return unanswered(route, failure?.response === undefined ? null : failure.status);
    const { headers, data } = failure.response;
    // GraphQL reports a used-up limit with status 200.
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
        `GitHub does not accept the token of ${this.#identity.name} any more; the next request asks for another`,
        {
          fix: "Nothing to do when it passes; otherwise look whether the App is still installed.",
          details: { status },
        },
      );
    return new MillraceError("forge_refused", `GitHub does not accept the credential of ${this.#identity.name}`, {
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

/** No answer, or a 5xx: an outage. Other `forge_failed` errors have no `route` in their details. */
function isUnanswered(translated: MillraceError | Refusal | RawAnswer): translated is MillraceError {
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

/** Each attempt has its own time-out; the time it waits in the throttling queue does not count. */
function withTimeout({ fetch, timeoutMs }: ClientSettings): typeof fetch {
  return (input, init) => {
    const signals = [AbortSignal.timeout(timeoutMs), ...(init?.signal == null ? [] : [init.signal])];
    return fetch(input, { ...init, signal: AbortSignal.any(signals) });
  };
}
