import type { SandboxLimits } from "@millrace/kernel";

const MIB = 1024 * 1024;

/** Limits of a job and of a check: 4 GiB of memory, 1,024 processes and threads, 1 GiB in each private folder, 2 GiB a file. */
export const DEFAULT_SANDBOX_LIMITS: SandboxLimits = {
  memoryBytes: 4096 * MIB,
  processes: 1024,
  privateBytes: 1024 * MIB,
  fileBytes: 2048 * MIB,
};
