import type { Log } from "@millrace/kernel";
import { isMillraceError } from "@millrace/kernel";
import { verifyWithFallback } from "@octokit/webhooks-methods";
import type { DeliveryLog } from "./deliveries.js";
import { subjectOf, type WebhookSubject } from "./subject.logic.js";

export interface GitHubWebhooksOptions {
  /** The secret in use first, then former ones for as long as they are being replaced. */
  readonly secrets: readonly [string, ...string[]];
  readonly deliveries: DeliveryLog;
  /** Somebody who waits for this may look now. */
  readonly nudge: (subject: WebhookSubject) => Promise<void>;
  readonly log: Log;
}

/** What GitHub sends at most. */
const MAX_BYTES = 25 * 1024 * 1024;

/**
 * Takes GitHub's webhooks: 401 without a valid signature, 400 for what is no delivery, 413 above 25 MiB, 202 when it was dealt
 * with or is about nothing Millrace waits for, 200 when it was here before, 500 when the nudge failed (it may be sent again).
 *
 * A delivery is a hint where to look. Nothing in it is believed: whoever is nudged reads GitHub, so late, reordered, repeated
 * and lost deliveries change when something is seen, never what.
 */
export function createGitHubWebhooks(options: GitHubWebhooksOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== "POST") return answer(405, "post a delivery of GitHub here");
    const body = await readText(request, MAX_BYTES);
    if (body === null) return answer(413, "too large");
    if (!(await isSigned(options.secrets, body, request.headers.get("x-hub-signature-256"))))
      return answer(401, "the signature does not fit");
    const [id, event] = [request.headers.get("x-github-delivery"), request.headers.get("x-github-event")];
    const payload = parse(body);
    if (id === null || event === null || payload === undefined) return answer(400, "this is no delivery of GitHub");
    if (await options.deliveries.has(id)) return answer(200, "seen before");
    return deal(options, id, event, payload);
  };
}

async function deal(options: GitHubWebhooksOptions, id: string, event: string, payload: unknown): Promise<Response> {
  const subject = subjectOf(event, payload);
  try {
    if (subject !== null) await options.nudge(subject);
    await options.deliveries.add(id);
  } catch (error) {
    options.log.warn("webhook-failed", { delivery: id, event, code: isMillraceError(error) ? error.code : "internal" });
    return answer(500, "could not be dealt with");
  }
  return answer(202, subject === null ? "nothing waits for this" : "accepted");
}

async function isSigned([secret, ...former]: readonly [string, ...string[]], body: string, signature: string | null): Promise<boolean> {
  return signature !== null && signature !== "" && body !== "" && (await verifyWithFallback(secret, body, signature, former));
}

/** Null when it is longer than `max`; what is beyond is not read. */
async function readText(request: Request, max: number): Promise<string | null> {
  if (request.body === null) return "";
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > max) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Undefined for what is no JSON. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function answer(status: number, message: string): Response {
  return Response.json({ message }, { status });
}
