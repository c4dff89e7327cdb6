import { MillraceError } from "../errors.js";
import type { TokenUsage } from "./agent.port.js";

/** API of a model's provider as it is spoken on the wire. */
export type ModelWireFormat = "anthropic-messages" | "openai-chat" | "openai-responses";

/** Permission of one job to call one model, and the most that all its calls may cost. */
export interface ModelGrant {
  readonly workspaceId: string;
  readonly runId: string;
  readonly step: number;
  /** Key of the effect that the calls are made for. One key has one door at a time. */
  readonly key: string;
  /** `provider:model`. Every call runs on it, whatever model the client names. */
  readonly model: string;
  /** Calls reserve from it, one by one, and give back what they did not use; in millionths of the currency. */
  readonly reservationMicros: number;
  /** Epoch ms; from then on the token is refused. */
  readonly expiresAt: number;
  /** Takes up a door that a process which has ended had opened: its token stays valid, and what it spent stays spent. */
  readonly resumes?: ModelDoorRecord;
}

/** Use of a door up to now. */
export interface ModelSpend {
  /** Tokens and cost of all calls. A call without counts adds no tokens, and its reservation to the cost. */
  readonly usage: TokenUsage;
  /** Calls that were sent to the provider. */
  readonly calls: number;
  /** Those among them that were settled at their reservation: cut, unreadable, aborted or without a price. */
  readonly estimatedCalls: number;
  /** By how much the cost has passed the reservation of the grant, in millionths; 0 when it has not. */
  readonly overshootMicros: number;
}

/** State of a door that its owner keeps, so that the next process can resume it: calls in flight count at their reservation. Holds no secret. */
export interface ModelDoorRecord {
  readonly tokenDigest: string;
  readonly spend: ModelSpend;
}

/** The way of one job to its model: a Unix socket that speaks HTTP, and a token that only it accepts. */
export interface ModelDoor {
  /** Absolute path of the socket on the host. A sandbox sees its folder, so that a resumed door is seen there too. */
  readonly socket: string;
  /** `mrt_...`, shown once; null for a resumed door, whose client has it. */
  readonly token: string | null;
  /** Formats that the model's provider speaks; all others are 404. */
  readonly formats: readonly ModelWireFormat[];
  record(): ModelDoorRecord;
  /** Refuses further calls, ends those in flight, removes the socket, and resolves with the use of the door when all are settled. */
  close(): Promise<ModelSpend>;
  /** Like `close`, but leaves the folder of the socket to the process that resumes the door. */
  detach(): Promise<ModelSpend>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The only way of a sandboxed agent to a model. Holds the provider's key, pins the model, meters every call and enforces the reservation
 * between calls. With `isOn` false no door can be opened.
 */
export interface ModelProxy {
  readonly isOn: boolean;
  /**
   * `keep` is given each state of the door: before a call is sent, which waits for it and is refused when it fails, and when one is settled.
   * Default: nothing is kept.
   *
   * @throws MillraceError `model_missing` when no provider serves the model, `conflict` when the key has an open door, `config_invalid`,
   * `folder_unwritable`.
   */
  open(grant: ModelGrant, keep?: (record: ModelDoorRecord) => Promise<void>): Promise<ModelDoor>;
}

/** For a host whose agents bring their own way to a model, or need none. */
export const modelProxyOff: ModelProxy = {
  isOn: false,
  open: async (grant) => {
    throw new MillraceError("model_missing", `there is no model proxy for '${grant.model}'`, {
      fix: "give the host the provider of the model and its key, or choose an agent that needs no model",
      details: { model: grant.model },
    });
  },
};

/** A hit of a web search. All of it is untrusted text. */
export interface WebSearchHit {
  readonly title: string;
  readonly url: string;
  readonly text: string;
}

/** Web search for agents: the second door of a sandbox. With `isOn` false, none is made. */
export interface WebSearch {
  readonly isOn: boolean;
  /** At most 10 hits. `call` tells apart the searches of a key. */
  search(request: {
    readonly workspaceId: string;
    readonly runId: string;
    readonly key: string;
    readonly call: string;
    readonly query: string;
  }): Promise<readonly WebSearchHit[]>;
}

/** For a host without a web search: the door says that it is off. */
export const webSearchOff: WebSearch = { isOn: false, search: async () => [] };
