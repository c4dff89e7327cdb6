import type { ModelCallEnd } from "../options.js";
import type { Meter } from "./meter.js";

/** Bounds of an answer, and who is told of its end. */
export interface BodyBounds {
  readonly maxBytes: number;
  /** Ends the answer at once, also when its reader has stopped reading. */
  readonly signal: AbortSignal;
  /** May be called more than once; the first call counts. */
  readonly onEnd: (end: ModelCallEnd) => void;
}

/** The bytes of an answer, unchanged and as fast as they are read, with a copy for the meter. One that is cut stays cut. */
export function meteredBody(answer: ReadableStream<Uint8Array>, meter: Meter, { maxBytes, signal, onEnd }: BodyBounds) {
  const reader = answer.getReader();
  let left = maxBytes;
  const cancel = (): Promise<void> => reader.cancel().catch(() => undefined);
  const aborted = (): void => onEnd("aborted");
  if (signal.aborted) aborted();
  signal.addEventListener("abort", aborted, { once: true });
  const end = (how: ModelCallEnd): void => {
    signal.removeEventListener("abort", aborted);
    onEnd(how);
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            end("cut");
            return controller.close();
          }
          left -= value.length;
          if (left < 0) throw new RangeError("the answer is too long");
          meter.push(value);
          controller.enqueue(value);
        } catch (error) {
          end("cut");
          await cancel();
          throw error;
        }
      },
      async cancel() {
        end("aborted");
        await cancel();
      },
    },
    // Nothing is read ahead of the client.
    { highWaterMark: 0 },
  );
}
