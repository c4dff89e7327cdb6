import type { Block, MergePreset, WorkspaceSettings } from "@millrace/contracts";
import { MillraceError } from "@millrace/kernel";
import type { ByPerson } from "@millrace/orchestration";
import type { z } from "zod";
import type { Cradle } from "../../wiring/container.js";
import type { Config } from "../config.schema.js";

/** The settings of a board, wherever each has its home. */
export interface ConfigState {
  readonly config: Config;
  readonly settings: WorkspaceSettings;
  readonly service: Block;
  /** The board's default preset. */
  readonly preset: MergePreset;
}

/** One setting of `millrace config`. */
export interface ConfigKey {
  readonly key: string;
  /** What it says, as half a sentence. */
  readonly about: string;
  /** How a value is written. */
  readonly values: string;
  /** Listed only when it is set. */
  readonly rare?: boolean;
  /** The value as JSON; null: not set. */
  read(state: ConfigState): unknown;
  /** The value as text; what `set` takes. */
  show(state: ConfigState): string;
  /**
   * Sets it, in the name of a proven person.
   *
   * @throws MillraceError `validation` for a value that does not fit; then nothing is written.
   */
  write(app: Cradle, state: ConfigState, words: readonly string[], by: ByPerson): Promise<void>;
}

/** Text that clears a setting. */
export const NONE = "none";

/**
 * The value that a text stands for.
 *
 * @throws MillraceError `validation` naming the setting and how its values are written.
 */
export function valueOf<Value>(key: Pick<ConfigKey, "key" | "values">, schema: z.ZodType<Value>, text: unknown): Value {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new MillraceError(
    "validation",
    `'${String(text)}' is no value of '${key.key}': ${parsed.error.issues[0]?.message ?? "it does not fit"}`,
    {
      fix: `write it as: ${key.values}`,
      details: { key: key.key },
    },
  );
}

/** The words of a value that is one text. */
export function oneText(words: readonly string[]): string {
  return words.join(" ").trim();
}
