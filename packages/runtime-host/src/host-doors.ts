import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SANDBOX_USER } from "@millrace/executors";
import { isSocketFolder, type ModelProxySettings } from "./model-proxy-listener.js";

/** Digits of the name of a folder outside of the host's own. */
const NAME_CHARS = 12;

/**
 * Place and owner of the sockets of a host's model doors: its folder, or, where that is too deep for sockets, one of the temporary folder,
 * the same at every start. On a host of root they belong to the user of its sandboxes.
 */
export function hostDoors(folder: string): Pick<ModelProxySettings, "folder" | "owner"> {
  const own = join(folder, "doors");
  const other = join(tmpdir(), `millrace-${createHash("sha256").update(folder).digest("hex").slice(0, NAME_CHARS)}`);
  return {
    folder: isSocketFolder(own) ? own : other,
    ...(process.getuid?.() === 0 ? { owner: { uid: SANDBOX_USER, gid: SANDBOX_USER } } : {}),
  };
}
