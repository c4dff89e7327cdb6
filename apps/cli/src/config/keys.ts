import { MillraceError } from "@millrace/kernel";
import { nearest } from "./nearest.logic.js";
import { boardKeys, modelKeys } from "./keys/board-keys.js";
import type { ConfigKey } from "./keys/config-key.js";
import { fileKeys } from "./keys/file-keys.js";
import { presetKeys } from "./keys/preset-keys.js";
import { serviceKeys } from "./keys/service-keys.js";

/** Every setting, each with one home; `kinds` are the agent kinds of the host. */
export function configKeys(kinds: readonly string[]): readonly ConfigKey[] {
  return [...fileKeys, ...serviceKeys, ...boardKeys, ...presetKeys, ...modelKeys(kinds)];
}

/**
 * The setting of that name.
 *
 * @throws MillraceError `validation` naming the nearest one.
 */
export function findKey(keys: readonly ConfigKey[], name: string): ConfigKey {
  const found = keys.find(({ key }) => key === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    keys.map(({ key }) => key),
  );
  throw new MillraceError("validation", `there is no setting '${name}'`, {
    fix: near === null ? "list them with: millrace config list" : `perhaps you mean '${near}'; list them with: millrace config list`,
    details: { key: name, nearest: near },
  });
}
