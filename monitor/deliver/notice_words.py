"""What operators are told of a state, and what to do about it, in their language. Pure; a table.

Called by notice; the English advice is what `monitor doctor` prints. A new language is one more entry; an unknown one
reads English.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoticeWords:
    label: str  # begins the subject
    states: dict[str, str]
    advice: dict[str, str]
    since: str
    well_again: str
    more: str  # {n}
    colon: str = ": "


_ENGLISH = NoticeWords(
    label="media-monitor",
    states={
        "ok": "well again",
        "empty": "empty",
        "failing": "failing",
        "blocked": "blocked",
        "gone": "gone",
        "overrun": "items were missed",
        "silent": "silent",
        "moved": "moved",
        "clock-wrong": "wrong clock or dates",
        "unreachable": "not reached",
        "dead-letters": "alerts were given up",
        "disk-full": "full: no source is read",
        "disk-low": "nearly full",
        "restored": "restored from a backup",
    },
    advice={
        "empty": "Open the address: where the outlet shows articles elsewhere, `monitor sources add` finds their feed.",
        "failing": "Read it now with `monitor sources test`; if the outlet is up in a browser, look for another address "
        "with `monitor sources add`.",
        "blocked": "The outlet refuses robots here: its news sitemap or WordPress API often answers (`monitor sources "
        "add`), or ask the outlet; name a contact in fetch.user_agent.",
        "gone": "The address is no more: find the new one with `monitor sources add`, or remove the source.",
        "overrun": "Shorten its `every`, or take its news sitemap, which holds more; what was missed may be in it.",
        "silent": "Look at the outlet: if it publishes, this address is abandoned; `monitor sources add` finds its others.",
        "moved": "Write the new address into the source's url.",
        "clock-wrong": "The articles' dates cannot be believed meanwhile; tell the outlet, or check this machine's time "
        "(`timedatectl`).",
        "unreachable": "Its alerts wait and go out in order once it works again: mend the way there, or the channel's "
        "address; `monitor outbox channels` shows the next try.",
        "dead-letters": "`monitor outbox list --state dead` shows them: mend the channel, then `monitor outbox retry --all`, "
        "or drop them.",
        "disk-full": "Free some space there: what is recorded still goes out, and the sources are read again as soon as 64 MB are free.",
        "disk-low": "Free some space there, or shorten `retention`; `monitor doctor` shows what the database takes.",
        "restored": "Everything is as it was at that time; what was told since may come again. Nothing needs to be done.",
    },
    since="Since",
    well_again="Well again",
    more="and {n} more; `monitor doctor` shows all",
)

_FRENCH = NoticeWords(
    label="media-monitor",
    states={
        "ok": "rétabli",
        "empty": "vide",
        "failing": "en panne",
        "blocked": "bloqué",
        "gone": "disparu",
        "overrun": "des articles ont été manqués",
        "silent": "silencieux",
        "moved": "déplacé",
        "clock-wrong": "horloge ou dates fausses",
        "unreachable": "injoignable",
        "dead-letters": "des alertes ont été abandonnées",
        "disk-full": "plein : plus aucune source n’est lue",
        "disk-low": "presque plein",
        "restored": "rétablie depuis une sauvegarde",
    },
    advice={
        "empty": "Ouvrez l’adresse : si le site publie ailleurs, `monitor sources add` trouve le bon flux.",
        "failing": "Lisez-le avec `monitor sources test` ; si le site répond dans un navigateur, cherchez une autre "
        "adresse avec `monitor sources add`.",
        "blocked": "Le site refuse les robots ici : son sitemap d’actualités ou son API WordPress répond souvent "
        "(`monitor sources add`) ; sinon, écrivez au site et indiquez un contact dans fetch.user_agent.",
        "gone": "L’adresse n’existe plus : trouvez la nouvelle avec `monitor sources add`, ou retirez la source.",
        "overrun": "Raccourcissez son `every`, ou prenez son sitemap d’actualités, qui en contient davantage.",
        "silent": "Regardez le site : s’il publie, cette adresse est abandonnée ; `monitor sources add` trouve les autres.",
        "moved": "Écrivez la nouvelle adresse dans l’url de la source.",
        "clock-wrong": "Les dates des articles ne sont pas fiables ; prévenez le site, ou vérifiez l’heure de cette "
        "machine (`timedatectl`).",
        "unreachable": "Ses alertes attendent et partiront dans l’ordre dès qu’il répondra : rétablissez la liaison ou "
        "corrigez l’adresse du canal ; `monitor outbox channels` montre le prochain essai.",
        "dead-letters": "`monitor outbox list --state dead` les montre : corrigez le canal, puis `monitor outbox retry "
        "--all`, ou abandonnez-les (`drop`).",
        "disk-full": "Libérez de la place : ce qui est enregistré part encore, et les sources sont relues dès que 64 Mo sont libres.",
        "disk-low": "Libérez de la place, ou raccourcissez `retention` ; `monitor doctor` montre ce que prend la base.",
        "restored": "Tout est comme à ce moment-là ; ce qui a été envoyé depuis peut revenir. Il n’y a rien à faire.",
    },
    since="Depuis",
    well_again="Rétabli",
    more="et {n} autres ; `monitor doctor` montre tout",
    colon="\N{NO-BREAK SPACE}: ",
)

_SPANISH = NoticeWords(
    label="media-monitor",
    states={
        "ok": "restablecido",
        "empty": "vacío",
        "failing": "con fallos",
        "blocked": "bloqueado",
        "gone": "desaparecido",
        "overrun": "se perdieron artículos",
        "silent": "en silencio",
        "moved": "trasladado",
        "clock-wrong": "reloj o fechas erróneos",
        "unreachable": "inaccesible",
        "dead-letters": "se abandonaron alertas",
        "disk-full": "lleno: no se lee ninguna fuente",
        "disk-low": "casi lleno",
        "restored": "restaurada desde una copia",
    },
    advice={
        "empty": "Abra la dirección: si el medio publica en otra, `monitor sources add` la encuentra.",
        "failing": "Léalo con `monitor sources test`; si el medio responde en un navegador, busque otra dirección con "
        "`monitor sources add`.",
        "blocked": "El medio rechaza robots aquí: su sitemap de noticias o su API de WordPress suele responder "
        "(`monitor sources add`); si no, escriba al medio e indique un contacto en fetch.user_agent.",
        "gone": "La dirección ya no existe: busque la nueva con `monitor sources add` o quite la fuente.",
        "overrun": "Acorte su `every`, o use su sitemap de noticias, que contiene más.",
        "silent": "Mire el medio: si publica, esta dirección está abandonada; `monitor sources add` encuentra las otras.",
        "moved": "Escriba la nueva dirección en la url de la fuente.",
        "clock-wrong": "Las fechas de los artículos no son fiables; avise al medio, o revise la hora de esta máquina "
        "(`timedatectl`).",
        "unreachable": "Sus alertas esperan y saldrán en orden cuando responda: restablezca la conexión o corrija la "
        "dirección del canal; `monitor outbox channels` muestra el próximo intento.",
        "dead-letters": "`monitor outbox list --state dead` las muestra: corrija el canal y después `monitor outbox retry "
        "--all`, o descártelas (`drop`).",
        "disk-full": "Libere espacio: lo registrado todavía sale, y las fuentes se leen de nuevo en cuanto haya 64 MB libres.",
        "disk-low": "Libere espacio o acorte `retention`; `monitor doctor` muestra lo que ocupa la base.",
        "restored": "Todo está como en ese momento; lo enviado desde entonces puede repetirse. No hay que hacer nada.",
    },
    since="Desde",
    well_again="Restablecido",
    more="y {n} más; `monitor doctor` los muestra todos",
)

_ARABIC = NoticeWords(
    label="media-monitor",
    states={
        "ok": "عاد إلى العمل",
        "empty": "فارغ",
        "failing": "متعطل",
        "blocked": "محجوب",
        "gone": "لم يعد موجودا",
        "overrun": "فاتت مقالات",
        "silent": "صامت",
        "moved": "انتقل",
        "clock-wrong": "ساعة أو تواريخ خاطئة",
        "unreachable": "تعذر الوصول إليه",
        "dead-letters": "تُرك تسليم تنبيهات",
        "disk-full": "امتلأ: لا يُقرأ أي مصدر",
        "disk-low": "أوشك على الامتلاء",
        "restored": "استعيدت من نسخة احتياطية",
    },
    advice={
        "empty": "افتح العنوان: إن كان الموقع ينشر في مكان آخر فإن `monitor sources add` يجده.",
        "failing": "اقرأه بالأمر `monitor sources test`؛ وإن كان الموقع يعمل في المتصفح فابحث عن عنوان آخر بالأمر "
        "`monitor sources add`.",
        "blocked": "الموقع يرفض البرامج الآلية هنا: كثيرا ما تجيب خريطة الأخبار أو واجهة WordPress (`monitor sources "
        "add`)، أو راسل الموقع واذكر وسيلة اتصال في fetch.user_agent.",
        "gone": "لم يعد العنوان موجودا: ابحث عن الجديد بالأمر `monitor sources add` أو احذف المصدر.",
        "overrun": "قصّر مدة `every`، أو استعمل خريطة الأخبار فهي تضم أكثر.",
        "silent": "انظر في الموقع: إن كان ينشر فهذا العنوان مهجور، و`monitor sources add` يجد غيره.",
        "moved": "اكتب العنوان الجديد في url المصدر.",
        "clock-wrong": "لا يوثق بتواريخ المقالات الآن؛ أخبر الموقع، أو تحقق من ساعة هذا الجهاز (`timedatectl`).",
        "unreachable": "تنبيهاته تنتظر وسترسل بالترتيب حين يعود: أصلح الطريق إليه أو عنوان القناة؛ يعرض `monitor outbox "
        "channels` المحاولة التالية.",
        "dead-letters": "يعرضها `monitor outbox list --state dead`: أصلح القناة ثم `monitor outbox retry --all`، أو احذفها "
        "(`drop`).",
        "disk-full": "أفرغ بعض المساحة: ما سُجّل ما زال يُرسل، وتُقرأ المصادر من جديد حين تتوفر 64 ميغابايت.",
        "disk-low": "أفرغ بعض المساحة أو قصّر مدة `retention`؛ يعرض `monitor doctor` ما تشغله قاعدة البيانات.",
        "restored": "عاد كل شيء كما كان في ذلك الوقت؛ وقد يتكرر ما أرسل بعده. لا يلزم فعل شيء.",
    },
    since="منذ",
    well_again="عاد إلى العمل",
    more="و{n} غيرها؛ يعرضها `monitor doctor` كلها",
)

_LANGUAGES = {"en": _ENGLISH, "fr": _FRENCH, "es": _SPANISH, "ar": _ARABIC}


def notice_words_for(language: str) -> NoticeWords:
    """As `words_for`: with or without a region; English where we do not speak it."""
    return _LANGUAGES.get(language.replace("_", "-").partition("-")[0].lower(), _ENGLISH)
