import { eventsOfNotifications } from "@millrace/contracts";
import type { NotificationChannel } from "@millrace/kernel";
import { defineEvents, defineModule, type Module, type Sweep } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { DeliveryService } from "./delivery-service.js";
import { describeNotificationEvent } from "./notifications.logic.js";
import { NotificationsService } from "./notifications-service.js";

/** Pause between two passes of a channel's deliveries, in ms. */
const DELIVERY_SWEEP_MS = 5000;

/** Notifications after they were raised: the overdue ones become urgent, and channels deliver what happens to them. */
export function notificationsModule(ports: Pick<OrchestrationPorts, "store" | "clock" | "log" | "channels">): Module<NotificationsService> {
  const service = new NotificationsService(ports);
  const deliveries = new DeliveryService(ports);
  const escalate: Sweep = {
    name: "notifications.escalate",
    run: async (now, limit) => (await service.escalateOverdue(now, limit)).length,
  };
  // One sweep for each channel: drivers run each in a loop of its own, so that a slow channel holds up no other.
  const deliver = (channel: NotificationChannel): Sweep => ({
    name: `notifications.deliver.${channel.name}`,
    everyMs: DELIVERY_SWEEP_MS,
    run: (now, limit, signal) => deliveries.deliver(channel, { now, limit, signal }),
  });
  return defineModule({
    name: "notifications",
    service,
    sweeps: [escalate, ...(ports.channels ?? []).map(deliver)],
    events: defineEvents(eventsOfNotifications, describeNotificationEvent),
  });
}
