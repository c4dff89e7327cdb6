import type { RepositoryRef } from "@millrace/contracts";
import { MillraceError, type Forge } from "@millrace/kernel";
import type { Forges } from "@millrace/orchestration";

/** A forge of a host, and where its repositories are cloned from. */
export interface HostForge {
  readonly forge: Forge;
  /**
   * What git fetches from and pushes to.
   * @throws MillraceError `repository_missing`.
   */
  remoteUrl(repository: RepositoryRef): Promise<string>;
}

/**
 * The forges of a host by name.
 * @throws MillraceError `config_invalid` for a name it does not have.
 */
export function forgesByName(forges: readonly HostForge[]): Forges & { remoteUrl(repository: RepositoryRef): Promise<string> } {
  const byName = new Map(forges.map((one) => [one.forge.name, one]));
  const named = (name: string): HostForge => {
    const found = byName.get(name);
    if (found !== undefined) return found;
    const known = [...byName.keys()].map((one) => `'${one}'`).join(" or ");
    throw new MillraceError("config_invalid", `this host has no forge '${name}'`, { fix: `use ${known}, or set '${name}' up` });
  };
  return { get: (name) => named(name).forge, remoteUrl: (repository) => named(repository.forge).remoteUrl(repository) };
}
