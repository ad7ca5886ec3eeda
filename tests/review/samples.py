"""Stories of an invented press, as a review is given them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.model import Hit, Match, Receipt, Severity
from monitor.review import Copy, Heading, Review, ReviewStory
from tests.build import make_article

SINCE = datetime(2026, 4, 20, 6, 30, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=1)
SECURITY = Heading("security", "Sécurité & police", Severity.HIGH)
ENERGY = Heading("energy", "Énergie solaire", Severity.NORMAL)
RECEIPT = Receipt(41, failed=("La Lanterne",), silent=("أخبار المرفأ",), hours_uncovered=7.5)


def hit(text: str, word: str, field: str = "body") -> Hit:
    start = text.index(word)
    return Hit(word, word.casefold(), field, start, start + len(word), word)


def story(
    id: int = 1,
    title: str = "A minister opens the harbour",
    body: str = "The minister came at noon.\nBoats sounded their horns.",
    words: tuple[str, ...] = (),
    watchlists: tuple[str, ...] = ("security",),
    outlets: tuple[str, ...] = ("Gazette",),
    at: datetime = SINCE + timedelta(hours=5),
    language: str | None = "en",
    **fields: Any,
) -> ReviewStory:
    url = f"https://gazette.example.org/{id}"
    article = make_article(
        title, body, key=f"k/{id}", url=url, language=language, first_seen=at, published=at
    )
    hits = tuple(hit(body, word) for word in words if word in body)
    hits += tuple(hit(title, word, "title") for word in words if word in title)
    copies = tuple(
        Copy(outlet, title, at + timedelta(minutes=n), url if n == 0 else None, language, copied=n > 0)
        for n, outlet in enumerate(outlets)
    )
    base: dict[str, Any] = {
        "matches": tuple(Match(each, hits) for each in watchlists[:1]),
        "first_seen": at,
        "last_seen": at,
        "own": outlets[:1],
        "copies": copies,
        "outlet": outlets[0],
    }
    return ReviewStory(
        **{**base, "id": id, "watchlists": watchlists, "article": article, "outlets": outlets, **fields}
    )


def review(*stories: ReviewStory, **fields: Any) -> Review:
    base: dict[str, Any] = {"since": SINCE, "until": UNTIL, "headings": (ENERGY, SECURITY)}
    return Review(**{**base, "stories": stories, "receipt": RECEIPT, **fields})


def first_case(language: str = "fr", timezone: str = "Africa/Casablanca") -> Review:
    """Two watchlists; a story with reprints, one in Arabic, one that both watchlists see."""
    papers = ("Le Phare", "MAP", "Gazette du Port", "الميناء اليوم", "Courrier Atlas")
    return review(
        story(
            1,
            "Le chef de la sûreté reçu à Doha par son homologue",
            "Le directeur général de la sûreté nationale a été reçu mardi à Doha.\n"
            "L’entretien a porté sur la protection des grands rendez-vous sportifs et l’échange d’experts.",
            ("sûreté nationale", "sûreté"),
            outlets=papers,
            agencies=(("MAP", 4),),
            own=("Le Phare",),
            language="fr",
            tier=1,
        ),
        story(
            2,
            "المدير العام للأمن الوطني يستقبل وفداً من خبراء الموانئ",
            "استقبل المدير العام للأمن الوطني بالرباط وفداً من خبراء حماية الموانئ، واتفق الجانبان على تبادل الزيارات.",
            ("للأمن الوطني",),
            outlets=("الميناء اليوم", "صوت الساحل"),
            agencies=(("MAP", 1),),
            at=SINCE + timedelta(hours=9),
            language="ar",
        ),
        story(
            3,
            "La police du port s’équipe de vedettes solaires",
            "Six vedettes à panneaux solaires rejoignent la police du port de Tanger.",
            ("police", "solaires"),
            watchlists=("security", "energy"),
            outlets=("Gazette du Port",),
            at=SINCE + timedelta(hours=20),
            language="fr",
        ),
        story(
            4,
            "Dos fondos del Golfo estudian una planta solar en Uarzazat",
            "Dos fondos del Golfo estudian invertir en una planta solar cerca de Uarzazat, según tres directivos.",
            ("planta solar",),
            watchlists=("energy",),
            outlets=("El Faro del Sur", "Courrier Atlas"),
            own=("El Faro del Sur", "Courrier Atlas"),
            at=SINCE + timedelta(hours=12),
            language="es",
            tier=2,
        ),
        language=language,
        timezone=timezone,
    )
