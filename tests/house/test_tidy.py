"""Sizes, names and manners; each message says what to do instead."""

import ast
import shutil
import subprocess

import pytest

from tests.house.source import ROOT, modules

MAX_FUNCTION, MAX_FILE, MAX_LINE = 60, 500, 100

#: Drawers that end up holding everything.
DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "core",
    "misc",
    "services",
    "managers",
    "signals",
    "serializers",
}

#: Modules whose imports wait for Django or for a heavy library, each with its reason.
LATE_IMPORTS = {
    "traceward/cli/": "the command line starts the server before Django may be set up",
    "traceward/web/apps.py": "models are there only when Django is ready",
    "traceward/jobs/tasks.py": "a job loads what it needs when it runs",
    "traceward/kernel/base/addresses.py": "works before the driver is installed",
    "traceward/kernel/base/translations.py": "babel is slow to load and seldom needed",
    "traceward/kernel/audit/standalone/": "stands alone: imports nothing of ours",
    "traceward/kernel/records/names.py": "the pinyin dictionary is slow to load and seldom needed",
    "tests/": "tests may import where they use",
    "benchmarks/": "each benchmark sets Django up itself",
}


@pytest.mark.skipif(
    not ((ROOT / ".git").exists() and shutil.which("git")), reason="asks git, and there is none"
)
def test_nothing_that_git_keeps_is_a_link() -> None:
    kept = ["git", "ls-files", "--stage"]
    listed = subprocess.run(kept, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    links = [line for line in listed.splitlines() if line.startswith("120000")]
    assert listed, "git lists no file"
    assert not links, (
        "take these out of git: a link leads out of a clone, or nowhere:\n" + "\n".join(links)
    )


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{source.path}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for source in modules()
        for node in source.functions()
        if node.end_lineno - node.lineno + 1 > MAX_FUNCTION
    ]
    assert not long, f"split these, {MAX_FUNCTION} lines at most:\n" + "\n".join(long)


def test_no_file_is_longer_than_five_hundred_lines() -> None:
    long = [
        f"{source.path} has {len(source.lines)} lines"
        for folder in ("traceward", "tests", "benchmarks")
        for source in modules(folder)
        if len(source.lines) > MAX_FILE
    ]
    assert not long, f"split these by what they are about, {MAX_FILE} at most:\n" + "\n".join(long)


def test_no_line_is_longer_than_a_hundred() -> None:
    long = []
    for pattern in ("traceward/**/*.sql", "benchmarks/**/*.sql", "traceward/**/*.py"):
        for path in ROOT.glob(pattern):
            if "migrations" in path.parts:
                continue
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if len(line) > MAX_LINE:
                    long.append(f"{path.relative_to(ROOT)}:{number}")
    assert not long, f"break these lines, {MAX_LINE} characters at most:\n" + "\n".join(long)


def test_no_module_is_a_drawer() -> None:
    drawers = [
        source.path
        for source in modules()
        if DRAWERS & set(source.path.removesuffix(".py").split("/"))
    ]
    assert not drawers, "name these after what is in them:\n" + "\n".join(drawers)


def test_imports_stand_at_the_top() -> None:
    late = []
    for source in modules():
        if any(source.path.startswith(prefix) for prefix in LATE_IMPORTS):
            continue
        for function in source.functions():
            late += [
                f"{source.path}:{node.lineno}"
                for node in ast.walk(function)
                if isinstance(node, ast.Import | ast.ImportFrom)
            ]
    assert not late, (
        "a late import hides a circle: move what both need down a floor, or name the module in "
        "LATE_IMPORTS with its reason:\n" + "\n".join(sorted(set(late)))
    )


#: Where the kernel itself reads a clock or makes something random, each with its reason.
CLOCKS_AND_CHANCE = {
    "traceward/kernel/command/accounts.py": "recovery codes and first passwords are chance itself",
    "traceward/kernel/command/one_time.py": "an app's codes go by the clock of the telephone",
    "traceward/kernel/command/keys.py": "an API key is chance itself",
    "traceward/kernel/base/ids.py": "makes the ids that others take as arguments",
    "traceward/kernel/base/secret.py": "makes the installation's secret, once",
    "traceward/kernel/base/enclosed.py": "makes the keys of webhooks, which nobody may guess",
    "traceward/kernel/command/sending.py": "consumers compare the time stamp with their clock; "
    "pauses differ by chance",
    "traceward/kernel/command/mailing.py": "pauses differ by chance",
    "traceward/kernel/command/run.py": "waits a random while before it tries again",
    "traceward/kernel/command/database_errors.py": "waits a random while before it connects again",
    "traceward/kernel/audit/outlets.py": "waits with the machine's clock, and stores no time of it",
}


def test_kernel_and_domain_take_time_ids_and_chance_as_arguments() -> None:
    modules_of_chance = {"random", "secrets", "uuid4", "uuid1"}
    forbidden = {("timezone", "now"), ("datetime", "now"), ("date", "today"), ("time", "time")}
    asked = []
    for folder in ("traceward/kernel", "traceward/domain", "traceward/flows"):
        for source in modules(folder):
            if source.path in CLOCKS_AND_CHANCE:
                continue
            for node in ast.walk(source.tree):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                value = node.func.value
                name = (value.id if isinstance(value, ast.Name) else "", node.func.attr)
                if name in forbidden or modules_of_chance & set(name):
                    asked.append(f"{source.path}:{node.lineno} {name[0]}.{name[1]}")
    assert not asked, (
        "time comes from the database: use by.now or an argument; ids from base.ids; or give the "
        "reason in CLOCKS_AND_CHANCE:\n" + "\n".join(asked)
    )


#: Who decides by parameters without `apply_rules`, which names the rule in the audit entry.
OWN_RULES = {
    "traceward/kernel/command/write.py": "apply_rules itself",
    "traceward/kernel/command/shared_devices.py": "at the door no command runs yet",
    "traceward/domain/stock/commands/terms.py": "many lines at once; each answer names its rules",
    "traceward/domain/quality/commands/gates.py": "a question that tells; a command names the rule",
    "traceward/domain/quality/commands/releasing.py": "what the page may sign at once, told before",
    "traceward/domain/stock/queries/alerts.py": "a list that warns: nothing is decided",
    "traceward/domain/stock/queries/levels.py": "a list that warns: nothing is decided",
    "traceward/domain/catalog/queries.py": "a list that warns: nothing is decided",
    "traceward/domain/recalls/queries/what_if.py": "asked before anything is decided",
    "traceward/domain/recalls/commands/reminding.py": "says whose turn it is; remind_due decides",
    "traceward/domain/recalls/queries/progress.py": "a page that warns: nothing is decided",
}


def test_a_rule_that_decides_is_named_in_the_audit_entry() -> None:
    asked = [
        f"{source.path}:{node.lineno}"
        for folder in ("traceward/domain", "traceward/flows", "traceward/kernel/command")
        for source in modules(folder)
        if source.path not in OWN_RULES
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "value_for"
    ]
    assert not asked, "ask by apply_rules(reader(SPEC), context, by=by):\n" + "\n".join(asked)


#: Where the record itself tells who did the step before: the function and what it compares with.
OTHER_PERSON = {
    "traceward/domain/partners/commands.py qualify": "who registered the partner",
    "traceward/domain/purchasing/commands/ordering.py approve": "who placed the order",
    "traceward/domain/catalog/commands/products.py qualify_product": "who registered the product",
    "traceward/domain/purchasing/commands/returning.py approve_return": "who proposed it",
    "traceward/domain/quality/commands/inspecting.py _result": "who received the goods",
    "traceward/domain/quality/commands/gates.py require_not_received": "who received the goods",
    "traceward/domain/quality/commands/gates.py require_not_inspected": "who recorded a result",
    "traceward/domain/recalls/commands/withdrawing.py require_another": "who opened the case",
    "traceward/domain/transfers/commands/receiving.py write_off": "who noted it missing",
    "traceward/domain/transfers/commands/requesting.py approve": "who asked for the goods",
    "traceward/domain/warehousing/commands/checking.py check": "who picked",
    "traceward/domain/warehousing/commands/destroying.py approve_destruction": "who proposed it",
    "traceward/kernel/command/people.py grant_role": "whom the role is for",
    "traceward/kernel/command/administration.py reset_factors": "whose factors they are",
    "traceward/kernel/command/administration.py deactivate_person": "whose account it is",
}


def test_where_another_person_is_asked_for_is_listed() -> None:  # ORG-03
    """Taking such a check away, or adding one, is seen. (docs/adr/0055)"""
    asking = {
        f"{source.path} {function.name}"
        for source in modules()
        for function in source.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "require_other_person"
    }
    assert asking == set(OTHER_PERSON)


def test_public_functions_say_what_becomes_true() -> None:
    """In the kernel and the domain, where others call them by name."""
    silent = []
    for folder in ("traceward/kernel", "traceward/domain", "traceward/flows"):
        for source in modules(folder):
            tops = [n for n in source.tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
            silent += [
                f"{source.path}:{node.lineno} {node.name}"
                for node in tops
                if not node.name.startswith("_")
                and isinstance(node, ast.FunctionDef)
                and not ast.get_docstring(node)
                and node.end_lineno - node.lineno > 6
            ]
    assert not silent, "one sentence each, saying what becomes true:\n" + "\n".join(silent)


def test_modules_say_what_they_are_for() -> None:
    silent = [
        source.path
        for source in modules()
        if source.lines
        and not source.path.endswith("apps.py")
        and not ast.get_docstring(source.tree)
    ]
    assert not silent, "a module begins with what it is for:\n" + "\n".join(silent)


def test_names_of_requirement_ids_are_spelt_right() -> None:
    """Ids in comments look like `# INV-04`; the index is made from them."""
    import re

    areas = {
        *("ORG", "MDM", "INV", "INB", "OUT", "WMS", "TRF", "REV", "QUA", "PRO", "PUR", "SAL"),
        *("TMS", "COL", "TRC", "PLN", "OBS", "FIN", "FLW", "INT", "ANA", "DOC", "MIG", "SEC", "UX"),
    }
    wrong = []
    for folder in ("traceward", "tests"):
        for source in modules(folder):
            for number, line in enumerate(source.lines, 1):
                for area in re.findall(r"# ([A-Z]{2,3})-\d{2}\b", line):
                    if area not in areas:
                        wrong.append(f"{source.path}:{number} {area}")
    assert not wrong, "no such requirement area:\n" + "\n".join(wrong)
