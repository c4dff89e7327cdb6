import type { Log } from "@millrace/kernel";
import { isMillraceError } from "@millrace/kernel";
import { verifyWithFallback } from "@octokit/webhooks-methods";
import type { DeliveryLog } from "./deliveries.js";
import { subjectOf, type WebhookSubject } from "./subject.logic.js";

/** Options of `createGitHubWebhooks`. */
export interface GitHubWebhooksOptions {
  /** The current secret, then former ones that are still accepted during a rotation. */
  readonly secrets: readonly [string, ...string[]];
  readonly deliveries: DeliveryLog;
  /** Wakes the runs that wait for this subject. If it rejects, the answer is 500 and the delivery can be sent again. */
  readonly nudge: (subject: WebhookSubject) => Promise<void>;
  readonly log: Log;
}

/** GitHub's limit for a payload. */
const MAX_BYTES = 25 * 1024 * 1024;

/**
 * Creates the HTTP handler for GitHub's webhooks.
 *
 * | status | when |
 * | --- | --- |
 * | 202 | the delivery was processed, or no run waits for its event |
 * | 200 | the delivery was processed before |
 * | 400 | the request is not a webhook delivery |
 * | 401 | the signature is missing or invalid |
 * | 405 | the method is not POST |
 * | 413 | the body is larger than 25 MiB |
 * | 500 | `nudge` failed |
 *
 * A delivery is a hint only. A nudged run reads GitHub itself, so late, reordered, repeated and lost deliveries change
 * when something is seen, never what is seen.
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
    return processDelivery(options, id, event, payload);
  };
}

async function processDelivery(options: GitHubWebhooksOptions, id: string, event: string, payload: unknown): Promise<Response> {
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

/** The body as text; null if it is longer than `max` bytes, in which case reading stops there. */
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

/** The parsed body; undefined if it is not JSON. */
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
