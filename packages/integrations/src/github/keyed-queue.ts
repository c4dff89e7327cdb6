/** Work under one name, one after the other, in the order it came. */
export interface Turns {
  take<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    take(name, work) {
      const before = last.get(name) ?? Promise.resolve();
      const mine = before.then(work, work);
      const quiet = mine
        .catch(() => undefined)
        .finally(() => {
          if (last.get(name) === quiet) last.delete(name);
        });
      last.set(name, quiet);
      return mine;
    },
  };
}
