import type { CatalogueModel } from "@millrace/contracts";
import { listPrices } from "./prices.js";

/** Providers by the beginning of the names of their models; both serve calls and jobs with a key of their own. */
const PROVIDERS = [
  ["claude-", "anthropic"],
  ["gpt-", "openai"],
] as const;

/**
 * The models that have a list price, by name, reached with a key of their provider. A host that sells others, or reaches these in other
 * ways, gives a catalogue of its own. Context sizes are left open: a wrong one would be believed.
 */
export const listedModels: readonly CatalogueModel[] = Object.entries(listPrices).flatMap(([name, price]) => {
  const provider = PROVIDERS.find(([prefix]) => name.startsWith(prefix))?.[1];
  if (provider === undefined) return [];
  const way = {
    via: "direct",
    provider,
    model: name,
    vendor: null,
    contextTokens: null,
    price,
    serves: ["ask-agent", "start-job"],
  } as const;
  return [{ id: name, label: name, description: "", ways: [{ ...way, serves: [...way.serves] }] }];
});
