"""Where an article's own text begins, behind what its page puts before it."""

from __future__ import annotations

import pytest

from monitor.text.lead import is_code, own_text, without_code

TITLE = "وزارة النقل تطلق قطارا جديدا بين المدينتين"
TEXT = "أطلقت وزارة النقل، مساء الأربعاء، خط القطار الجديد الذي يربط بين المدينتين في أقل من ساعة واحدة."
SHORT = "The line opened at noon."
LONG = "The new line between the two cities opened at noon on Wednesday, a year later than the ministry had planned."


@pytest.mark.parametrize(
    ("title", "body", "own"),
    [
        # section, counter, the headline again in quotes, print buttons, dateline, date
        (
            TITLE,
            f"محليات\n46\n«وزارة النقل» تطلق قطارًا جديدا بين المدينتين\nA+ A-\nالدوحة - قنا\n{TEXT}",
            TEXT,
        ),
        (TITLE, f"أخبار >\n07 يوليو 2026 , 10:17ص\n{TEXT}\nالمزيد", f"{TEXT}\nالمزيد"),
        # a short sentence is text, whatever its length
        ("Trains", f"{SHORT}\n{LONG}", f"{SHORT}\n{LONG}"),
        # a style sheet and a script are not
        ("Trains", f".more {{\nmargin-top: 20px;\n}}\nnew Swiper('.x', {{\nloop: true,\n}});\n{LONG}", LONG),
        ("Trains", ".more {\nmargin-top: 20px;\n}", ""),
        # nothing long enough to tell: what is there
        ("Trains", "One\nTwo", "One\nTwo"),
        ("", "", ""),
    ],
)
def test_the_text_begins_behind_the_pages_furniture(title: str, body: str, own: str) -> None:
    assert own_text(title, body) == own


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("background: #FFF;", True),
        ("slidesPerView: \"auto\",", True),
        ("}", True),
        ("Rabat: le conseil se réunit jeudi; il votera.", False),
        ("Location: Paris, France", False),
        ("On 7 July: 3,000 people", False),
    ],
)  # fmt: skip
def test_code_is_told_from_prose(line: str, code: bool) -> None:
    assert is_code(line) is code


def test_a_style_sheet_in_a_text_goes_and_a_brace_in_prose_stays() -> None:
    sheet = [".more {", "margin: 0;", "float: left;", "color: #FFF;", "}"]
    assert without_code([LONG, *sheet]) == [LONG]
    prose = [LONG, "The set {1, 2} was named twice."]
    assert without_code(prose) == prose
