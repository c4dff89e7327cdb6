/** Longest wait of one timer of a JavaScript host, in ms (24.8 days): a longer one fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
