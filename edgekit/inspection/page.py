"""An inspection as one page of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from edgekit import __version__
from edgekit.inspection.inspection import Inspection, Row
from edgekit.inspection.names import shape_text, short_kernel, short_name
from edgekit.inspection.picture import draw_plan

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.45 system-ui, sans-serif; color: #1c2330; background: #fff;
  max-width: 1180px; margin: 0 auto; padding: 16px; }
h1 { font-size: 1.5rem; margin: 0 0 4px; } h2 { font-size: 1.15rem; margin: 28px 0 8px; }
p { margin: 4px 0 10px; } .soft, .tick { color: #55607a; fill: #55607a; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 8px; }
.facts div { background: #f3f6fb; border-radius: 8px; padding: 8px 10px; }
.facts b { display: block; font-size: 1.15rem; }
.scroll { overflow-x: auto; border: 1px solid #dbe1ec; border-radius: 8px; }
svg { display: block; } svg text { font: 12px system-ui, sans-serif; fill: #1c2330; }
svg .tick { fill: #55607a; } .grid { stroke: #e3e8f1; }
polygon { stroke: #5b6880; stroke-linejoin: round; } .buffer { cursor: pointer; outline: none; }
.buffer:hover polygon, .buffer.on polygon { stroke: #10203f; stroke-width: 2.5; }
#picked { min-height: 2.9em; } table { border-collapse: collapse; width: 100%; }
th, td { padding: 5px 9px; text-align: right; white-space: nowrap; }
th { color: #55607a; font-weight: 600; background: #f3f6fb; }
td { border-top: 1px solid #e9edf4; font-variant-numeric: tabular-nums; }
.name { text-align: left; }
td small { display: block; color: #55607a; }
.share { background: linear-gradient(to left, #cfe3ff var(--of), transparent var(--of)); }
"""

# A tap shows what a mouse sees in the tooltip.
SCRIPT = """
const picked = document.getElementById('picked'), all = document.querySelectorAll('.buffer');
const pick = one => { all.forEach(b => b.classList.toggle('on', b === one));
  picked.textContent = one.dataset.text; };
all.forEach(b => { b.onclick = () => pick(b); b.onfocus = () => pick(b); });
"""


def html_page(inspection: Inspection) -> str:
    """The page: the figures, the plan as a picture, and the tables. The same inspection gives
    the same text."""
    manifest = inspection.bundle.manifest
    picture = draw_plan(manifest.plan, manifest.arena_bytes, manifest.layers)
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(inspection.title)}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{escape(inspection.title)}</h1>
<p class="soft">{escape(_source(inspection))}</p>
<div class="facts">{_facts(inspection)}</div>
<h2>Memory plan</h2>
<div class="scroll">{picture}</div>
<p id="picked" class="soft">Each shape is a buffer of the arena: tap one, or point at it. A
slanted edge: a layer's output takes its input's memory while that is read. Grey is scratch.</p>
<h2>Layers</h2>
<div class="scroll">{_layers(inspection)}</div>
{_shared(inspection)}
<h2>Buffers</h2>
<div class="scroll">{_buffers(inspection)}</div>
<p class="soft">edgekit {__version__}: {escape(manifest.command)}<br>
model's SHA-256 {manifest.source_sha256[:16]}…</p>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _source(inspection: Inspection) -> str:
    manifest, cost = inspection.bundle.manifest, inspection.cost
    words = [f"from {manifest.source}, {manifest.quantization}"]
    if inspection.compiler:
        words.append(f"compiled by {inspection.compiler}")
    if cost:
        words.append(f"counted in {cost.emulator}, cycles estimated by {cost.rules}")
    if manifest.golden_checked_by:
        words.append(f"golden vectors equal {manifest.golden_checked_by}, bit for bit")
    return "; ".join(words) + "."


def _facts(inspection: Inspection) -> str:
    cost, macs = inspection.cost, inspection.macs
    instructions = cost.instructions if cost else None
    facts = [
        ("arena", _number(inspection.bundle.manifest.arena_bytes, " B")),
        ("code and tables", _number(inspection.code_bytes, " B")),
        ("weights", _number(inspection.weights_bytes, " B")),
        ("MACs", _number(macs)),
        ("instructions", _number(instructions)),
        ("a MAC", f"{instructions / macs:.2f}" if instructions and macs else "–"),
        ("cycles (est.)", _number(cost.cycles if cost else None)),
    ]
    return "".join(f"<div>{name}<b>{value}</b></div>" for name, value in facts)


def _layers(inspection: Inspection) -> str:
    head = (
        "#", "kernel, op, layer", "output", "MACs", "instructions", "a MAC", "cycles (est.)",
        "weights", "tables", "code",
    )  # fmt: skip
    most = max((row.cost.instructions or 0 for row in inspection.rows), default=0)
    rows = [_layer(number, row, most) for number, row in enumerate(inspection.rows)]
    return _table(head, rows, names=(1, 2))


def _layer(number: int, row: Row, most: int) -> list[str]:
    cost, flash, layer = row.cost, row.flash, row.cost.layer
    per_mac = cost.instructions_per_mac
    return [
        _cell(str(number)),
        _name(short_kernel(layer.kernel), f"{layer.op.lower()} {short_name(layer.name, 30)}"),
        _name(shape_text(layer.output_shape)),
        _cell(_number(layer.macs)),
        _bar(cost.instructions, most),
        _cell("–" if per_mac is None else f"{per_mac:.2f}"),
        _cell(_number(cost.cycles)),
        _cell(_number(flash.weights_bytes if flash else None)),
        _cell(_number(flash.tables_bytes if flash else None)),
        _cell(_number(flash.code_bytes if flash else None)),
    ]


def _bar(instructions: int | None, most: int) -> str:
    """A cell with a bar, which the largest layer fills."""
    if instructions is None or not most:
        return _cell("–")
    share = f"--of: {100 * instructions / most:.0f}%"
    return f'<td class="share" style="{share}">{instructions:,}</td>'


def _shared(inspection: Inspection) -> str:
    """The kernels' code, which layers share; nothing without a board."""
    flash = inspection.flash
    if flash is None:
        return ""
    used = [layer.kernel for layer in inspection.bundle.manifest.layers]
    rows = [
        [_name(short_kernel(name)), _cell(str(used.count(name) or "–")), _cell(f"{size:,}")]
        for name, size in flash.kernels.items()
    ]
    rows.append([_name("the model's own functions"), _cell("–"), _cell(f"{flash.model_bytes:,}")])
    rows.append([_name("padding, unnamed constants"), _cell("–"), _cell(f"{flash.rest_bytes:,}")])
    table = _table(("code", "layers", "bytes"), rows, names=(0,))
    return f'<h2>Code that layers share</h2>\n<div class="scroll">{table}</div>'


def _buffers(inspection: Inspection) -> str:
    rows = [
        [
            _name(short_name(buffer.tensor, 48)),
            _cell(f"{buffer.size:,}"),
            _cell(f"{buffer.offset:,}"),
            _cell(str(buffer.first)),
            _cell(str(buffer.last)),
        ]
        for buffer in inspection.bundle.manifest.plan
    ]
    return _table(("tensor", "bytes", "offset", "from layer", "to layer"), rows, names=(0,))


def _table(head: Iterable[str], rows: Iterable[list[str]], names: tuple[int, ...]) -> str:
    """`names` are the columns of text; the others hold numbers."""
    cells = [
        f'<th class="name">{text}</th>' if number in names else f"<th>{text}</th>"
        for number, text in enumerate(head)
    ]
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<table>\n<tr>{''.join(cells)}</tr>\n{body}\n</table>"


def _cell(text: str) -> str:
    return f"<td>{text}</td>"


def _name(text: str, below: str = "") -> str:
    small = f"<small>{escape(below)}</small>" if below else ""
    return f'<td class="name">{escape(text)}{small}</td>'


def _number(value: int | None, unit: str = "") -> str:
    return "–" if value is None else f"{value:,}{unit}"
