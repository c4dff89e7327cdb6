import type { Mount, ShownMount } from "@millrace/contracts";
import type { Page } from "./page.port.js";

/** Services of other boards that one board may show at most. */
export const MAX_MOUNTS = 200;

/** Changes of the services of other boards that a board shows. */
export interface MountChanges {
  /** Fails with `already_exists` when the board shows it, with `limit_reached` when it shows `MAX_MOUNTS`. */
  "insert-mount": { readonly mount: Mount };
  /** Members that are left out stay. Fails with `not_found` when there is none, with `stale_revision` unless its revision is `expected`; null: whatever it is. */
  "place-mount": {
    readonly workspaceId: string;
    readonly serviceId: string;
    readonly position?: Mount["position"] | undefined;
    readonly size?: Mount["size"] | undefined;
    readonly expected: number | null;
  };
  /** Fails with `not_found` when there is none. */
  "remove-mount": { readonly workspaceId: string; readonly serviceId: string };
}

/** Account and board through which something of another board is looked for. */
export interface MountingBoard {
  readonly workspaceId: string;
  /** Account of the board: its home is of the same one. */
  readonly accountId: string;
}

/** Where something is stored that a board shows: the service it belongs to, and the home of that. */
export interface MountedHome {
  readonly homeId: string;
  readonly serviceId: string;
}

/** Reads of the services of other boards that a board shows. A service that was removed, or whose home is being deleted, is not there. */
export interface MountReads {
  get(workspaceId: string, serviceId: string): Promise<Mount | null>;
  /** Oldest first, with the titles of the services. */
  list(board: MountingBoard, page: Page): Promise<readonly ShownMount[]>;
  /** Home of a block of a service that the board shows. */
  homeOfBlock(board: MountingBoard, blockId: string): Promise<MountedHome | null>;
  /** Home of a run of a service that the board shows. */
  homeOfRun(board: MountingBoard, runId: string): Promise<MountedHome | null>;
}
