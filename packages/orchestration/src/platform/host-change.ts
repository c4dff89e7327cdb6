import type { Change, HostScopeChanges } from "@millrace/kernel";

/** A change that a commit of the host may have. */
export type HostChange = Change<keyof HostScopeChanges>;
