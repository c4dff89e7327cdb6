import { describe, expect, it } from "vitest";
import { chooseChecks } from "./detect-checks.logic.js";

const repository = (texts: Readonly<Record<string, string>>, ...files: readonly string[]) => ({
  texts,
  files: new Set([...Object.keys(texts), ...files]),
});
const nothing = repository({});
const unsaid = { checks: [], noCi: false };
const withTest = (more: object = {}): string => JSON.stringify({ scripts: { test: "node --test" }, ...more });
const command = (found: Parameters<typeof chooseChecks>[1]): string | undefined => chooseChecks(unsaid, found).checks[0]?.argv[2];

describe("chooseChecks", () => {
  it("takes the commands that were given, through a shell", () => {
    expect(chooseChecks({ checks: ["make test", " make lint "], noCi: false }, nothing)).toEqual({
      checks: [
        { name: "make test", argv: ["sh", "-c", "make test"], timeoutMs: 600_000 },
        { name: "make lint", argv: ["sh", "-c", "make lint"], timeoutMs: 600_000 },
      ],
      ci: "required",
      because: null,
    });
  });

  it("names a check by what it runs last, and by all of it where that would not tell two apart", () => {
    const names = (...checks: string[]) => chooseChecks({ checks, noCi: false }, nothing).checks.map((check) => check.name);
    expect(names("npm ci && npm test")).toEqual(["npm test"]);
    expect(names("cd a && npm test", "cd b && npm test", "make")).toEqual(["cd a && npm test", "cd b && npm test", "make"]);
  });

  it("takes no checks only when that was said", () => {
    expect(chooseChecks({ checks: [], noCi: true }, repository({ "package.json": withTest() }))).toEqual({
      checks: [],
      ci: "none",
      because: null,
    });
  });

  it.each([
    ["no dependencies", withTest(), ["package-lock.json"], "npm test"],
    ["npm and dependencies", withTest({ dependencies: { a: "1" } }), ["package-lock.json"], "npm ci && npm test"],
    [
      "pnpm and dev dependencies",
      withTest({ devDependencies: { a: "1" } }),
      ["pnpm-lock.yaml"],
      "pnpm install --frozen-lockfile && pnpm test",
    ],
    ["dependencies without a lockfile", withTest({ dependencies: { a: "1" } }), [], "npm install && npm test"],
  ])("detects a package with %s", (_what, packageJson, files, expected) => {
    expect(command(repository({ "package.json": packageJson }, ...files))).toBe(expected);
  });

  it.each([
    ["nothing", {}],
    ["a package without tests", { "package.json": JSON.stringify({ scripts: {} }) }],
    ["npm's placeholder", { "package.json": JSON.stringify({ scripts: { test: 'echo "Error: no test specified" && exit 1' } }) }],
    ["a broken package.json", { "package.json": "{" }],
    ["a Makefile without a test target", { Makefile: "all:\n\tcc a.c\ntest := 1\n" }],
    ["a Python project without tests", { "pyproject.toml": "[project]\n" }],
  ])("asks when it finds %s", (_what, texts) => {
    expect(() => chooseChecks(unsaid, repository(texts))).toThrow(
      expect.objectContaining({ code: "config_invalid", fix: expect.stringMatching(/--check.*--no-ci/) as string }) as Error,
    );
  });

  it.each([
    ["a Rust package", { "Cargo.toml": "[package]\n" }, ["Cargo.lock"], "cargo test --locked"],
    ["a Rust workspace", { "Cargo.toml": "[workspace]\nmembers = []\n" }, [], "cargo test --workspace"],
    ["a Go module", {}, ["go.mod"], "go test ./..."],
    ["a Go workspace", {}, ["go.work", "go.mod"], "go list -m -f '{{.Dir}}/...' | xargs go test"],
    ["Python with uv", { "pyproject.toml": '[dependency-groups]\ndev = ["pytest"]\n' }, ["uv.lock"], "uv run python3 -m pytest"],
    [
      "Python with poetry",
      { "pyproject.toml": "[tool.pytest.ini_options]\n" },
      ["poetry.lock"],
      "poetry install && poetry run python3 -m pytest",
    ],
    ["Python with pipenv", {}, ["Pipfile.lock", "pytest.ini"], "pipenv sync --dev && pipenv run python3 -m pytest"],
    ["Python with tox", { "pyproject.toml": "" }, ["tox.ini", "uv.lock"], "tox"],
    [
      "Python with requirements",
      { "requirements.txt": "flask\n" },
      ["conftest.py"],
      "python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt pytest && .venv/bin/python -m pytest",
    ],
    [
      "a Python project that pins nothing",
      { "pyproject.toml": '[project.optional-dependencies]\ntest = ["pytest"]\n' },
      [],
      "python3 -m venv .venv && .venv/bin/pip install -q . pytest && .venv/bin/python -m pytest",
    ],
    [
      "Python's own test runner",
      { "setup.py": "" },
      ["tests"],
      "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/python -m unittest discover",
    ],
    ["a test target", { Makefile: "all: a\n\ntest: a\n\t./a\n" }, [], "make test"],
    ["a check target", { GNUmakefile: "check:\n\ttrue\n" }, [], "make check"],
    ["a Makefile beside a language", { Makefile: "test:\n\tgo test ./...\n" }, ["go.mod"], "go test ./..."],
  ])("F:E9 detects %s", (_what, texts, files, expected) => {
    expect(chooseChecks(unsaid, repository(texts, ...files)).checks.map(({ argv }) => argv[2])).toEqual([expected]);
  });

  it("F:E9 takes one check for each language", () => {
    const found = repository({ "package.json": withTest(), "Cargo.toml": "[package]\n" }, "go.mod");
    const choice = chooseChecks(unsaid, found);
    expect(choice.checks.map(({ name }) => name)).toEqual(["npm test", "cargo test", "go test ./..."]);
    expect(choice.because).toBe('package.json has a "test" script and no dependencies; Cargo.toml is a package; go.mod is there');
  });

  it.each([
    ["both at once", { checks: ["make"], noCi: true }],
    ["an empty command", { checks: [" "], noCi: false }],
    ["the same command twice", { checks: ["make", "make"], noCi: false }],
  ])("refuses %s", (_what, asked) => {
    expect(() => chooseChecks(asked, nothing)).toThrow(expect.objectContaining({ code: "config_invalid" }) as Error);
  });
});
