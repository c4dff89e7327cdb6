import type { Thing } from "../thing.ts";
import { gate } from "./gate.ts";
import { stepKind } from "./step-kind.ts";

/** Everything that can be added. */
export const things: readonly Thing[] = [stepKind, gate];
