import { homedir } from "node:os";
import { join } from "node:path";
import type { Io } from "../io.js";

/** Overrides the state folder of the user. */
const STATE_VARIABLE = "MILLRACE_STATE";

/** The user's own state folder, which no board can write: MILLRACE_STATE, else `millrace` in XDG_STATE_HOME or ~/.local/state. */
export function stateFolder(env: Io["env"]): string {
  const given = env[STATE_VARIABLE] ?? "";
  if (given !== "") return given;
  const base = env["XDG_STATE_HOME"] ?? "";
  return join(base === "" ? join(env["HOME"] ?? homedir(), ".local", "state") : base, "millrace");
}
