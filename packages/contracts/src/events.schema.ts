/**
 * The events outside of runs, assembled from the modules. A module declares its own in
 * `<module>/events.schema.ts` and adds one line here.
 */
import { z } from "zod";
import { eventsOfAccounts } from "./accounts/events.schema.js";
import { eventsOfAudit } from "./audit/events.schema.js";
import { eventsOfInvitations } from "./invitations/events.schema.js";
import { eventsOfBoard } from "./board/events.schema.js";
import { eventsOfBoardScan } from "./board-scan/events.schema.js";
import { eventsOfPresets } from "./merge-presets/events.schema.js";
import { eventsOfFragmentDefaults, eventsOfFragments } from "./fragments/events.schema.js";
import { eventsOfModels } from "./models/events.schema.js";
import { eventsOfPipelines } from "./pipelines/events.schema.js";
import { eventsOfNotifications } from "./notifications/events.schema.js";
import { eventsOfRetention } from "./retention/events.schema.js";
import { eventsOfReviews } from "./reviews/events.schema.js";
import { eventsOfSettings } from "./settings/events.schema.js";
import { eventRecordFields } from "./shared/event-record.schema.js";
import { eventsOfSignIn, eventsOfTokens } from "./sign-in/events.schema.js";
import { eventsOfDirectory, eventsOfSharing } from "./sharing/events.schema.js";
import { eventsOfUsers } from "./users/events.schema.js";
import { eventsOfDeletedWorkspaces, eventsOfWorkspaces } from "./workspaces/events.schema.js";

/** An event of a workspace outside its runs. */
export const boardEventSchema = z.discriminatedUnion("type", [
  ...eventsOfWorkspaces,
  ...eventsOfSettings,
  ...eventsOfRetention,
  ...eventsOfAudit,
  ...eventsOfBoard,
  ...eventsOfBoardScan,
  ...eventsOfPipelines,
  ...eventsOfModels,
  ...eventsOfFragments,
  ...eventsOfFragmentDefaults,
  ...eventsOfSharing,
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

/** An event of an account: its members, roles, tokens, connections. */
export const accountEventSchema = z.discriminatedUnion("type", [
  ...eventsOfAccounts,
  ...eventsOfFragments,
  ...eventsOfInvitations,
  ...eventsOfTokens,
  ...eventsOfDirectory,
  ...eventsOfAudit,
  ...eventsOfDeletedWorkspaces,
]);
/** The payload of an account event; `type` discriminates the union. */
export type AccountEventBody = z.infer<typeof accountEventSchema>;

/** An event of an account, with its actor and time. */
export const accountEventRecordSchema = z.strictObject({ ...eventRecordFields, event: accountEventSchema });
/** A stored entry of the log of an account. */
export type AccountEvent = z.infer<typeof accountEventRecordSchema>;

/** An event of the host: its users, their sessions, what its operators do. */
export const hostEventSchema = z.discriminatedUnion("type", [
  ...eventsOfUsers,
  ...eventsOfSignIn,
  ...eventsOfTokens,
  ...eventsOfDeletedWorkspaces,
]);
/** The payload of a host event; `type` discriminates the union. */
export type HostEventBody = z.infer<typeof hostEventSchema>;

/** An event of the host, with its actor and time. */
export const hostEventRecordSchema = z.strictObject({ ...eventRecordFields, event: hostEventSchema });
/** A stored entry of the log of the host. */
export type HostEvent = z.infer<typeof hostEventRecordSchema>;
