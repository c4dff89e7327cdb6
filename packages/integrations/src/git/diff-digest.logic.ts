/** Lines of a file's header that say the same of a change whose surroundings moved. */
const DERIVED = /^(?:similarity|dissimilarity) index /;
const HUNK = /^@@ .*? @@.*$/;

/**
 * What a unified diff changes, without where: the text that a digest is made of. Line numbers, the names that git shows after them, and
 * the ids of text files are left out, so that it stays the same when only the surroundings moved. Paths, modes, context and changed
 * lines are kept, white space included, and the ids of binary files, which the diff shows nothing else of.
 */
export function stableDiff(diff: string): string {
  const kept: string[] = [];
  let isHeader = true;
  let index = "";
  for (const line of diff.split("\n")) {
    if (line.startsWith("diff --git ")) {
      isHeader = true;
      index = "";
    }
    if (HUNK.test(line)) {
      isHeader = false;
      kept.push("@@");
    } else if (isHeader && line.startsWith("index ")) index = line;
    else if (isHeader && isBinary(line)) kept.push(index, line);
    else if (!isHeader || !DERIVED.test(line)) kept.push(line);
  }
  return kept.join("\n");
}

/** Whether git shows a file as binary: by its ids only. */
export function hasBinary(diff: string): boolean {
  return diff.split("\n").some(isBinary);
}

function isBinary(line: string): boolean {
  return (line.startsWith("Binary files ") && line.endsWith(" differ")) || line === "GIT binary patch";
}
