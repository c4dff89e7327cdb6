/** The kinds of disturbances, with their weights. */

export const forgeEvents = {
  "forge hides what exists": 3,
  "mergeability unknown for long": 1.5,
  "pull request retargeted": 0.6,
  "second pull request of a branch": 1,
  "pull request of a fork": 0.6,
  "pull request reopened": 3,
  "rules of the base changed": 2,
  "check that cannot run": 1,
  "merge queue switched": 0.6,
  "merge queue landed": 6,
  "merge queue took out": 1.5,
  "squashed by hand": 1,
  "moved forward by hand": 2,
} as const;
export type ForgeEvent = keyof typeof forgeEvents;

export const timeEvents = {
  "database clock set back": 1,
  "process clock stepped": 1,
  "host suspended": 1.5,
  "all hosts suspended": 1,
} as const;
export type TimeEvent = keyof typeof timeEvents;

export const deeds = {
  "merge preset changed": 2,
  "budget lowered": 1,
  "task limit lowered": 0.7,
  "check policy changed": 1.5,
  "model pinned that is not there": 0.5,
  "models chosen again": 1,
  "task edited": 1,
  "task given a preset that is not there": 0.5,
  "task moved to another parent": 1,
  "task torn down": 0.3,
  "service torn down": 0.15,
  "two people answered at once": 3,
} as const;
export type DeedOfPeople = keyof typeof deeds;

export const outages = { "forge away": 1, "agents away": 1, "jobs out of sight": 0.7, "credentials revoked": 0.4 } as const;
export type Outage = keyof typeof outages;

export type Disturbance = ForgeEvent | TimeEvent | Outage | DeedOfPeople;

/** Every disturbance. Each is counted when it happened, not when it was drawn. */
export const disturbanceKinds = Object.keys({ ...forgeEvents, ...timeEvents, ...outages, ...deeds }) as readonly Disturbance[];
