/**
 * The events of a workspace that are not a run's, assembled from the modules. A module declares its own in
 * `<module>/events.schema.ts` and adds one line here.
 */
import { z } from "zod";
import { eventsOfBoard } from "./board/events.schema.js";
import { eventsOfBoardScan } from "./board-scan/events.schema.js";
import { eventsOfPresets } from "./merge-presets/events.schema.js";
import { eventsOfNotifications } from "./notifications/events.schema.js";
import { eventsOfReviews } from "./reviews/events.schema.js";
import { eventsOfSettings } from "./settings/events.schema.js";
import { eventRecordFields } from "./shared/event-record.schema.js";
import { eventsOfWorkspaces } from "./workspaces/events.schema.js";

/** An event of a workspace outside its runs. */
export const boardEventSchema = z.discriminatedUnion("type", [
  ...eventsOfWorkspaces,
  ...eventsOfSettings,
  ...eventsOfBoard,
  ...eventsOfBoardScan,
  ...eventsOfPresets,
  ...eventsOfReviews,
  ...eventsOfNotifications,
]);
/** The payload of a board event; `type` discriminates the union. */
export type BoardEventBody = z.infer<typeof boardEventSchema>;

/** An event of a workspace outside its runs, with its actor and time. */
export const boardEventRecordSchema = z.strictObject({ ...eventRecordFields, event: boardEventSchema });
/** A stored entry of the workspace's log that belongs to no run: shape version, time and actor around its `event`. */
export type BoardEvent = z.infer<typeof boardEventRecordSchema>;
