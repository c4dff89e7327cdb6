import { createHmac, randomUUID } from "node:crypto";
import type { JsonObject } from "./shapes.js";

/** One webhook delivery. */
export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly payload: JsonObject;
  /** A new signed request on every call, since a body can be read only once. */
  request(): Request;
}

/** Deliveries that were not sent yet. GitHub guarantees neither order nor uniqueness; a test decides both. */
export class Outbox {
  readonly #secret: string;
  readonly #url: string;
  #waiting: Delivery[] = [];

  constructor(secret: string, url: string) {
    this.#secret = secret;
    this.#url = url;
  }

  add(event: string, payload: JsonObject): void {
    const [id, body] = [randomUUID(), JSON.stringify(payload)];
    const signature = `sha256=${createHmac("sha256", this.#secret).update(body).digest("hex")}`;
    const headers = {
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/stand-in",
      "x-github-event": event,
      "x-github-delivery": id,
      "x-hub-signature-256": signature,
    };
    this.#waiting.push({ id, event, payload, request: () => new Request(this.#url, { method: "POST", headers, body }) });
  }

  /** Takes the waiting deliveries, oldest first. */
  take(): readonly Delivery[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }
}
