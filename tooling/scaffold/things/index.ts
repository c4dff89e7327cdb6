import type { Thing } from "../thing.ts";
import { aggregate } from "./aggregate.ts";
import { forge } from "./forge.ts";
import { gate } from "./gate.ts";
import { module } from "./module.ts";
import { stepKind } from "./step-kind.ts";
import { store } from "./store.ts";

/** Everything that can be added. */
export const things: readonly Thing[] = [stepKind, gate, forge, store, module, aggregate];
