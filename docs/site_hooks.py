"""Pages that are made when the site is built, and links that lead out of `docs/`.

mkdocs build --strict
"""

import pathlib
import re
import sys

from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).parents[1]
COPIED = {  # pages that stand elsewhere in the tree
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "reference/files.md": "data/README.md",
}
PAGES = {source: page for page, source in COPIED.items()}
LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s]+)(#[^)]*)?\)")


def on_files(files, config):
    """Adds the generated pages."""
    sys.path.insert(0, str(ROOT))  # the package is documented from its source
    made = {page: (ROOT / source).read_text(encoding="utf-8") for page, source in COPIED.items()}
    made |= {"reference/options.md": options(), "reference/models.md": models()}
    for page, text in made.items():
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown, page, config, files):
    """Links to files outside the site become their paths, and those to copied pages lead to the copies."""
    source = COPIED.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    here = (ROOT / source).parent

    def replaced(match):
        text, target, anchor = match.group(1), match.group(2), match.group(3) or ""
        if "://" in target or target.startswith("mailto:"):
            return match.group(0)
        path = (here / target).resolve()
        if not path.is_relative_to(ROOT):
            return match.group(0)
        name = str(path.relative_to(ROOT))
        wanted = PAGES.get(name) or (name.removeprefix("docs/") if name.startswith("docs/") else None)
        if wanted is None:
            return f"`{name}`" if text.strip("`") in (name, path.name) else f"{text} (`{name}`)"
        up = "../" * page.file.src_uri.count("/")
        return f"[{text}]({up}{wanted}{anchor})"

    return LINK.sub(replaced, markdown)


def options():
    """The page of all options, from the configuration's dataclasses."""
    from calciumgan_tf.config import options as known
    from calciumgan_tf.options import value_type

    lines = ["# Options of train.py", "", "This page lists every option of a training, made from its definition."]
    lines += ["A default of - depends on the model, the loss or the recording; `train.py --dry_run` prints it.", ""]
    lines += ["    python train.py --helpfull", ""]
    heading = None
    for name, (part, field) in known().items():
        if part != heading:
            heading = part
            lines += ["", f"## {part.capitalize()}", "", "| option | default | values | meaning |", "|---|---|---|---|"]
        kind, default = value_type(field)[0].__name__, "-" if field.default is None else f"`{field.default}`"
        values = ", ".join(f"`{one}`" for one in field.metadata["choices"] or ()) or kind
        lines.append(f"| `--{name}` | {default} | {values} | {field.metadata['help']} |")
    return "\n".join(lines) + "\n"


def models():
    """The table of what works with what, from the models' own defaults."""
    from calciumgan_tf.config import OF_SOME_MODELS, Config
    from calciumgan_tf.errors import InputError
    from calciumgan_tf.hyperparameters import LOSSES
    from calciumgan_tf.training.builders import MODULES

    def works(**given):
        try:
            Config.of(**given)
        except InputError:
            return "no"
        return "yes"

    names = list(MODULES)
    lines = ["# Models, losses and options", "", "This page says which options a model has; it is made by asking each."]
    lines += ["", "    python train.py --model=wavegan --loss=lsgan", ""]
    lines += ["| | " + " | ".join(f"`{name}`" for name in names) + " |", "|---|" + "---|" * len(names)]
    rows = {f"`--loss={loss}`": {"loss": loss} for loss in LOSSES}
    rows |= {
        "`--representation=fourier`": {"representation": "fourier"},
        "`--upsample=nearest`": {"upsample": "nearest"},
        "`--statistics_loss`": {"statistics_loss": 1.0},
        "without a critic, `--critic_updates=0`": {"critic_updates": 0},
    }
    for row, given in rows.items():
        lines.append(f"| {row} | " + " | ".join(works(model=name, **given) for name in names) + " |")
    for option in OF_SOME_MODELS:
        cells = ("yes" if option in MODULES[name].DEFAULTS else "no" for name in names)
        lines.append(f"| `--{option}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
