import { eventsOfAudit } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import { describeAuditEvent } from "./audit.logic.js";
import { AuditService, type AuditPorts } from "./audit-service.js";

/** The logs as they are read: events as they come, and who decided what. */
export function auditModule(ports: AuditPorts): Module<AuditService> {
  return defineModule({ name: "audit", service: new AuditService(ports), events: defineEvents(eventsOfAudit, describeAuditEvent) });
}
