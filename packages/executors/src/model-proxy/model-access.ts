import { priceOf, type ModelPrice } from "@millrace/agents";
import { digestText, webSearchOff, type ModelDoorRecord, type ModelSpend, type ModelWireFormat } from "@millrace/kernel";
import { z } from "zod";
import type { AccessParts } from "./access-parts.js";
import { CallGate } from "./guards/call-gate.js";
import { credentialOf } from "./guards/headers.logic.js";
import { estimateOf } from "./metering/estimate.logic.js";
import { Ledger } from "./metering/ledger.js";
import { sendCall } from "./send-call.js";
import { parseBody } from "./wire/parse-body.logic.js";
import { readBody } from "./wire/read-body.js";
import { ModelRefusal } from "./wire/refusal.logic.js";
import type { Endpoint, WireFormat } from "./wire/wire-format.port.js";
import { wireFormats } from "./wire-formats.js";

const SEARCH_PATH = "/model/search";
const MODELS_PATH = "/v1/models";
const searchSchema = z.object({ query: z.string().trim().min(1).max(1000) });

/** The way of one client to its model: what it may call, and what its calls have cost. */
export interface ModelAccess {
  /** Answers every request, those without the token of this access with 401. Never throws. */
  readonly handle: (request: Request) => Promise<Response>;
  readonly formats: readonly ModelWireFormat[];
  record(): ModelDoorRecord;
  /** Refuses further calls, ends those in flight, and resolves when all are settled. */
  close(): Promise<ModelSpend>;
}

/** An access of a grant. */
export function createModelAccess(parts: AccessParts): ModelAccess {
  const access = new Access(parts);
  return {
    handle: (request) => access.handle(request),
    formats: parts.served.provider.formats,
    record: () => access.record(),
    close: () => access.close(),
  };
}

class Access {
  readonly ledger: Ledger;
  readonly #parts: AccessParts;
  readonly #formats: readonly WireFormat[];
  readonly #price: ModelPrice | null;
  readonly #gate: CallGate;
  readonly #closing = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();
  #searches = 0;

  constructor(parts: AccessParts) {
    const { grant, served, limits, options } = parts;
    this.#parts = parts;
    this.#formats = served.provider.formats.map((name) => wireFormats[name]);
    this.#price = (options.priceOf ?? priceOf)(grant.model);
    this.ledger = new Ledger(grant, this.#price);
    this.#gate = new CallGate(limits, options.clock);
  }

  async handle(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    try {
      await this.#authorize(request.headers);
      if (request.method === "GET" && pathname === MODELS_PATH)
        return Response.json(formatFor(request, this.#formats).modelList(this.#parts.served.name));
      if (request.method === "POST" && pathname === SEARCH_PATH) return await this.#search(request);
      for (const format of this.#formats)
        for (const endpoint of format.endpoints)
          if (request.method === "POST" && endpoint.path === pathname) return await this.#call(request, format, endpoint);
      throw new ModelRefusal("not_found");
    } catch (error) {
      return refusalResponse(error, formatFor(request, this.#formats));
    }
  }

  record(): ModelDoorRecord {
    return { tokenDigest: this.#parts.tokenDigest, spend: this.ledger.spendIfCut() };
  }

  async close(): Promise<ModelSpend> {
    this.#closing.abort();
    await Promise.all(this.#inFlight);
    return this.ledger.spend();
  }

  async #authorize(headers: Headers): Promise<void> {
    const { grant, tokenDigest, options } = this.#parts;
    const token = credentialOf(headers);
    const isKnown = token !== null && (await digestText(token)) === tokenDigest;
    if (!isKnown || this.#closing.signal.aborted || options.clock.now() >= grant.expiresAt) throw new ModelRefusal("unauthorized");
  }

  /** The slot that a call takes is free again when its answer has ended. */
  async #call(request: Request, format: WireFormat, endpoint: Endpoint): Promise<Response> {
    const leave = this.#gate.enter();
    const ended = Promise.withResolvers<void>();
    this.#inFlight.add(ended.promise);
    const onEnd = (): void => {
      leave();
      this.#inFlight.delete(ended.promise);
      // What is not kept now is kept with the next call; until then the call counts at its reservation.
      void this.#parts.keep(this.record()).catch(() => undefined);
      ended.resolve();
    };
    try {
      const { limits, served } = this.#parts;
      const body = await readBody(request, limits.requestBytes);
      const prepared = format.prepare(body, endpoint, { model: served.name, outputTokens: limits.outputTokens });
      const bytes = new TextEncoder().encode(JSON.stringify(prepared.body));
      const micros = endpoint.isMetered ? this.#estimate(bytes.length, prepared.outputTokens) : 0;
      const reservation = this.ledger.reserve(micros);
      if (reservation === null) throw new ModelRefusal("over_reservation");
      await this.#parts.keep(this.record()).catch((error: unknown) => {
        reservation.settle(0);
        throw error;
      });
      const call = { request, format, endpoint, bytes, reservation, ledger: this.ledger, closing: this.#closing.signal, onEnd };
      return await sendCall(call, this.#parts);
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  #estimate(bodyBytes: number, outputTokens: number): number {
    return estimateOf({ bodyBytes, outputTokens, price: this.#price, unpricedMicros: this.#parts.limits.unpricedCallMicros });
  }

  async #search(request: Request): Promise<Response> {
    const { grant, limits, options } = this.#parts;
    const search = options.search ?? webSearchOff;
    if (!search.isOn) throw new ModelRefusal("search_off");
    const { query } = parseBody(searchSchema, await readBody(request, limits.requestBytes));
    if (this.#searches >= limits.searches) throw new ModelRefusal("searches_used_up");
    this.#searches += 1;
    const { workspaceId, runId, key } = grant;
    const hits = await search.search({ workspaceId, runId, key, call: crypto.randomUUID(), query }).catch(() => {
      throw new ModelRefusal("search_failed");
    });
    return Response.json({ hits });
  }
}

/** The API that a request was meant for: that of its address, else that whose headers it has. */
export function formatFor(request: Request, formats: readonly WireFormat[]): WireFormat {
  const { pathname } = new URL(request.url);
  const byPath = formats.find(({ endpoints }) => endpoints.some(({ path }) => path === pathname));
  const byHeader = formats.find(({ requestHeaders }) => requestHeaders.some((name) => request.headers.has(name)));
  return byPath ?? byHeader ?? formats[0] ?? wireFormats["openai-chat"];
}

/** A refusal in the shape of its API. What is no refusal says nothing of itself: it may quote a request or a key. */
export function refusalResponse(error: unknown, format: WireFormat): Response {
  const refusal = error instanceof ModelRefusal ? error : new ModelRefusal("internal");
  const retryAfter = refusal.retryAfterS === null ? {} : { "retry-after": String(refusal.retryAfterS) };
  return Response.json(format.errorBody(refusal), { status: refusal.status, headers: { "cache-control": "no-store", ...retryAfter } });
}
