import type { WorkspaceSettings } from "@millrace/contracts";

/**
 * When a notification raised at `at` (epoch ms) becomes urgent, if it is still open then. Written on the notification, so that finding what is overdue
 * is one look at one index, whatever each workspace allows.
 */
export function urgentAt(at: number, { escalationMinutes }: Pick<WorkspaceSettings, "escalationMinutes">): number {
  return at + escalationMinutes * 60_000;
}
