import { z } from "zod";
import { idSchema } from "../shared/scalars.schema.js";
import { notificationIdSchema, notificationTypeSchema, severitySchema } from "./entity.schema.js";

const about = { notificationId: notificationIdSchema, notificationType: notificationTypeSchema, blockId: idSchema, runId: idSchema };

/** Events of notifications. Each is in the log exactly when the notification's row changed. */
export const eventsOfNotifications = [
  /** A notification was raised. */
  z.strictObject({ type: z.literal("notification-raised"), ...about, severity: severitySchema, title: z.string().max(300) }),
  /** Escalation: it was open for longer than the workspace's `escalationMinutes`, and is urgent now. */
  z.strictObject({ type: z.literal("notification-escalated"), ...about }),
  /** `acted`: its cause was dealt with. `dismissed`: its run or its cause went away. */
  z.strictObject({ type: z.literal("notification-resolved"), ...about, as: z.enum(["acted", "dismissed"]) }),
] as const;

/** The event of a notification that was raised, escalated or resolved. */
export const notificationEventSchema = z.discriminatedUnion("type", eventsOfNotifications);
/** What happened to a notification. */
export type NotificationEvent = z.infer<typeof notificationEventSchema>;
