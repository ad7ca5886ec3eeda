"""From an outlet's page to the mail: the security desk hears of it once, with the reason; the forum desk not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

from monitor.app import App, build
from monitor.model import Reason, Recipient
from monitor.parts import Tally
from monitor.settings import Settings
from tests.journey.conftest import Clock, Inbox
from tests.journey.outlet import Outlet

TITLE = "Abdellatif Hammouchi reçu à Doha par le chef de la sécurité d’État qatarie"
BODY = (
    "Le patron de la police marocaine a passé deux jours dans la capitale du Qatar, où il s’est entretenu avec son hôte "
    "des filières criminelles qui traversent la région.\nLes deux services veulent échanger davantage de renseignements "
    "et former leurs cadres ensemble, selon une source proche du dossier citée mardi à Rabat par l’agence marocaine."
)
OTHER = (
    "Une pluie attendue depuis des mois a rempli les barrages du nord, et les agriculteurs reprennent espoir."
)

Configure = Callable[..., Settings]
Start = Callable[[Settings], App]
MakeOutlet = Callable[[str], Outlet]


async def one_pass(app: App) -> Tally:
    tally = await app.gather()
    tally.add(await app.deliver())
    return tally


def body_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def test_a_reprinted_report_is_one_mail_with_its_reason(
    outlet: MakeOutlet, configure: Configure, start: Start, inbox: Inbox, clock: Clock
) -> None:
    first, second = outlet("matin"), outlet("soir")
    for each in (first, second):
        each.sidebar = "Marrakech accueille le Qatar Africa Business Forum"
        each.put("pluie", "Les barrages se remplissent", OTHER)
    settings = configure(
        {"id": "matin", "name": "Le Matinal", "url": first.feed, "full_text": True, "every": "5m"},
        {"id": "soir", "url": second.feed, "full_text": True, "every": "5m"},
    )
    async with start(settings) as app:
        assert (await one_pass(app)).alerts == 0
        first.put("doha", TITLE, BODY)
        clock.turn(minutes=10)
        assert (await one_pass(app)).delivered == 1
        second.put("visite", "Visite au Qatar : " + TITLE, BODY)
        clock.turn(minutes=10)
        tally = await one_pass(app)
        assert (tally.articles_new, tally.matches, tally.alerts) == (1, 1, 0)

    [mail] = inbox.of("security")
    assert inbox.of("forum") == []
    text = body_of(mail)
    assert "DGSN officials" in text
    assert "Hammouchi" in text
    assert "Le Matinal" in text


async def test_a_feed_and_a_sitemap_of_one_outlet_make_one_article(
    outlet: MakeOutlet, configure: Configure, start: Start
) -> None:
    paper = outlet("matin")
    paper.put("doha", TITLE, BODY)
    settings = configure(
        {"id": "feed", "url": paper.feed, "full_text": True},
        {"id": "map", "url": paper.sitemap, "kind": "news-sitemap", "full_text": True},
    )
    async with start(settings) as app:
        tally = await one_pass(app)
        assert (tally.items, tally.articles_new) == (2, 1)
        assert app.store.articles.count() == 1
    assert paper.requests.count("/matin/doha") == 1


async def test_what_the_first_reading_finds_alerts_nobody_unless_the_source_says_so(
    outlet: MakeOutlet, configure: Configure, start: Start, inbox: Inbox
) -> None:
    quiet, loud = outlet("matin"), outlet("soir")
    quiet.put("doha", TITLE, BODY)
    loud.put("alger", "Sûreté nationale : un colloque à Rabat", OTHER)
    settings = configure(
        {"id": "quiet", "url": quiet.feed}, {"id": "loud", "url": loud.feed, "backfill": True}
    )
    async with start(settings) as app:
        tally = await one_pass(app)
        assert (tally.articles_new, tally.matches, tally.alerts) == (2, 2, 1)
    assert len(inbox.of("security")) == 1


async def test_a_second_start_reads_nothing_again_and_alerts_nobody_again(
    outlet: MakeOutlet, configure: Configure, start: Start, inbox: Inbox, clock: Clock
) -> None:
    paper = outlet("matin")
    paper.put("doha", TITLE, BODY)
    settings = configure({"id": "matin", "url": paper.feed, "backfill": True, "every": "5m"})
    async with start(settings) as app:
        assert (await one_pass(app)).delivered == 1
    clock.turn(minutes=6)
    async with start(settings) as app:
        tally = await one_pass(app)
        assert (tally.sources, tally.not_modified, tally.items, tally.delivered) == (1, 1, 0, 0)
    assert len(inbox.of("security")) == 1


async def test_an_excluded_country_keeps_the_desk_quiet(
    outlet: MakeOutlet, configure: Configure, start: Start, inbox: Inbox
) -> None:
    paper = outlet("matin")
    paper.put(
        "alger", "Le chef de la Sûreté nationale à Alger", "Il a inauguré une école de police. " + OTHER
    )
    async with start(configure({"id": "matin", "url": paper.feed, "backfill": True})) as app:
        assert (await one_pass(app)).matches == 0
    assert inbox.mails == []


class Trap(dict[str, Recipient]):
    """Recipients that the judge cannot look up: a mistake of the program, met only by an article that alerts."""

    def get(self, key: str, default: object = None) -> Recipient:
        raise RuntimeError(f"no {key} today")


async def test_an_article_that_the_program_fails_on_is_told_and_keeps_no_other_from_being_read(
    outlet: MakeOutlet, configure: Configure, clock: Clock
) -> None:
    paper = outlet("matin")
    paper.put("a", "Le barrage déborde", OTHER)
    paper.put("doha", TITLE, BODY)
    paper.put("b", "Le barrage déborde encore", OTHER + " La crue passe mardi.")
    faults: list[str] = []
    settings = configure({"id": "matin", "url": paper.feed, "backfill": True})
    async with build(settings, clock=clock, on_fault=lambda name, error: faults.append(str(error))) as app:
        app.parts = replace(app.parts, rules=replace(app.rules, recipients=Trap()))
        tally = await app.gather()
        assert tally.articles_new == 2
        assert faults == ["no security today"]
        [problem] = [message for source, message in tally.problems if source == "matin"]
        assert "failed to judge it: RuntimeError" in problem
        decisions = [line.decision for line in app.store.ledger.recent()]
        assert Reason.REFINE_FAILED in {decision.reason for decision in decisions}


async def test_a_page_that_cannot_be_had_leaves_the_feeds_text_and_a_line_in_the_ledger(
    outlet: MakeOutlet, configure: Configure, start: Start
) -> None:
    paper = outlet("matin")
    paper.articles.append(("absent", TITLE, BODY))  # announced, but its page answers 500
    settings = configure({"id": "matin", "url": paper.feed, "backfill": True, "full_text": True})
    async with start(settings) as app:
        assert (await one_pass(app)).alerts == 1
        reasons = {line.decision.reason for line in app.store.ledger.recent()}
        assert Reason.PAGE_FAILED in reasons
