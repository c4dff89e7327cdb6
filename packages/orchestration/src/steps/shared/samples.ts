import type { OutputRef } from "@millrace/contracts";

/** The text that the samples of effects refer to. */
export const SAMPLE_OUTPUT = { key: "out-call", digest: "digest-call", chars: 4 } as const satisfies OutputRef;
