/**
 * The choice of a session's model. Agents offer their models in one of two ways: as an option of the session (the present protocol), or
 * as a list beside it (an earlier version that is still in use). A model that the agent does not offer cannot be chosen.
 */
import { z } from "zod";

/** The way to put a session on a model. `already`: it is on it; `impossible`: the agent does not offer it. */
export type ModelChoice =
  | { readonly is: "option"; readonly configId: string; readonly value: string }
  | { readonly is: "set-model"; readonly modelId: string }
  | { readonly is: "already"; readonly value: string }
  | { readonly is: "impossible"; readonly reason: string };

const valueSchema = z.object({ value: z.string(), name: z.string().optional() });
const groupSchema = z.object({ options: z.array(valueSchema) });
const optionSchema = z.object({
  id: z.string(),
  type: z.literal("select"),
  category: z.string().nullish(),
  currentValue: z.string(),
  options: z.array(z.union([valueSchema, groupSchema])),
});
const sessionSchema = z.object({
  configOptions: z.array(z.unknown()).nullish(),
  models: z.object({ availableModels: z.array(z.object({ modelId: z.string() })), currentModelId: z.string().optional() }).nullish(),
});

/** Chooses from the answer to `session/new`. `wanted` is the name of a model, with its provider (`openai:gpt-5`, `openai/gpt-5`) or without. */
export function chooseModel(session: unknown, wanted: string): ModelChoice {
  const parsed = sessionSchema.safeParse(session);
  if (!parsed.success) return { is: "impossible", reason: "the agent offers no choice of models" };
  const { configOptions, models } = parsed.data;
  const option = (configOptions ?? []).flatMap(readOption).find(({ id, category }) => category === "model" || id === "model");
  if (option !== undefined) {
    const value = match(wanted, option.values);
    if (value === null) return notOffered(option.values);
    return value === option.currentValue ? { is: "already", value } : { is: "option", configId: option.id, value };
  }
  if (models == null) return { is: "impossible", reason: "the agent offers no choice of models" };
  const offered = models.availableModels.map(({ modelId }) => modelId);
  const modelId = match(wanted, offered);
  if (modelId === null) return notOffered(offered);
  return modelId === models.currentModelId ? { is: "already", value: modelId } : { is: "set-model", modelId };
}

interface ModelOption {
  readonly id: string;
  readonly category: string | null | undefined;
  readonly currentValue: string;
  readonly values: readonly string[];
}

/** Skips an option of an unknown shape. */
function readOption(option: unknown): readonly ModelOption[] {
  const parsed = optionSchema.safeParse(option);
  if (!parsed.success) return [];
  const { id, category, currentValue, options } = parsed.data;
  return [
    { id, category, currentValue, values: options.flatMap((one) => ("value" in one ? [one.value] : one.options.map((o) => o.value))) },
  ];
}

/** The value that names the wanted model: the same text, else the same provider and model, else the only one with its model name. */
function match(wanted: string, offered: readonly string[]): string | null {
  const same = offered.find((value) => value === wanted) ?? offered.find((value) => withSlash(value) === withSlash(wanted));
  if (same !== undefined) return same;
  const [only, ...others] = offered.filter(
    (value) =>
      withoutProvider(value) === withoutProvider(wanted) && (value === withoutProvider(value) || wanted === withoutProvider(wanted)),
  );
  return only === undefined || others.length > 0 ? null : only;
}

/** The name with a slash after the provider: `openai:gpt-5` and `openai/gpt-5` are the same model. */
function withSlash(model: string): string {
  return model.replace(":", "/");
}

/** The name without its provider. */
function withoutProvider(model: string): string {
  return model.slice(withSlash(model).indexOf("/") + 1);
}

/** Models that a reason lists. */
const MAX_LISTED = 5;

function notOffered(offered: readonly string[]): ModelChoice {
  const listed = offered.slice(0, MAX_LISTED).join(", ");
  return { is: "impossible", reason: `the agent offers ${listed === "" ? "none" : listed}${offered.length > MAX_LISTED ? ", ..." : ""}` };
}
