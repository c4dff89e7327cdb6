import { defineModule, type Module } from "../../platform/module.js";
import type { ComposedPorts } from "../../platform/ports.js";
import type { PublicUrl } from "../../platform/public-url.logic.js";
import { InvitationsService, type InvitationsCalls } from "./invitations-service.js";

/** Invitations: how persons become members of an account. */
export function invitationsModule(
  ports: Pick<ComposedPorts, "store" | "clock" | "ids" | "mailer" | "digestText">,
  calls: InvitationsCalls,
  publicUrl: PublicUrl,
): Module<InvitationsService> {
  const service = new InvitationsService(ports, calls, publicUrl);
  return defineModule({
    name: "invitations",
    service,
    sweeps: [{ name: "invitations.purge", run: (now, limit) => service.purge(now, limit) }],
  });
}
