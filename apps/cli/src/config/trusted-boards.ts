/**
 * The boards that this user trusts, one file each in the user's own state folder. A board says which programs run and where secrets go,
 * so a folder that came with a clone is none before its user says so.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBoundedSync } from "@millrace/executors";
import { MillraceError, throwUnwritable } from "@millrace/kernel";
import { z } from "zod";
import type { Io } from "../io.js";
import { FILE_MODE, FOLDER_MODE } from "./board-guard.js";
import { secretsOf, type BoundSecret } from "./board-secrets.js";
import type { Project } from "./find-project.js";
import { stateFolder } from "./state-folder.js";

/** Largest file of a trusted board, in bytes. */
const MAX_BYTES = 64 * 1024;

const trustedBoardSchema = z.strictObject({
  version: z.literal(1),
  /** Real path of the board's folder. */
  folder: z.string(),
  /** A board that was put in the place of another one has another workspace. */
  workspaceId: z.string(),
  secrets: z.array(z.strictObject({ variable: z.string(), host: z.string() })),
});
type TrustedBoard = z.infer<typeof trustedBoardSchema>;

/** The boards that this user trusts. */
export interface TrustedBoards {
  /**
   * Trusts a board, with the secrets its configuration names now.
   *
   * @throws MillraceError `folder_unwritable`.
   */
  add(board: Pick<Project, "folder" | "config">): void;
  /**
   * Refuses a board that the user does not trust, or that names a secret or a host the user did not see.
   *
   * @throws MillraceError `board_untrusted` with the command that trusts it.
   */
  require(board: Pick<Project, "root" | "folder" | "config">): void;
}

/** Reads and writes `boards/` in the user's state folder. */
export function trustedBoards(env: Io["env"]): TrustedBoards {
  const boards = join(stateFolder(env), "boards");
  const fileOf = (folder: string): string => join(boards, `${createHash("sha256").update(folder).digest("hex").slice(0, 32)}.json`);
  return {
    add({ folder, config }) {
      const real = realpathSync(folder);
      const board: TrustedBoard = { version: 1, folder: real, workspaceId: config.workspaceId, secrets: [...secretsOf(config)] };
      try {
        mkdirSync(boards, { recursive: true, mode: FOLDER_MODE });
        forgetRemoved(boards);
        const draft = `${fileOf(real)}.${process.pid}`;
        writeFileSync(draft, JSON.stringify(board), { mode: FILE_MODE });
        renameSync(draft, fileOf(real));
      } catch (error) {
        throwUnwritable(boards, error);
      }
    },
    require({ root, folder, config }) {
      const real = realpathSync(folder);
      const known = read(fileOf(real));
      if (known === null || known.folder !== real || known.workspaceId !== config.workspaceId)
        throw untrusted(root, `the board '${folder}' was not made by you on this machine: it may name any program and any of your secrets`);
      const unseen = secretsOf(config).find((secret) => !isBound(known.secrets, secret));
      if (unseen !== undefined)
        throw untrusted(root, `the board '${folder}' would send the variable '${unseen.variable}' to '${unseen.host}'`);
    },
  };
}

function isBound(bound: readonly BoundSecret[], { variable, host }: BoundSecret): boolean {
  return bound.some((known) => known.variable === variable && known.host === host);
}

/** Boards whose folder is gone, the many temporary ones of demos among them. */
function forgetRemoved(boards: string): void {
  for (const name of readdirSync(boards)) {
    const known = read(join(boards, name));
    if (known !== null && !existsSync(known.folder)) rmSync(join(boards, name), { force: true });
  }
}

/** Null for a missing file and for one that cannot be read as a board: then it is not trusted. */
function read(path: string): TrustedBoard | null {
  const text = readBoundedSync(path, { maxBytes: MAX_BYTES });
  if (text === null) return null;
  try {
    return trustedBoardSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function untrusted(root: string, message: string): MillraceError {
  return new MillraceError("board_untrusted", message, {
    fix: `read its config.json; if you trust it, run: millrace trust '${root}'`,
    details: { folder: root },
  });
}
