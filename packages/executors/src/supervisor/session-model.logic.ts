/**
 * Which model a session can be put on. Agents offer a choice in one of two ways: as an option of the session (the protocol's way now),
 * or as a list of models beside it (the older way, which is still spoken). What an agent does not offer cannot be chosen.
 */
import { z } from "zod";

/** How a session is put on a model; `already`: it runs on it; `impossible`: the agent does not offer it. */
export type ModelChoice =
  | { readonly is: "option"; readonly configId: string; readonly value: string }
  | { readonly is: "set-model"; readonly modelId: string }
  | { readonly is: "already"; readonly value: string }
  | { readonly is: "impossible"; readonly why: string };

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

/** Reads the answer to `session/new`. `wanted` is a model's name, with its provider (`openai:gpt-5`, `openai/gpt-5`) or without. */
export function chooseModel(session: unknown, wanted: string): ModelChoice {
  const parsed = sessionSchema.safeParse(session);
  if (!parsed.success) return { is: "impossible", why: "the agent offers no choice of models" };
  const { configOptions, models } = parsed.data;
  const option = (configOptions ?? []).flatMap(readOption).find(({ id, category }) => category === "model" || id === "model");
  if (option !== undefined) {
    const value = fitting(wanted, option.values);
    if (value === null) return notOffered(option.values);
    return value === option.currentValue ? { is: "already", value } : { is: "option", configId: option.id, value };
  }
  if (models == null) return { is: "impossible", why: "the agent offers no choice of models" };
  const offered = models.availableModels.map(({ modelId }) => modelId);
  const modelId = fitting(wanted, offered);
  if (modelId === null) return notOffered(offered);
  return modelId === models.currentModelId ? { is: "already", value: modelId } : { is: "set-model", modelId };
}

interface ModelOption {
  readonly id: string;
  readonly category: string | null | undefined;
  readonly currentValue: string;
  readonly values: readonly string[];
}

/** An option of another shape is one this client does not know; it is no reason to refuse the others. */
function readOption(option: unknown): readonly ModelOption[] {
  const parsed = optionSchema.safeParse(option);
  if (!parsed.success) return [];
  const { id, category, currentValue, options } = parsed.data;
  return [
    { id, category, currentValue, values: options.flatMap((one) => ("value" in one ? [one.value] : one.options.map((o) => o.value))) },
  ];
}

/** The same text, the same provider and model written another way, or the only one of that model's name. */
function fitting(wanted: string, offered: readonly string[]): string | null {
  const same = offered.find((value) => value === wanted) ?? offered.find((value) => slashed(value) === slashed(wanted));
  if (same !== undefined) return same;
  const [only, ...others] = offered.filter((value) => bare(value) === bare(wanted) && (value === bare(value) || wanted === bare(wanted)));
  return only === undefined || others.length > 0 ? null : only;
}

/** `openai:gpt-5` and `openai/gpt-5` are the same model. */
function slashed(model: string): string {
  return model.replace(":", "/");
}

/** Without its provider. */
function bare(model: string): string {
  return model.slice(slashed(model).indexOf("/") + 1);
}

const SHOWN = 5;

function notOffered(offered: readonly string[]): ModelChoice {
  const shown = offered.slice(0, SHOWN).join(", ");
  return { is: "impossible", why: `the agent offers ${shown === "" ? "none" : shown}${offered.length > SHOWN ? ", ..." : ""}` };
}
