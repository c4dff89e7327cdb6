/**
 * Which sandbox agents and checks of this user run in. It is in the user's own state folder and never in a board's: what comes with a board
 * must not be able to switch the protection from it off.
 */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSandbox, readBoundedSync, sandboxNameSchema, type SandboxName } from "@millrace/executors";
import { fileUnusable, MillraceError, throwUnwritable, type SandboxExamination } from "@millrace/kernel";
import { z } from "zod";
import type { Io } from "../io.js";
import { FILE_MODE, FOLDER_MODE } from "./board-guard.js";
import { stateFolder } from "./state-folder.js";

const MAX_BYTES = 4096;

const choiceSchema = z.strictObject({ version: z.literal(1), sandbox: sandboxNameSchema });

/** What a user without a choice of their own gets. */
const DEFAULT: SandboxName = "bubblewrap";

/** A sandbox that works here, or `none`. */
export interface SandboxInForce {
  readonly name: SandboxName;
  /** What holds its limits of memory and processes. */
  readonly limits: SandboxExamination["limits"];
}

/** The user's choice of a sandbox, and what it comes to on this machine. */
export interface SandboxChoice {
  /** Null when the user has not chosen. */
  readonly chosen: () => SandboxName | null;
  /** The one to be used, whether it works or not. */
  readonly name: () => SandboxName;
  /** @throws MillraceError `folder_unwritable`. */
  choose(name: SandboxName): void;
  /** Tries the one to be used. */
  examine(): Promise<SandboxExamination>;
  /**
   * The one to be used, once it was found to work.
   *
   * @throws MillraceError `sandbox_unavailable` with the fix, and the command that goes without.
   */
  require(): Promise<SandboxInForce>;
}

/**
 * Reads and writes `sandbox.json` in the user's state folder.
 *
 * @throws MillraceError (from its methods) `file_unusable`.
 */
export function sandboxChoice(env: Io["env"]): SandboxChoice {
  const folder = stateFolder(env);
  const file = join(folder, "sandbox.json");
  const chosen = (): SandboxName | null => {
    const text = readBoundedSync(file, { maxBytes: MAX_BYTES });
    return text === null ? null : parse(file, text);
  };
  const name = (): SandboxName => chosen() ?? DEFAULT;
  const examine = (): Promise<SandboxExamination> => openSandbox(name()).examine();
  return {
    chosen,
    name,
    examine,
    choose(sandbox) {
      try {
        mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
        const draft = `${file}.${process.pid}`;
        writeFileSync(draft, JSON.stringify({ version: 1, sandbox }), { mode: FILE_MODE });
        renameSync(draft, file);
      } catch (error) {
        throwUnwritable(folder, error);
      }
    },
    async require() {
      const { works, problem, fix, limits } = await examine();
      if (works) return { name: name(), limits };
      throw new MillraceError("sandbox_unavailable", `agents and checks run in a sandbox, and there is none here: ${problem ?? ""}`, {
        fix: `${fix ?? ""}; or, to let them do whatever you can: millrace sandbox none --yes`,
      });
    },
  };
}

function parse(file: string, text: string): SandboxName {
  try {
    return choiceSchema.parse(JSON.parse(text)).sandbox;
  } catch (error) {
    throw fileUnusable(file, "is not what Millrace wrote there", error);
  }
}
