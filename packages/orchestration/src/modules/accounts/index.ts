import { defineModule, type Module } from "../../platform/module.js";
import type { OrchestrationPorts } from "../../platform/ports.js";
import { AccountsService, type AccountsCalls } from "./accounts-service.js";

/** Accounts: the tenants of a host, their members and roles. */
export function accountsModule(
  ports: Pick<OrchestrationPorts, "store" | "clock" | "ids" | "log">,
  calls: AccountsCalls,
): Module<AccountsService> {
  const service = new AccountsService(ports, calls);
  return defineModule({
    name: "accounts",
    service,
    sweeps: [
      { name: "accounts.delete", run: (now, limit, signal) => service.finishDeletions(now, limit, signal) },
      { name: "accounts.depart", run: (_now, limit, signal) => service.finishDepartures(limit, signal) },
    ],
  });
}
