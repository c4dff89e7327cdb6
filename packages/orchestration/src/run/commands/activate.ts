/** Personal credentials of a run: minted before anything changes, written with its first commit, deleted with its last. */
import { MillraceError, type Change } from "@millrace/kernel";

/** A credential for one vendor, sealed by the host. The engine never sees what is in it. */
export interface SealedCredential {
  readonly vendor: string;
  readonly sealed: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** Asks the initiator for what the run needs. May throw `credential_required`; nothing has changed by then. */
export type Activate = (request: { readonly runId: string; readonly vendors: readonly string[] }) => Promise<readonly SealedCredential[]>;

/** @throws MillraceError `credential_required` naming the vendors without a credential. */
export async function activateRun(
  run: { readonly workspaceId: string; readonly runId: string },
  vendors: readonly string[],
  activate: Activate | undefined,
): Promise<readonly Change[]> {
  if (vendors.length === 0) return [];
  const sealed = (await activate?.({ runId: run.runId, vendors })) ?? [];
  const missing = vendors.filter((vendor) => !sealed.some((one) => one.vendor === vendor));
  if (missing.length > 0)
    throw new MillraceError("credential_required", `a personal credential is needed for ${missing.join(", ")}`, {
      fix: "unlock it and start again; nothing was changed",
      details: { vendors: missing },
    });
  return sealed
    .filter(({ vendor }) => vendors.includes(vendor))
    .map((one) => ({ change: "put-activation", activation: { ...one, ...run } }));
}
