import type { HandlersOf } from "../../platform/operations/handler.js";
import type { SharingService } from "./sharing-service.js";

/** The operations on services that several boards of an account show. */
export function sharingHandlers(sharing: SharingService): HandlersOf<"sharing"> {
  return {
    "sharing.catalogue": (_, input) => sharing.catalogue(input),
    "sharing.mounts": ({ workspace }, { limit, after }) => sharing.mounts({ workspace, limit, after }),
    "sharing.mount": ({ workspace, by }, { serviceId, position }) => sharing.mount({ workspace, by, serviceId, position }),
    "sharing.unmount": ({ workspace, by }, { serviceId }) => sharing.unmount({ workspace, by, serviceId }),
    "sharing.putLayout": ({ workspace, by, expected }, { serviceId, position, size }) =>
      sharing.putLayout({ workspace, by, expected, serviceId, position, size }),
  };
}
