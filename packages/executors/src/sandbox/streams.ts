/** Hands over each chunk of a stream. Never rejects: a stream that breaks has ended, and its program with it. */
export async function forEachChunk(stream: ReadableStream<Uint8Array>, use: (chunk: Uint8Array) => void): Promise<void> {
  try {
    for await (const chunk of stream) use(chunk);
  } catch {
    // See above.
  }
}

/** Writes everything and closes. Never rejects: a program that does not read its input, or has ended, is no error. */
export async function writeAll(stream: WritableStream<Uint8Array>, content: Uint8Array | string): Promise<void> {
  const writer = stream.getWriter();
  writer.closed.catch(() => {});
  try {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    if (bytes.byteLength > 0) await writer.write(bytes);
    await writer.close();
  } catch {
    // The end of the program says more.
  }
}
