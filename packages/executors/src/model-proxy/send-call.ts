import { isUnreached } from "../inline/unreached.logic.js";
import type { AccessParts } from "./access-parts.js";
import { requestHeaders, responseHeaders } from "./guards/headers.logic.js";
import { redactKeys } from "./guards/key-shapes.logic.js";
import type { CallReservation } from "./metering/allowance.js";
import type { Ledger } from "./metering/ledger.js";
import { createMeter } from "./metering/meter.js";
import { meteredBody } from "./metering/metered-body.js";
import type { ModelCallEnd } from "./options.js";
import { ModelRefusal } from "./wire/refusal.logic.js";
import { NOTHING_READ, type Endpoint, type Reading, type WireFormat } from "./wire/wire-format.port.js";

/** Longest body of a provider's error that is passed on, in bytes. */
const ERROR_BYTES = 64 * 1024;

/** A call whose reservation is made. */
export interface OutgoingCall {
  readonly request: Request;
  readonly format: WireFormat;
  readonly endpoint: Endpoint;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly reservation: CallReservation;
  readonly ledger: Ledger;
  /** Aborts when the access is closed. */
  readonly closing: AbortSignal;
  /** Called once the call is settled; may be called more than once. */
  readonly onEnd: () => void;
}

/** Ends a call: settles and records it. Only the first call counts. */
type Finish = (end: ModelCallEnd, status?: number | null, reading?: Reading) => void;

/**
 * Sends a call to the provider and returns its answer.
 *
 * @throws ModelRefusal `credential_refused`, `provider_unreached`, `provider_unreadable`.
 */
export async function sendCall(call: OutgoingCall, parts: AccessParts): Promise<Response> {
  const finish = finisher(call, parts);
  const signal = AbortSignal.any([call.request.signal, call.closing, AbortSignal.timeout(parts.limits.callMs)]);
  const key = await parts.served.provider.key(parts.grant).catch(() => {
    finish("unreached");
    throw new ModelRefusal("credential_refused");
  });
  const answer = await ask(call, parts, key, signal).catch((error: unknown) => {
    finish(endOf(error, signal));
    throw new ModelRefusal("provider_unreached");
  });
  const { status, body } = answer;
  if (status >= 400) return refused(answer, key, finish);
  if (status !== 200 || body === null) {
    await body?.cancel().catch(() => undefined);
    finish("cut", status);
    throw new ModelRefusal("provider_unreadable");
  }
  const meter = createMeter(call.format, answer.headers.get("content-type") ?? "");
  const metered = meteredBody(body, meter, {
    maxBytes: parts.limits.responseBytes,
    signal,
    onEnd: (end) => finish(end, status, meter.read()),
  });
  return new Response(metered, { status, headers: responseHeaders(answer.headers, key) });
}

/** A call that did not reach the provider is free; one that broke may have been worked on. */
function endOf(error: unknown, signal: AbortSignal): ModelCallEnd {
  if (signal.aborted) return "aborted";
  return isUnreached(error) ? "unreached" : "cut";
}

function ask(call: OutgoingCall, { served, options }: AccessParts, key: string, signal: AbortSignal): Promise<Response> {
  const { request, format, endpoint, bytes } = call;
  // Nothing of the client's address is in the provider's.
  const query = endpoint.query !== null && new URL(request.url).search === `?${endpoint.query}` ? `?${endpoint.query}` : "";
  const url = `${served.provider.baseUrl.replace(/\/+$/, "")}/${endpoint.target}${query}`;
  const send = options.fetch ?? globalThis.fetch;
  return send(url, { method: "POST", headers: requestHeaders(request.headers, format, key), body: bytes, redirect: "manual", signal });
}

/** An error of the provider, without what looks like a key. A refused key is the host's affair: the client could not help. */
async function refused(answer: Response, key: string, finish: Finish): Promise<Response> {
  const { status, headers } = answer;
  const text = await textOf(answer).catch(() => "");
  finish("refused", status);
  if (status === 401 || status === 403) throw new ModelRefusal("credential_refused");
  return new Response(redactKeys(text, [key]), { status, headers: responseHeaders(headers, key) });
}

async function textOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let left = ERROR_BYTES;
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.length;
    if (left <= 0) break;
  }
  return text;
}

function finisher({ format, endpoint, reservation, ledger, onEnd }: OutgoingCall, { grant, options }: AccessParts): Finish {
  const startedAt = options.clock.now();
  let isFinished = false;
  return (end, status = null, reading = NOTHING_READ) => {
    if (isFinished) return;
    isFinished = true;
    if (!endpoint.isMetered) {
      reservation.settle(0);
      return onEnd();
    }
    const known = reading.isComplete ? "complete" : end;
    const settledMicros = ledger.settle(reservation, known, reading);
    const { workspaceId, runId, step, key, model } = grant;
    options.onCall?.({
      id: crypto.randomUUID(),
      workspaceId,
      runId,
      step,
      key,
      model,
      format: format.name,
      status,
      end: known,
      tokens: reading.tokens,
      reservedMicros: reservation.micros,
      settledMicros,
      startedAt,
      endedAt: options.clock.now(),
    });
    onEnd();
  };
}
