import { eventsOfSettings } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { PersonPorts } from "../../run/commands/prove-person.js";
import { describeSettingsEvent } from "./settings.logic.js";
import { SettingsService } from "./settings-service.js";

/** Settings of a workspace that have no module of their own. */
export function settingsModule(ports: PersonPorts): Module<SettingsService> {
  return defineModule({
    name: "settings",
    service: new SettingsService(ports),
    events: defineEvents(eventsOfSettings, describeSettingsEvent),
  });
}
