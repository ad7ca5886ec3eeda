"""What the pages behind an alert's links say, in the recipient's language. Pure; asked by `links`.

A new language is one more `PageWords` in the table; an unknown one reads English.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import ReplyKind


@dataclass(frozen=True, slots=True)
class Asked:
    """One kind of answer: the question, what it will do, its button, and what is said when it is done."""

    title: str
    means: str  # {who}, {watchlists}
    button: str
    done: str


@dataclass(frozen=True, slots=True)
class PageWords:
    language: str
    kinds: dict[ReplyKind, Asked]
    undo: str
    undone: str
    since: str  # {at}
    refused: tuple[str, str]  # a title and what to do
    expired: tuple[str, str]
    gone: tuple[str, str]
    unclear: tuple[str, str]
    busy: tuple[str, str]
    rtl: bool = False


_ACK, _NOT, _SILENCE, _LEAVE, _ALL = ReplyKind

ENGLISH = PageWords(
    language="en",
    kinds={
        _ACK: Asked(
            "Acknowledge this alert?",
            "It is recorded that {who} has seen it and takes care of it. Nobody else is called in for it.",
            "Acknowledge",
            "Acknowledged.",
        ),
        _NOT: Asked(
            "Is this alert not relevant?",
            "{who} gets nothing further about this story, and whoever tends the watchlist sees that it caught too much.",
            "Not relevant",
            "Recorded as not relevant.",
        ),
        _SILENCE: Asked(
            "Silence this story?",
            "{who} gets nothing further about this story. Other stories are told as before.",
            "Silence this story",
            "The story is silenced.",
        ),
        _LEAVE: Asked(
            "Unsubscribe?",
            "{who} gets no further alert of: {watchlists}. If others read this address too, they get none either.",
            "Unsubscribe",
            "Unsubscribed.",
        ),
        _ALL: Asked(
            "Unsubscribe from all alerts?",
            "{who} gets no further alert of any watchlist. If others read this address too, they get none either.",
            "Unsubscribe from all",
            "Unsubscribed from all alerts.",
        ),
    },
    undo="Undo",
    undone="It is taken back.",
    since="Since {at} UTC",
    refused=(
        "This link is not valid",
        "It is damaged or incomplete. Open it from the mail again, or copy it whole.",
    ),
    expired=(
        "This link has expired",
        "Use the links of a newer alert, or ask the desk that runs the alerts.",
    ),
    gone=("This alert is no longer stored", "Use the links of a newer alert."),
    unclear=(
        "Nothing was changed",
        "The request did not say what to do. Open the link and press the button.",
    ),
    busy=("Not recorded yet", "The service did not answer in time. Please try again in a minute."),
)

FRENCH = PageWords(
    language="fr",
    kinds={
        _ACK: Asked(
            "Prendre en compte cette alerte ?",
            "Il est noté que {who} l’a vue et s’en occupe. Personne d’autre n’est sollicité pour elle.",
            "Prendre en compte",
            "Alerte prise en compte.",
        ),
        _NOT: Asked(
            "Cette alerte est-elle hors sujet ?",
            "{who} ne reçoit plus rien sur cette affaire, et les responsables de la veille voient qu’elle ratisse trop large.",
            "Hors sujet",
            "Noté : hors sujet.",
        ),
        _SILENCE: Asked(
            "Ne plus suivre cette affaire ?",
            "{who} ne reçoit plus rien sur cette affaire. Les autres affaires sont signalées comme avant.",
            "Ne plus suivre",
            "Cette affaire n’est plus suivie.",
        ),
        _LEAVE: Asked(
            "Se désabonner ?",
            "{who} ne reçoit plus d’alerte de : {watchlists}. Si d’autres personnes lisent cette adresse, elles n’en reçoivent plus non plus.",
            "Se désabonner",
            "Désabonnement enregistré.",
        ),
        _ALL: Asked(
            "Se désabonner de toutes les alertes ?",
            "{who} ne reçoit plus d’alerte d’aucune veille. Si d’autres personnes lisent cette adresse, elles n’en reçoivent plus non plus.",
            "Se désabonner de tout",
            "Désabonnement de toutes les alertes enregistré.",
        ),
    },
    undo="Annuler",
    undone="C’est annulé.",
    since="Depuis le {at} UTC",
    refused=(
        "Ce lien n’est pas valable",
        "Il est abîmé ou incomplet. Ouvrez-le depuis le message, ou copiez-le en entier.",
    ),
    expired=(
        "Ce lien a expiré",
        "Utilisez les liens d’une alerte plus récente, ou adressez-vous au service qui gère les alertes.",
    ),
    gone=("Cette alerte n’est plus conservée", "Utilisez les liens d’une alerte plus récente."),
    unclear=(
        "Rien n’a été modifié",
        "La demande ne dit pas quoi faire. Ouvrez le lien et appuyez sur le bouton.",
    ),
    busy=("Pas encore enregistré", "Le service n’a pas répondu à temps. Réessayez dans une minute."),
)

SPANISH = PageWords(
    language="es",
    kinds={
        _ACK: Asked(
            "¿Tomar nota de esta alerta?",
            "Queda registrado que {who} la ha visto y se ocupa de ella. No se avisa a nadie más por ella.",
            "Tomar nota",
            "Se ha tomado nota.",
        ),
        _NOT: Asked(
            "¿No es pertinente esta alerta?",
            "{who} no recibe nada más sobre esta noticia, y quien cuida el seguimiento ve que abarca demasiado.",
            "No es pertinente",
            "Registrada como no pertinente.",
        ),
        _SILENCE: Asked(
            "¿Silenciar esta noticia?",
            "{who} no recibe nada más sobre esta noticia. De las demás se avisa como antes.",
            "Silenciar",
            "La noticia queda silenciada.",
        ),
        _LEAVE: Asked(
            "¿Darse de baja?",
            "{who} no recibe más alertas de: {watchlists}. Si otras personas leen esta dirección, tampoco las reciben.",
            "Darse de baja",
            "Baja registrada.",
        ),
        _ALL: Asked(
            "¿Darse de baja de todas las alertas?",
            "{who} no recibe más alertas de ningún seguimiento. Si otras personas leen esta dirección, tampoco las reciben.",
            "Darse de baja de todo",
            "Baja de todas las alertas registrada.",
        ),
    },
    undo="Deshacer",
    undone="Se ha deshecho.",
    since="Desde el {at} UTC",
    refused=(
        "Este enlace no es válido",
        "Está dañado o incompleto. Ábralo de nuevo desde el correo, o cópielo entero.",
    ),
    expired=(
        "Este enlace ha caducado",
        "Use los enlaces de una alerta más reciente, o pregunte a quien gestiona las alertas.",
    ),
    gone=("Esta alerta ya no se conserva", "Use los enlaces de una alerta más reciente."),
    unclear=("No se ha cambiado nada", "La petición no dice qué hacer. Abra el enlace y pulse el botón."),
    busy=("Aún no está registrado", "El servicio no respondió a tiempo. Inténtelo de nuevo en un minuto."),
)

ARABIC = PageWords(
    language="ar",
    kinds={
        _ACK: Asked(
            "هل تؤكد الاطلاع على هذا التنبيه؟",
            "يُسجَّل أن {who} اطّلع عليه ويتابعه، ولن يُستدعى أحد آخر من أجله.",
            "تأكيد الاطلاع",
            "تم تسجيل الاطلاع.",
        ),
        _NOT: Asked(
            "هل هذا التنبيه خارج الموضوع؟",
            "لن يصل إلى {who} شيء آخر عن هذا الخبر، ويرى المشرفون على قائمة الرصد أنها أوسع مما يجب.",
            "لا يعنيني",
            "سُجّل أنه خارج الموضوع.",
        ),
        _SILENCE: Asked(
            "هل تريد إسكات هذا الخبر؟",
            "لن يصل إلى {who} شيء آخر عن هذا الخبر. أما الأخبار الأخرى فتصل كما كانت.",
            "إسكات هذا الخبر",
            "تم إسكات الخبر.",
        ),
        _LEAVE: Asked(
            "هل تريد إلغاء الاشتراك؟",
            "لن تصل إلى {who} تنبيهات من: {watchlists}. وإن كان آخرون يقرؤون هذا العنوان فلن تصلهم أيضا.",
            "إلغاء الاشتراك",
            "تم إلغاء الاشتراك.",
        ),
        _ALL: Asked(
            "هل تريد إلغاء الاشتراك في كل التنبيهات؟",
            "لن يصل إلى {who} أي تنبيه من أي قائمة رصد. وإن كان آخرون يقرؤون هذا العنوان فلن تصلهم أيضا.",
            "إلغاء الاشتراك في الكل",
            "تم إلغاء الاشتراك في كل التنبيهات.",
        ),
    },
    undo="تراجع",
    undone="تم التراجع.",
    since="منذ \u2066{at}\u2069 بالتوقيت العالمي",  # isolated: else the date is read backwards
    refused=("هذا الرابط غير صالح", "الرابط تالف أو ناقص. افتحه من الرسالة مرة أخرى أو انسخه كاملا."),
    expired=(
        "انتهت صلاحية هذا الرابط",
        "استعمل روابط تنبيه أحدث، أو اسأل المكتب المسؤول عن التنبيهات.",
    ),
    gone=("لم يعد هذا التنبيه محفوظا", "استعمل روابط تنبيه أحدث."),
    unclear=("لم يتغير شيء", "لم يذكر الطلب ما المطلوب. افتح الرابط واضغط على الزر."),
    busy=("لم يُسجَّل بعد", "لم تجب الخدمة في الوقت المناسب. أعد المحاولة بعد دقيقة."),
    rtl=True,
)

_LANGUAGES = {words.language: words for words in (ENGLISH, FRENCH, SPANISH, ARABIC)}


def page_words(language: str) -> PageWords:
    """By a code such as `fr` or `ar-MA`, or the first of a browser's list (Accept-Language)."""
    first = language.partition(",")[0].partition(";")[0].strip().replace("_", "-")
    return _LANGUAGES.get(first.partition("-")[0].lower(), ENGLISH)
