/** Titles of the tests and of the conformance cases in a file, read from its syntax tree: what stands in a comment or a string is none. */
import ts from "typescript";

const CALLED = new Set(["it", "test"]);
/** A test that does not run proves nothing. */
const NOT_RUN = new Set(["skip", "todo", "fails"]);

/**
 * Titles of every `it` and `test` call that runs, `it.each(...)` and the like included, as they are written: `%s` and `${name}`
 * stay. A title that is neither a string nor a template is left out, because nobody can name it.
 */
export function testTitles(fileName: string, source: string): ReadonlySet<string> {
  const tree = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, false);
  const titles = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const title = literalText(node.arguments[0], tree);
      if (title !== undefined) titles.add(title);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return titles;
}

/** Names of the cases of a conformance suite: `{ name: "…", run(…) {…} }`. The suite makes a test of each, for every backend. */
export function caseNames(fileName: string, source: string): ReadonlySet<string> {
  const tree = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, false);
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node) && node.properties.some((member) => nameOf(member) === "run")) {
      const named = node.properties.find((member) => nameOf(member) === "name");
      const name = named !== undefined && ts.isPropertyAssignment(named) ? literalText(named.initializer, tree) : undefined;
      if (name !== undefined) names.add(name);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return names;
}

function nameOf({ name }: ts.ObjectLiteralElementLike): string | undefined {
  return name !== undefined && ts.isIdentifier(name) ? name.text : undefined;
}

/** `it`, `test.concurrent`, `it.each(rows)`, `` it.each`rows` `` … */
function isTest(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return CALLED.has(callee.text);
  if (ts.isPropertyAccessExpression(callee)) return !NOT_RUN.has(callee.name.text) && isTest(callee.expression);
  if (ts.isCallExpression(callee)) return isTest(callee.expression);
  return ts.isTaggedTemplateExpression(callee) && isTest(callee.tag);
}

function literalText(title: ts.Expression | undefined, tree: ts.SourceFile): string | undefined {
  if (title === undefined) return undefined;
  if (ts.isStringLiteralLike(title)) return title.text;
  return ts.isTemplateExpression(title) ? title.getText(tree).slice(1, -1) : undefined;
}
