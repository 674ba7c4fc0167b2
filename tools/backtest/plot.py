"""A calibration plot as SVG: what was said against what came."""

from services.analytics.domain.risks.measures import Measures

SIZE, EDGE = 400, 48
INK, LINE, DOT = "#1d1d1f", "#9a9aa0", "#0b6bcb"


def calibration(measures: Measures, title: str) -> str:
    """The plot; the area of a dot grows with its customers.

    >>> calibration(Measures(1, 0.5, None, None, 0.2, 0.1, None, ()), "t").startswith("<svg")
    True
    """
    most = max((b.customers for b in measures.bins), default=1)
    dots = "\n".join(
        f'<circle cx="{_x(b.said):.1f}" cy="{_y(b.came):.1f}" '
        f'r="{3 + 9 * (b.customers / most) ** 0.5:.1f}" fill="{DOT}" fill-opacity="0.7">'
        f"<title>said {b.said:.3f}, came {b.came:.3f}, {b.customers} customers</title></circle>"
        for b in measures.bins
    )
    ticks = "\n".join(
        f'<text x="{_x(n / 5):.0f}" y="{_y(0) + 18:.0f}" text-anchor="middle">{n / 5:.1f}</text>'
        f'<text x="{_x(0) - 8:.0f}" y="{_y(n / 5) + 4:.0f}" text-anchor="end">{n / 5:.1f}</text>'
        for n in range(6)
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" role="img"
 font-family="sans-serif" font-size="11" fill="{INK}">
<title>{title}: expected calibration error {measures.ece:.3f}</title>
<rect width="{SIZE}" height="{SIZE}" fill="white"/>
<rect x="{_x(0):.0f}" y="{_y(1):.0f}" width="{_x(1) - _x(0):.0f}" height="{_y(0) - _y(1):.0f}"
 fill="none" stroke="{LINE}"/>
<line x1="{_x(0):.0f}" y1="{_y(0):.0f}" x2="{_x(1):.0f}" y2="{_y(1):.0f}" stroke="{LINE}"
 stroke-dasharray="4 4"/>
{dots}
{ticks}
<text x="{SIZE / 2:.0f}" y="{SIZE - 8}" text-anchor="middle">risk that was said</text>
<text x="14" y="{SIZE / 2:.0f}" text-anchor="middle"
 transform="rotate(-90 14 {SIZE / 2:.0f})">share that came true</text>
<text x="{SIZE / 2:.0f}" y="24" text-anchor="middle">{title}</text>
</svg>
"""


def _x(share: float) -> float:
    return EDGE + share * (SIZE - EDGE - 20)


def _y(share: float) -> float:
    return SIZE - EDGE - share * (SIZE - EDGE - 36)
