import type { Block, Position, SharedService, eventsOfSharing } from "@millrace/contracts";
import type { z } from "zod";

/** What happened to the services of other boards that a board shows, as one line. */
export function describeSharingEvent(event: z.infer<(typeof eventsOfSharing)[number]>): string {
  switch (event.type) {
    case "mount-added":
      return `service ${event.serviceId} of board ${event.homeId} is shown`;
    case "mount-moved":
      return `service ${event.serviceId} is drawn elsewhere`;
    case "mount-removed":
      return `service ${event.serviceId} of another board is shown no longer`;
  }
}

/** Columns of the grid in which services are placed, and the size of its cells: larger than a service that nobody has resized. */
const COLUMNS = 5;
const CELL = { w: 480, h: 360 } as const;
const ORIGIN = { x: 80, y: 80 } as const;

/** The first place of the grid that no service is drawn in. Two in the same cell would overlap. */
export function freePlace(taken: readonly Position[]): Position {
  for (let n = 0; ; n += 1) {
    const place = { x: ORIGIN.x + (n % COLUMNS) * CELL.w, y: ORIGIN.y + Math.floor(n / COLUMNS) * CELL.h };
    const isFree = taken.every(({ x, y }) => Math.abs(x - place.x) >= CELL.w || Math.abs(y - place.y) >= CELL.h);
    // A service covers four cells at most, so a free one is found before four times as many.
    if (isFree) return place;
  }
}

/** The directory entry of a service, as it is now. */
export function entryOf(service: Block, accountId: string, directory: string | null): SharedService {
  return {
    id: service.id,
    accountId,
    homeId: service.workspaceId,
    title: service.title,
    type: service.type,
    repository: service.repository,
    directory,
    createdAt: service.createdAt,
  };
}
