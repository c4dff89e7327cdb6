import { userInfo } from "node:os";
import { openTerminal, type Terminal } from "./terminal.js";

/** The part of the process that commands may use. Tests pass their own. */
export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: Writer;
  readonly err: Writer;
  readonly in: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** The controlling terminal; null: there is none. */
  openTerminal(): Terminal | null;
  /** Name of the user in the operating system; null when the user has none. */
  readonly userName: string | null;
  /** Calls back on SIGINT and SIGTERM until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** A stream of text. `isTTY`, `columns` and `rows` are those of a terminal, absent elsewhere. */
export interface Writer {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** The process this program runs in. */
export function processIo(): Io {
  return {
    cwd: process.cwd(),
    env: process.env,
    out: process.stdout,
    err: process.stderr,
    in: process.stdin,
    openTerminal,
    userName: systemUser(),
    onInterrupt(handler) {
      process.on("SIGINT", handler);
      process.on("SIGTERM", handler);
      return () => {
        process.off("SIGINT", handler);
        process.off("SIGTERM", handler);
      };
    },
    exit: (code) => process.exit(code),
  };
}

function systemUser(): string | null {
  try {
    return userInfo().username;
  } catch {
    // The user id has no entry in the password file, as in many containers.
    return null;
  }
}
