import type { ModelDoorRecord, ModelGrant } from "@millrace/kernel";
import type { ModelProxyLimits } from "./limits.js";
import type { ModelProxyOptions } from "./options.js";
import type { ServedModel } from "./provider.js";

/** What an access is made of. */
export interface AccessParts {
  readonly grant: ModelGrant;
  readonly served: ServedModel;
  readonly tokenDigest: string;
  readonly limits: ModelProxyLimits;
  readonly options: ModelProxyOptions;
  /** See `ModelProxy.open`. */
  readonly keep: (record: ModelDoorRecord) => Promise<void>;
}
