"""Places that the press of Morocco and the Gulf names: one id for a city or country in every language it is written in.

`places(words)` is called for the story profile of each article (judge). Knows names and the adjectives made of them;
never where an event took place. A word that ends in * stands for all that begin so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from monitor.text.arabic import readings
from monitor.text.tokens import Words

LONGEST = 3  # words of a name

# id: forms. Cities and regions of Morocco first, then other cities, then countries (in capitals).
_CITIES = """
casablanca: casablanca, casablancais*, الدار البيضاء, كازابلانكا, البيضاء
rabat: rabat, الرباط
sale: sala al jadida, سلا
fes: fes, fez, فاس
meknes: meknes, مكناس
marrakech: marrakech, marrakesh, marraquech, مراكش
tanger: tanger, tangier, tangiers, tánger, طنجة
tangermed: tanger med, tangier med, طنجة المتوسط
tetouan: tetouan, tetuan, tétouan, تطوان
agadir: agadir, أكادير, اكادير
oujda: oujda, uxda, وجدة
nador: nador, الناظور, الناضور
berkane: berkane, بركان
alhoceima: al hoceima, alhucemas, el hoceima, الحسيمة
driouch: driouch, الدريوش
midelt: midelt, ميدلت
boulemane: boulemane, boulmane, بولمان
ifrane: ifrane, إفران
azrou: azrou, أزرو
khenifra: khenifra, خنيفرة
benimellal: beni mellal, بني ملال
khouribga: khouribga, خريبكة
settat: settat, سطات
berrechid: berrechid, برشيد
eljadida: el jadida, الجديدة
safi: safi, آسفي
essaouira: essaouira, الصويرة
taza: taza, تازة
taounate: taounate, تاونات
sefrou: sefrou, صفرو
chefchaouen: chefchaouen, chaouen, شفشاون
larache: larache, العرائش
ksarelkebir: ksar el kebir, القصر الكبير
kenitra: kenitra, القنيطرة
sidikacem: sidi kacem, سيدي قاسم
khemisset: khemisset, الخميسات
temara: temara, تمارة
skhirat: skhirat, الصخيرات
mohammedia: mohammedia, المحمدية
benslimane: benslimane, بنسليمان
benguerir: benguerir, ben guerir, ابن جرير
kelaa: kelaa, el kelaa, قلعة السراغنة
ouarzazate: ouarzazate, ورزازات
zagora: zagora, زاكورة
errachidia: errachidia, الرشيدية
tinghir: tinghir, تنغير
taroudant: taroudant, تارودانت
tiznit: tiznit, تزنيت
guelmim: guelmim, كلميم
tantan: tan tan, طانطان
laayoune: laayoune, aaiun, el aaiun, العيون
dakhla: dakhla, dajla, الداخلة
smara: smara, السمارة
boujdour: boujdour, بوجدور
jerada: jerada, جرادة
guercif: guercif, جرسيف
figuig: figuig, فكيك
fnideq: fnideq, castillejos, الفنيدق
mdiq: mdiq, المضيق الفنيدق
ceuta: ceuta, ceuti*, sebta, septa, سبتة
melilla: melilla, melillen*, مليلية
tindouf: tindouf, tinduf, تندوف
benisar: beni ansar, beni nsar, beni enzar, بني أنصار
fquihbensalah: fquih ben salah, الفقيه بن صالح
azilal: azilal, أزيلال
alhaouz: al haouz, الحوز
doha: doha, الدوحة
lusail: lusail, لوسيل
raslaffan: ras laffan, رأس لفان
dubai: dubai, dubái, دبي
abudhabi: abu dhabi, abou dhabi, أبوظبي, أبو ظبي
sharjah: sharjah, الشارقة
ajman: ajman, عجمان
fujairah: fujairah, الفجيرة
rasalkhaimah: ras al khaimah, رأس الخيمة
kurdistan: kurdistan, كردستان, كوردستان
riyadh: riyadh, riyad, riad, الرياض
jeddah: jeddah, djeddah, yeda, جدة
mecca: mecca, makkah, mecque, meca, مكة
medina: madinah, medine, المدينة المنورة
manama: manama, المنامة
muscat: muscat, mascate, مسقط
hormuz: hormuz, ormuz, هرمز
aden: aden, عدن
sanaa: sanaa, صنعاء
baghdad: baghdad, bagdad, بغداد
erbil: erbil, أربيل
damascus: damascus, damas, damasco, دمشق
aleppo: aleppo, alep, alepo, حلب
beirut: beirut, beyrouth, بيروت
amman: amman, عمان الأردن
jerusalem: jerusalem, القدس
gaza: gaza, غزة
westbank: west bank, cisjordanie, cisjordania, الضفة الغربية
telaviv: tel aviv, تل أبيب
cairo: cairo, caire, القاهرة
alexandria: alexandria, alexandrie, الإسكندرية
tripoli: tripoli, طرابلس
benghazi: benghazi, bengasi, بنغازي
tunis: tunis, tunez capital, تونس العاصمة
algiers: algiers, alger, argel, الجزائر العاصمة
oran: oran, وهران
nouakchott: nouakchott, نواكشوط
khartoum: khartoum, jartum, الخرطوم
tehran: tehran, teheran, طهران
ankara: ankara, أنقرة
istanbul: istanbul, estambul, اسطنبول, إسطنبول
islamabad: islamabad, إسلام آباد
kabul: kabul, kaboul, كابول
newdelhi: new delhi, delhi, نيودلهي
moscow: moscow, moscou, moscu, موسكو
kyiv: kyiv, kiev, كييف
paris: paris, باريس
marseille: marseille, marsella, مرسيليا
lyon: lyon, ليون
madrid: madrid, مدريد
barcelona: barcelona, barcelone, برشلونة
seville: seville, sevilla, إشبيلية
algeciras: algeciras, algesiras, الجزيرة الخضراء
malaga: malaga, مالقة
london: london, londres, لندن
brussels: brussels, bruxelles, bruselas, بروكسل
strasbourg: strasbourg, estrasburgo, ستراسبورغ
berlin: berlin, برلين
rome: rome, roma, روما
geneva: geneva, geneve, ginebra, جنيف
davos: davos, دافوس
vienna: vienna, vienne, viena, فيينا
lisbon: lisbon, lisbonne, lisboa, لشبونة
washington: washington, واشنطن
newyork: new york, nueva york, نيويورك
losangeles: los angeles, لوس أنجلوس
beijing: beijing, pekin, بكين
shanghai: shanghai, شنغهاي
tokyo: tokyo, tokio, طوكيو
seoul: seoul, seul, سيول
addisababa: addis ababa, addis abeba, أديس أبابا
nairobi: nairobi, نيروبي
dakar: dakar, داكار
abidjan: abidjan, أبيدجان
kigali: kigali, كيغالي
"""

_COUNTRIES = """
MA: maroc*, morocc*, marruec*, marroqu*, المغرب, مغربي*, مغاربة, المملكة المغربية
EH: sahraou*, saharau*, western sahara, sahara occidental, الصحراء الغربية, البوليساريو, polisario
DZ: algeri*, argeli*, الجزائر, جزائري*
TN: tunis*, tunec*, tunez, تونس, تونسي*
LY: liby*, libi*, ليبيا, ليبي*
EG: egypt*, egip*, مصر, مصري*
MR: mauritan*, موريتاني*
SD: sudan*, soudan*, السودان, سوداني*
QA: qatar*, catar*, قطر, قطري*
AE: emirat*, emirati*, uae, الإمارات, إماراتي*
SA: saudi*, saoudi*, السعودية, سعودي*
KW: kuwait*, koweit*, kuweit*, الكويت, كويتي*
BH: bahrain*, bahrein*, البحرين, بحريني*
OM: oman*, sultanat d oman, سلطنة عمان, عماني*
YE: yemen*, اليمن, يمني*, houthi*, huti*, الحوثي*
IQ: iraq*, irak*, العراق, عراقي*
SY: syria*, syrie*, siria*, سوريا, سورية, سوري*
LB: leban*, liban*, libanes*, لبنان, لبناني*
JO: jordan*, الأردن, أردني*
PS: palestin*, فلسطين, فلسطيني*, hamas, حماس
IL: israel*, إسرائيل*, اسراييل*
IR: iran*, إيران, إيراني*
TR: turk*, turqu*, turc*, turqui*, تركيا, تركي*
PK: pakistan*, باكستان*
AF: afghan*, afgan*, أفغانستان, أفغاني*
IN: india, indian, indians, indien*, indie, inde, الهند, هندي*
BD: bangladesh*, بنغلاديش*
LK: sri lanka*, سريلانكا
NP: nepal*, نيبال*
CN: china, chinese, chine, chinois*, chino*, الصين, صيني*
JP: japan*, japon*, اليابان, ياباني*
KR: south korea*, coree du sud, corea del sur, كوريا الجنوبية
KP: north korea*, coree du nord, corea del norte, كوريا الشمالية
TW: taiwan*, تايوان*
PH: philippin*, filipin*, الفلبين, فلبيني*
ID: indones*, إندونيسيا, إندونيسي*
MY: malaysia*, malais*, malasia*, ماليزيا, ماليزي*
TH: thailand*, thai, thais, tailand*, تايلاند*
VN: vietnam*, فيتنام*
AU: australia*, australie*, أستراليا, أسترالي*
US: united states, us, usa, u s, american, americans, etats unis, americain*, eeuu, ee uu, estados unidos, estadounid*, الولايات المتحدة, أمريكا, أمريكي*, أميركي*, pentagon*, white house, maison blanche, casa blanca, البيت الأبيض
CA: canada*, canadi*, كندا, كندي*
MX: mexic*, المكسيك, مكسيكي*
CU: cuba*, كوبا
VE: venezuel*, venezol*, فنزويل*
CO: colombi*, كولومبيا, كولومبي*
PE: peru, peruvian*, peruan*, perou*, بيرو
CL: chile*, chili, chilien*, تشيلي, الشيلي
AR: argentin*, الأرجنتين, أرجنتيني*
BR: brazil*, brasil*, bresil*, البرازيل, برازيلي*
HN: hondur*, هندوراس
RU: russia*, russe*, russie, rusia, ruso*, rusa*, روسيا, روسي*
UA: ukrain*, ucrani*, أوكرانيا, أوكراني*
BY: belarus*, bielorrus*, bielorus*, بيلاروسيا
PL: poland, polish, pologne, polonais*, polonia, polac*, بولندا
FR: france, french, francais*, francia, frances*, فرنسا, فرنسي*
ES: spain, spanish, espagn*, espan*, إسبانيا, اسبانيا, إسباني*
PT: portug*, البرتغال, برتغالي*
IT: italy, italian*, italie*, italia, إيطاليا, إيطالي*
DE: german*, allemagn*, allemand*, aleman*, ألمانيا, ألماني*
NL: netherlands, dutch, pays bas, neerland*, paises bajos, holand*, هولندا, هولندي*
BE: belgi*, belg*, بلجيكا, بلجيكي*
LU: luxemb*, لوكسمبورغ
CH: switzerland, swiss, suisse*, suiza, suizo*, سويسرا, سويسري*
AT: austria*, autrich*, النمسا, نمساوي*
GB: britain, british, united kingdom, uk, england, royaume uni, britanni*, reino unido, بريطانيا, بريطاني*, المملكة المتحدة
IE: ireland, irish, irland*, أيرلندا
SE: swed*, sued*, suec*, السويد, سويدي*
NO: norway, norweg*, norveg*, norueg*, النرويج
DK: denmark, danish, danemark, danois*, dinamarca, الدنمارك
FI: finland*, finlandi*, فنلندا
GR: greece, greek*, grece, grec*, grecia, griego*, اليونان, يوناني*
CY: cyprus, cypriot*, chypr*, chipr*, قبرص
RS: serbia*, serbie, صربيا
UZ: uzbek*, ouzbek*, أوزبك*
KZ: kazakh*, kazaj*, كازاخستان*
KG: kyrgyz*, kirghiz*, kirguis*, قيرغيز*
TM: turkmen*, تركمان*
TJ: tajik*, tadjik*, طاجيك*
AZ: azerba*, azerbai*, أذربيجان*
AM: armenia*, armenie*, أرمينيا, أرميني*
GE: georgia, georgian*, georgie*, جورجيا
SN: senegal*, السنغال, سنغالي*
ML: mali, malien*, malian*, مالي
NE: niger, nigerien*, النيجر
NG: nigeria*, نيجيريا
TD: chad, tchad*, تشاد
CM: camero*, camerun*, الكاميرون
CI: ivory coast, cote d ivoire, ivoirien*, costa de marfil, كوت ديفوار, ساحل العاج
GA: gabon*, الغابون
GN: guinea, guinee*, غينيا
GH: ghana*, غانا
CD: dr congo, drc, rdc, congol*, الكونغو الديمقراطية, الكونغو
RW: rwand*, ruanda*, رواندا
BI: burundi*, بوروندي
UG: uganda*, ouganda*, أوغندا
KE: kenya*, kenia*, كينيا
ET: ethiopi*, etiop*, إثيوبيا, إثيوبي*
ER: eritrea*, erythre*, إريتريا
DJ: djibout*, yibuti, جيبوتي
SO: somal*, الصومال, صومالي*
MZ: mozambi*, موزمبيق
ZA: south africa*, afrique du sud, sud africain*, sudafric*, جنوب إفريقيا, جنوب أفريقيا
MG: madagas*, مدغشقر
TL: timor*, تيمور
SI: sloven*, سلوفينيا
SK: slovak*, سلوفاكيا
HU: hungar*, hongr*, hungr*, المجر
RO: romania, romanian*, roumain*, roumanie, rumania, رومانيا
BG: bulgar*, بلغاريا
AL: albania*, albanais*, ألبانيا
BA: bosnia*, bosnie, البوسنة
VA: vatican*, الفاتيكان
MV: maldiv*, المالديف
SC: seychell*, سيشل
MU: mauritius, ile maurice, isla mauricio, موريشيوس
KM: comor*, جزر القمر
NC: new caledonia, nouvelle caledonie
NZ: new zealand*, nouvelle zelande, nueva zelanda, نيوزيلندا
FJ: fiji*, fidji*, فيجي
VU: vanuatu*, فانواتو
PG: papua new guinea, papouasie, بابوا غينيا
SG: singapore*, singapour*, singapur*, سنغافورة
MM: myanmar*, birman*, birmania, ميانمار
KH: cambodia*, cambodg*, camboya*, كمبوديا
LA: laos, laotian*, لاوس
MN: mongolia*, mongolie*, منغوليا
BN: brunei*, بروناي
BT: bhutan*, بوتان
TG: togo*, توغو
BJ: benin*, بنين
BF: burkina*, بوركينا
LR: liberia*, liberia, ليبيريا
SL: sierra leone*, سيراليون
GM: gambia*, gambie*, غامبيا
GW: guinea bissau, guinee bissau, غينيا بيساو
GQ: equatorial guinea, guinee equatoriale, guinea ecuatorial
CV: cape verde, cap vert, cabo verde, الرأس الأخضر
CF: central african*, centrafri*, إفريقيا الوسطى
CG: brazzaville
SS: south sudan*, soudan du sud, sudan del sur, جنوب السودان
AO: angola*, أنغولا
ZM: zambia*, zambie*, زامبيا
ZW: zimbab*, زيمبابوي
NA: namibia*, namibie*, ناميبيا
BW: botswan*, بوتسوانا
MW: malawi*, مالاوي
TZ: tanzan*, تنزانيا
LS: lesotho, ليسوتو
SZ: eswatini, إسواتيني
BO: bolivia*, bolivie*, بوليفيا
EC: ecuador, ecuatorian*, equateur, الإكوادور
PY: paragua*, باراغواي
UY: urugua*, أوروغواي
PA: panama*, بنما
CR: costa rica*, costaric*, كوستاريكا
GT: guatemal*, غواتيمالا
SV: el salvador, salvadoren*, السلفادور
NI: nicarag*, نيكاراغوا
DO: dominican*, republica dominicana, الدومينيكان
HT: haiti*, هايتي
JM: jamaic*, جامايكا
TT: trinidad*, ترينيداد
EE: estonia*, estonie*, إستونيا
LV: latvia*, lettonie*, letonia*, لاتفيا
LT: lithuan*, lituan*, ليتوانيا
IS: iceland*, islande*, islandia*, آيسلندا
MT: malta, maltese*, malte, مالطا
MC: monaco, موناكو
AD: andorra*, andorre*, أندورا
LI: liechtenstein, ليختنشتاين
SM: san marino, saint marin, سان مارينو
ME: montenegr*, الجبل الأسود
MK: macedoni*, مقدونيا
HR: croat*, croac*, croatia, كرواتيا
MD: moldov*, moldav*, مولدوفا
XK: kosov*, كوسوفو
CZ: czech*, tchequ*, chec*, التشيك
GL: greenland*, groenland*, غرينلاند
HK: hong kong, هونغ كونغ
EU: european union, union europeenne, union europea, الاتحاد الأوروبي
GCC: gcc, ccg, مجلس التعاون, gulf cooperation council
"""

# A capital stands for its government more often than for the place of an event
CAPITALS = dict(
    pair.split("=")
    for pair in (
        "rabat=MA doha=QA riyadh=SA abudhabi=AE manama=BH muscat=OM sanaa=YE baghdad=IQ damascus=SY beirut=LB amman=JO "
        "cairo=EG tripoli=LY tunis=TN algiers=DZ nouakchott=MR khartoum=SD tehran=IR ankara=TR islamabad=PK kabul=AF "
        "newdelhi=IN moscow=RU kyiv=UA paris=FR madrid=ES london=GB berlin=DE rome=IT vienna=AT lisbon=PT washington=US "
        "beijing=CN tokyo=JP seoul=KR addisababa=ET nairobi=KE dakar=SN kigali=RW brussels=EU"
    ).split()
)


@dataclass(slots=True)
class _Gazetteer:
    exact: dict[str, str] = field(default_factory=dict)  # folded words with a space between -> id
    prefixes: dict[str, str] = field(default_factory=dict)
    firsts: set[str] = field(default_factory=set)  # of names of several words
    shortest: int = 3


def places(words: Sequence[str]) -> dict[str, int]:
    """How often each place is named in these folded words: cities by their name, countries by two or three capitals."""
    found: dict[str, int] = {}
    start = 0
    while start < len(words):
        id, length = _at(words, start)
        if id:
            found[id] = found.get(id, 0) + 1
        start += length
    return found


def is_country(id: str) -> bool:
    return id.isupper()


def _at(words: Sequence[str], start: int) -> tuple[str, int]:
    """The place whose name begins here and how many words it takes; "" and 1 where none does."""
    alone, begins = _word(words[start])
    if begins:
        exact = _gazetteer().exact
        for length in range(min(LONGEST, len(words) - start), 1, -1):
            tail = words[start + 1 : start + length]
            for first in readings(words[start]):
                if id := exact.get(" ".join((first, *tail)), ""):
                    return id, length
    return alone, 1


@lru_cache(maxsize=1 << 15)
def _word(word: str) -> tuple[str, bool]:
    """The place that the word names alone, and whether a longer name may begin with it."""
    gazetteer = _gazetteer()
    forms = readings(word)
    begins = any(first in gazetteer.firsts for first in forms)
    for first in forms:
        if id := gazetteer.exact.get(first, ""):
            return id, begins
    for first in forms:
        for end in range(len(first), gazetteer.shortest - 1, -1):
            if id := gazetteer.prefixes.get(first[:end], ""):
                return id, begins
    return "", begins


@cache
def _gazetteer() -> _Gazetteer:
    built = _Gazetteer()
    for line in (_CITIES + _COUNTRIES).strip().splitlines():
        id, _, forms = line.partition(":")
        for form in forms.split(","):
            folded = " ".join(Words(form.replace("*", " ")).words)
            if form.strip().endswith("*") and " " not in folded:
                built.prefixes[folded] = id
            else:
                built.exact.setdefault(folded, id)
                # Arabic names are found behind the article and without it
                built.exact.setdefault(folded.removeprefix("ال"), id)
    built.firsts.update(form.partition(" ")[0] for form in built.exact if " " in form)
    return built
