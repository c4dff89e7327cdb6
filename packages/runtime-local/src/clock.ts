import type { Clock } from "@millrace/kernel";

/** The clock of this machine: every process of the database runs on it. */
export const systemClock: Clock = { now: () => Date.now() };
