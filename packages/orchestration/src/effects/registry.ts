import type { CallEffect } from "./effect.js";

/** The effects Millrace ships. Add a line to add one. */
export const builtInEffects: readonly CallEffect[] = [];
