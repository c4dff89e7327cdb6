/**
 * The model proxy: a fetch handler on web standards that stands between agents and the providers of their models.
 *
 * It owns run tokens, the pinning of models, metering and the reservation of each access. It does not own sockets, the keys of providers
 * (a function gives them) or the budget of a workspace (its caller has reserved a part of it).
 *
 * 1. A request without the token of an open access reaches nothing. Kept are digests of tokens.
 * 2. A provider sees headers and fields that a format lists, the host's key, and the model of the grant.
 * 3. A call is sent after its estimate was reserved, and settled once, whatever becomes of it.
 * 4. The bytes of a successful answer reach the client unchanged, as fast as it reads them.
 * 5. No answer of the proxy, no record and no error holds a key.
 */
import { digestText, type ModelDoorRecord, type ModelGrant } from "@millrace/kernel";
import { credentialOf } from "./guards/headers.logic.js";
import { newRunToken } from "./guards/run-token.js";
import { defaultModelProxyLimits } from "./limits.js";
import { createModelAccess, formatFor, refusalResponse, type ModelAccess } from "./model-access.js";
import type { ModelProxyOptions } from "./options.js";
import { assertProvider, servedModel } from "./provider.js";
import { ModelRefusal } from "./wire/refusal.logic.js";
import { wireFormats } from "./wire-formats.js";

/** An access with its token, which is shown once. */
export interface AdmittedAccess {
  /** Null for a grant that resumes another: its client has the token. */
  readonly token: string | null;
  readonly access: ModelAccess;
}

/** A model proxy without a socket. */
export interface ModelProxyHandler {
  /** Answers a request with the access of its token. Never throws. */
  handle(request: Request): Promise<Response>;
  /**
   * `keep`: see `ModelProxy.open`.
   *
   * @throws MillraceError `model_missing` when no provider serves the model.
   */
  admit(grant: ModelGrant, keep?: (record: ModelDoorRecord) => Promise<void>): Promise<AdmittedAccess>;
}

/**
 * Creates a model proxy to mount on a server.
 *
 * @throws MillraceError `config_invalid` for a provider that a key must not be sent to.
 */
export function createModelProxyHandler(options: ModelProxyOptions): ModelProxyHandler {
  options.providers.forEach(assertProvider);
  const limits = { ...defaultModelProxyLimits, ...options.limits };
  const open = new Map<string, ModelAccess>();
  return {
    async handle(request) {
      const token = credentialOf(request.headers);
      const access = token === null ? undefined : open.get(await digestText(token));
      if (access !== undefined) return access.handle(request);
      return refusalResponse(new ModelRefusal("unauthorized"), formatFor(request, Object.values(wireFormats)));
    },
    async admit(grant, keep = async () => undefined) {
      const served = servedModel(options.providers, grant.model);
      const { token, digest } = grant.resumes === undefined ? await newRunToken() : { token: null, digest: grant.resumes.tokenDigest };
      const access = createModelAccess({ grant, served, tokenDigest: digest, limits, options, keep });
      open.set(digest, access);
      const close = (): ReturnType<ModelAccess["close"]> => {
        open.delete(digest);
        return access.close();
      };
      return { token, access: { ...access, close } };
    },
  };
}
