import { rename, writeFile } from "node:fs/promises";
import { MillraceError } from "@millrace/kernel";
import { configSchema, issuesOf, type Config } from "./config.schema.js";
import type { Project } from "./find-project.js";

/**
 * Replaces members of a board's configuration file, whole or not at all.
 *
 * @throws MillraceError `validation` for members that do not fit, and then nothing is written; `config_invalid` when the file cannot be.
 */
export async function changeConfig({ config, paths }: Project, change: Partial<Config>): Promise<Config> {
  const parsed = configSchema.safeParse({ ...config, ...change });
  if (!parsed.success)
    throw new MillraceError("validation", `the setting cannot be used: ${issuesOf(parsed.error)}`, { fix: "correct what is named" });
  const draft = `${paths.config}.${process.pid}`;
  try {
    await writeFile(draft, `${JSON.stringify(parsed.data, null, 2)}\n`, { mode: 0o600 });
    await rename(draft, paths.config);
  } catch (cause) {
    throw new MillraceError("config_invalid", `the configuration '${paths.config}' cannot be written`, {
      fix: "check that you may write there and that the disk is not full",
      cause,
    });
  }
  return parsed.data;
}
