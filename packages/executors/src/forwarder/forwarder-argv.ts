import { entryArgv } from "../entry.js";

/** How an agent in a sandbox is led to a model door. */
export interface ForwarderOptions {
  /** Path of the socket as the sandbox sees it. */
  readonly socket: string;
  /** Port on the sandbox's loopback; one network namespace has one. */
  readonly port: number;
}

/** Environment variable of a forwarder: texts by their path below the home, as JSON. They are written before the program starts, which does not get it. */
export const FORWARDED_FILES = "MILLRACE_FORWARDED_FILES";

/** Command line that runs `argv` with the forwarder around it: the end of one is the end of the other. */
export function forwarderArgv({ socket, port }: ForwarderOptions, argv: readonly [string, ...string[]]): readonly [string, ...string[]] {
  const [program, ...entry] = entryArgv("forwarder");
  return [program, ...entry, socket, String(port), ...argv];
}
