import type { CatalogueModel } from "@millrace/contracts";

/** The models of a deployment, as data: no key is needed to read it, and no provider is called. */
export interface ModelCatalogue {
  /** In the order in which people choose. The same list for the life of the host. */
  readonly models: readonly CatalogueModel[];
}

/** For a host that lists no models: any name is taken for one, as it stands, and the executor refuses what it cannot run. */
export const modelCatalogueOff: ModelCatalogue = { models: [] };
