import { eventsOfSettings } from "@millrace/contracts";
import { defineEvents, defineModule, type Module } from "../../platform/module.js";
import type { PersonPorts } from "../../run/commands/prove-person.js";
import { describeSettingsEvent } from "./settings.logic.js";
import { SettingsService, type SettingsCalls } from "./settings-service.js";

/** Settings of a workspace that have no module of their own. */
export function settingsModule(ports: PersonPorts, calls: SettingsCalls): Module<SettingsService> {
  return defineModule({
    name: "settings",
    service: new SettingsService(ports, calls),
    events: defineEvents(eventsOfSettings, describeSettingsEvent),
  });
}
