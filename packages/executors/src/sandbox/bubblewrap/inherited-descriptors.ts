import { readdirSync, readFileSync } from "node:fs";

/** The bit of a descriptor's flags that closes it in every program that is started (`O_CLOEXEC`). */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Descriptors of this process above standard error that a child would get without being given them: those that this process itself was
 * started with. Linux only; none elsewhere.
 */
export function inheritedDescriptors(): readonly number[] {
  let names: readonly string[];
  try {
    names = readdirSync("/proc/self/fd");
  } catch {
    return [];
  }
  return names.map(Number).filter((descriptor) => descriptor > 2 && !isClosedOnExec(descriptor));
}

function isClosedOnExec(descriptor: number): boolean {
  try {
    const [, flags = "0"] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8")) ?? [];
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0;
  } catch {
    // The one that the list was read with.
    return true;
  }
}
