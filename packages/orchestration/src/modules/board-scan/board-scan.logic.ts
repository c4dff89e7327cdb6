import type { eventsOfBoardScan } from "@millrace/contracts";
import type { z } from "zod";

/** What a run learnt of a service, as one line. */
export function describeBoardScanEvent(event: z.infer<(typeof eventsOfBoardScan)[number]>): string {
  switch (event.type) {
    case "blueprint-reconciled": {
      const stale = event.modulesStale === undefined || event.modulesStale === 0 ? "" : `, ${event.modulesStale} not named any more`;
      return `service ${event.blockId} mapped: ${event.modulesAdded} modules added${stale}`;
    }
    case "specification-updated":
      return `specification of service ${event.blockId} updated`;
  }
}
