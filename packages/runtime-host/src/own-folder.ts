import { chmod, mkdir, stat } from "node:fs/promises";
import { MillraceError } from "@millrace/kernel";

const OWN = 0o700;
const OTHERS = 0o077;
/** May be written by the group or by others. */
const OTHERS_WRITE = 0o022;

/**
 * Makes the folder of a host, for its user alone. What others may only read is closed to them, at every open.
 * @throws MillraceError `database_unwritable`; `board_unsafe` for a folder that another user owns or may write to: this host believes what
 * lies in it.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: OWN });
  } catch (cause) {
    throw new MillraceError("database_unwritable", `the folder '${folder}' cannot be made`, {
      fix: "choose a folder you may write to",
      cause,
    });
  }
  const user = process.getuid?.();
  const { mode, uid } = await stat(folder);
  // Without users, as on Windows, a mode says nothing.
  if (user === undefined) return;
  if (uid !== user) throw unsafe(folder, "belongs to another user", "work as that user, or choose a folder of your own");
  if ((mode & OTHERS_WRITE) !== 0) throw unsafe(folder, "may be written by other users", `chmod go-w '${folder}'`);
  if ((mode & OTHERS) !== 0) await chmod(folder, OWN);
}

function unsafe(folder: string, how: string, fix: string): MillraceError {
  return new MillraceError("board_unsafe", `'${folder}' ${how}`, { fix, details: { path: folder } });
}
