const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENS: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSES: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Whether brackets outside of strings are nested deeper than `limit`, without building the JSON: a deep one takes memory first. */
export function isDeeperThan(json: Uint8Array, limit: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (isInString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (OPENS.has(byte)) {
      depth += 1;
      if (depth > limit) return true;
    } else if (CLOSES.has(byte)) depth -= 1;
  }
  return false;
}
