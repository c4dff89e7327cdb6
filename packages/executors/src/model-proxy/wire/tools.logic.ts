import { z } from "zod";

const toolSchema = z.looseObject({ type: z.string().nullish() });

/**
 * Tools that the client runs itself. Those that run at the provider are left out: they reach the network, other models or other prices
 * past the door. A tool without a type is a function.
 */
export function clientTools(
  tools: readonly unknown[] | undefined,
  isClientTool: (type: string) => boolean,
): readonly unknown[] | undefined {
  const left = tools?.filter((tool) => {
    const parsed = toolSchema.safeParse(tool);
    return parsed.success && isClientTool(parsed.data.type ?? "function");
  });
  return left?.length === 0 ? undefined : left;
}
