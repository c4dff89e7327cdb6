/** Clocks of worker processes, moved by Debian's libfaketime while the processes run. */
import { globSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";

const [library] = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1");
const INSTALL_FAKETIME = "apt-get install --yes faketime";

/** Why clocks cannot be moved; null when they can. */
export const whyNoClockSteps: string | null = library === undefined ? `needs libfaketime: ${INSTALL_FAKETIME}` : null;

/** Environment of a process whose clock follows the file. Its monotonic clock and the times of files stay as they are. */
export function clockEnvironment(file: string): Readonly<Record<string, string>> {
  if (library === undefined) return {};
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    NO_FAKE_STAT: "1",
  };
}

/** Moves the clock of every process that follows the file. */
export function setClock(file: string, offsetSeconds: number): Promise<void> {
  return writeFile(file, `${offsetSeconds < 0 ? "" : "+"}${offsetSeconds}`);
}

/** The clock of a process of that machine, for one that has no library in front of its own. */
export function clockOf(file: string): { now(): number } {
  return { now: () => Date.now() + (whyNoClockSteps === null ? Number(readFileSync(file, "utf8")) * 1000 : 0) };
}
