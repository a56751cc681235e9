"""What no code, notebook or page template may do with markup, read from their syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from jinja2 import Environment
from jinja2 import nodes as jinja

BORDER = "show/html.py"
MAKERS = {"Html", "Markup"}
SHOWERS = {"HTML", "HTMLMath", "Javascript", "Markdown", "Latex", "IFrame", "SVG", "Math", "Styler"}
REPRESENTATIONS = {
    "_repr_html_",
    "_repr_markdown_",
    "_repr_latex_",
    "_repr_javascript_",
    "_repr_mimebundle_",
    "__html__",
}
IMPORTS = {
    "IPython": (),
    "great_tables": (BORDER,),
    "jinja2": (BORDER,),
    "markupsafe": (BORDER, "show/picture.py"),
    "ipywidgets": ("show/pane.py", "show/board.py"),
    "nbconvert": ("show/page.py",),
    "rich.console": ("terminal.py",),
    "rich.markup": (),
    "markdown": (), "mistune": (), "bleach": (), "importlib": ("__init__.py",),
}  # fmt: skip
ATTRIBUTES = {
    "style": (), "to_html": (), "description_allow_html": (), "filters": (),
    "from_string": (), "autoescape": (),
    "as_raw_html": (BORDER,),
    "markup": (BORDER, "show/pane.py"),
}  # fmt: skip
PINNED = {
    "Markup": {"self.markup", "template", "visible(value)"},
    "Html": {
        "''", "visible(Markup(template).format(**values))", "escape(between).join((escape(part) for part in parts))", "sheet",
        "made.as_raw_html()",
    },
    "html": {"_without_braces(text)"},
}  # fmt: skip
TAG = re.compile(r"(?<!\?P)</?(?!NA>)[a-zA-Z][a-zA-Z0-9]*[\s/>]|<!--")


class Tree:
    """A syntax tree and all its nodes in a list."""

    def __init__(self, module: ast.Module) -> None:
        self.module, self.nodes = module, list(ast.walk(module))


def in_code(source: str, place: str) -> list[str]:
    """Name the offences of a module (its place in the package) or of a code cell (its notebook)."""
    try:
        tree = Tree(ast.parse(source))
    except SyntaxError:
        return ["not Python: a magic of the notebook?"]
    return sorted(
        {text for find in (_imports, _attributes, _calls, _definitions, _texts) for text in find(tree, place)}
    )


def _imports(tree: Tree, place: str) -> Iterator[str]:
    for node in tree.nodes:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        for name in names:
            parts = name.split(".")
            for room in (".".join(parts[:n]) for n in range(1, len(parts) + 1)):
                if room in IMPORTS and place not in IMPORTS[room]:
                    yield f"import of {room}"
        if isinstance(node, ast.ImportFrom) and place != BORDER:
            taken = {alias.name for alias in node.names} & {*IMPORTS, "Markup", "Environment"}
            if taken and (node.module or "oko").partition(".")[0] == "oko":
                yield "import of another library through a module of ours"
        if isinstance(node, ast.Name) and node.id in ("__import__", "get_ipython"):
            yield f"import of anything by {node.id}"


def _attributes(tree: Tree, place: str) -> Iterator[str]:
    for node in tree.nodes:
        if isinstance(node, ast.Attribute):
            if node.attr in ATTRIBUTES and place not in ATTRIBUTES[node.attr]:
                yield f".{node.attr}"
            if node.attr in SHOWERS and (place, node.attr) != ("show/pane.py", "HTML"):
                yield f"{node.attr}: something that shows markup"
            stored = isinstance(node.ctx, ast.Store) and ast.unparse(node).endswith(".widget.value")
            if stored and place != "show/pane.py":
                yield "a pane’s widget given a value"
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name in SHOWERS:
                    yield f"{alias.name}: something that shows markup"
        if isinstance(node, ast.Name) and node.id in SHOWERS:
            yield f"{node.id}: something that shows markup"
        if isinstance(node, ast.keyword):
            constant = node.value.value if isinstance(node.value, ast.Constant) else None
            if (node.arg, constant) in (("escape", False), ("raw", True)) or node.arg in (
                "description_allow_html",
                "markup",
            ):
                yield f"argument {node.arg}"


def _calls(tree: Tree, place: str) -> Iterator[str]:
    called = _aliases(tree)
    constants = _constants(tree)
    used = {id(node.func) for node in tree.nodes if isinstance(node, ast.Call)}
    for node in tree.nodes:
        if isinstance(node, ast.Call):
            name = called.get(_last(node.func), _last(node.func))
            first = node.args[0] if node.args else None
            if name in MAKERS and not _constant(first, node, set()) and not _pinned(name, first, place):
                yield f"{name} of something that is not constant"
            if name in ("element", "style_sheet") and not _constant(first, node, constants):
                yield f"{name} of something that is not constant"
            if ast.unparse(node.func).endswith("great_tables.html") and not _pinned("html", first, place):
                yield "great_tables.html of something that is not escaped"
            if name in ("getattr", "setattr", "__setattr__"):
                named = {one.value for one in node.args if isinstance(one, ast.Constant)}
                if named & {*MAKERS, *SHOWERS, *ATTRIBUTES}:
                    yield f"{name} of something that makes or shows markup"
            if ast.unparse(node.func).endswith("great_tables.md"):
                yield "great_tables.md"
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            if name != "isinstance" and any(
                called.get(_last(one), _last(one)) in MAKERS and id(one) not in used for one in given
            ):
                yield "Html or Markup handed on"
        if isinstance(node, (ast.Assign, ast.NamedExpr)) and called.get(_last(node.value), _last(node.value)) in MAKERS:
            yield "Html or Markup under another name"


def _aliases(tree: Tree) -> dict[str, str]:
    found = [node for node in tree.nodes if isinstance(node, ast.ImportFrom)]
    return {alias.asname: alias.name for node in found for alias in node.names if alias.asname}


def _constants(tree: Tree) -> set[str]:
    return {
        target.id
        for node in tree.module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _constant(first: ast.expr | None, call: ast.Call, constants: set[str]) -> bool:
    if first is None or isinstance(first, ast.Starred):
        return not call.keywords and not call.args
    return isinstance(first, ast.Constant) or (isinstance(first, ast.Name) and first.id in constants)


def _pinned(name: str, first: ast.expr | None, place: str) -> bool:
    return place == BORDER and first is not None and ast.unparse(first) in PINNED[name]


def _definitions(tree: Tree, place: str) -> Iterator[str]:
    for node in tree.nodes:
        if isinstance(node, ast.FunctionDef) and node.name in REPRESENTATIONS and place not in IMPORTS["markupsafe"]:
            yield f"definition of {node.name}"
        if isinstance(node, ast.ClassDef) and any(_last(base) in MAKERS for base in node.bases):
            yield "a class of Html or Markup"


def _texts(tree: Tree, place: str) -> Iterator[str]:
    """Find pieces of markup anywhere but as the template of an element or a constant of the module."""
    allowed = {
        id(node.args[0])
        for node in tree.nodes
        if isinstance(node, ast.Call) and _last(node.func) == "element" and node.args
    }
    allowed |= {id(node.value) for node in tree.module.body if isinstance(node, ast.Assign)}
    with_words = (ast.Module, ast.ClassDef, ast.FunctionDef)
    allowed |= {
        id(node.body[0].value)
        for node in tree.nodes
        if isinstance(node, with_words) and node.body and isinstance(node.body[0], ast.Expr)
    }
    ours = place.startswith("show/") or place.endswith(".ipynb")
    for node in tree.nodes:
        if isinstance(node, ast.JoinedStr):
            if TAG.search("".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)):
                yield "markup in an f-string"
        elif ours and isinstance(node, ast.Constant) and id(node) not in allowed and TAG.search(str(node.value)):
            yield "markup outside an element"


def in_prose(text: str) -> list[str]:
    """Name the offences of a Markdown cell: it is ours, so it needs none of them."""
    found = {
        "markup": TAG.search(text), "a formula": re.search(r"\$|\\\(|\\\[", text), "a picture": "![" in text,
        "an address": re.search(r"javascript:|data:(?=\S)|https?://", text, re.I), "a field": "{" in text,
    }  # fmt: skip
    return [name for name, there in found.items() if there]


def in_template(text: str, *, escaping: bool, allowed: tuple[str, ...] = ()) -> list[str]:
    """Name the offences of a page template.

    Parameters
    ----------
    text : str
    escaping : bool
        Whether what fills the template escapes by itself; otherwise every value must end in the filter ``e``.
    allowed : tuple of str
        Values that are markup of ours, as they are written in the template.
    """
    tree = Environment(autoescape=True).parse(text)
    found = {
        f"filter {node.name}" for node in tree.find_all(jinja.Filter) if node.name in ("safe", "trusted", "forceescape")
    }
    found |= {"autoescape" for _ in tree.find_all((jinja.EvalContextModifier, jinja.ScopedEvalContextModifier))}
    found |= {"an attribute without quotes" for _ in re.finditer(r"=\s*\{\{", text)}
    found |= {
        "a value in a script or style" for _ in re.finditer(r"<(script|style)\b[^>]*>(?:(?!</\1>).)*?\{\{", text, re.S)
    }
    written = re.findall(r"\{\{-?\s*(.*?)\s*-?\}\}", text, re.S)
    if not escaping:
        found |= {
            f"{value}: not escaped" for value in written if not re.search(r"\|\s*e$", value) and value not in allowed
        }
    return sorted(found)
