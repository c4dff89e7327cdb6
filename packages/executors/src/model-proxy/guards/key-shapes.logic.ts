/** Forms of the keys that providers of models give out, and of run tokens. */
const KEY_SHAPES: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9*_-]{8,}/g,
  /\b(?:gsk|xai|pplx|hf|nvapi|fw|r8|mrt|AIza)[_-]?[A-Za-z0-9_-]{20,}/g,
  /\b(?:Bearer|bearer)\s+[A-Za-z0-9._~+/=-]{8,}/g,
  // Bounded, so that a text of nothing but beginnings is read in linear time.
  /\beyJ[A-Za-z0-9_-]{1,2048}\.[A-Za-z0-9_-]{1,8192}\.[A-Za-z0-9_-]+/g,
];

/** Replaces with `***` the given secrets, and everything that looks like a provider's key. */
export function redactKeys(text: string, secrets: readonly string[] = []): string {
  const known = secrets.filter((secret) => secret.length > 0).reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
  return KEY_SHAPES.reduce((rest, shape) => rest.replace(shape, "***"), known);
}
