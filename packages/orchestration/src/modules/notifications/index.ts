import { eventsOfNotifications } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { describeNotificationEvent } from "./notifications.logic.js";
import { NotificationsService } from "./notifications-service.js";

/** Notifications after they were raised. */
export function notificationsModule(ports: Pick<OrchestrationPorts, "store" | "clock">): Module<NotificationsService> {
  const service = new NotificationsService(ports);
  return defineModule({
    name: "notifications",
    service,
    events: defineEvents(eventsOfNotifications, describeNotificationEvent),
    sweeps: [
      {
        name: "notifications.escalate",
        run: async (now, limit) => (await service.escalateOverdue(now, limit)).length,
      },
    ],
  });
}
