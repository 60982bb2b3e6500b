"""Which words mean what in a date, in each language?

A word's meaning is a sign, one letter that the grammar is written in, and a number:

====  ==========================================================================
M W D month (1 to 12); weekday (Monday is 0); a day
t q   to; to or at (Spanish `a`, French `à`)
f b   from; between
a |   and; or
@ H   at; at the hour of (a clock time must follow)
h k   hours of a 24-hour clock; hours of a clock that may be one of 12
m s   minutes; seconds
A p   part of the day (`AM` to `LATE`); the same, or nothing at all
N     noon (12) or midnight (0)
Z z   a named zone; words that speak of a zone without naming it
v V   vague; vague even where a headline follows the date
r     relative to the day of reading
o *   says nothing; has no place in a date
====  ==========================================================================

Phrases are written with `_`, alternatives with a space, months and days with `,`.
"""

from __future__ import annotations

AM, PM, MORNING, AFTERNOON, EVENING, NIGHT, MIDDAY, LATE = range(1, 9)

MONTHS = {
    "en": "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,"
    "september sept sep,october oct,november nov,december dec",
    "fr": "janvier janv jan,fevrier fevr fev,mars mar,avril avr,mai,juin,juillet juil jul,aout,"
    "septembre sept sep,octobre oct,novembre nov,decembre dec",
    "es": "enero ene,febrero feb,marzo mar,abril abr,mayo may,junio jun,julio jul,agosto ago,"
    "septiembre setiembre sept sep set,octubre oct,noviembre nov,diciembre dic",
    "ru": "январь января январе янв,февраль февраля феврале фев февр,март марта марте мар,"
    "апрель апреля апреле апр,май мая мае,июнь июня июне июн,июль июля июле июл,"
    "август августа августе авг,сентябрь сентября сентябре сент сен,"
    "октябрь октября октябре окт,ноябрь ноября ноябре нояб ноя,"
    "декабрь декабря декабре дек",
    "ar": "يناير كانون_الثاني جانفي,فبراير شباط فيفري,مارس آذار,أبريل إبريل نيسان أفريل,"
    "مايو أيار ماي نوار,يونيو يونيه حزيران جوان,يوليو يوليه تموز جويلية يوليوز,"
    "أغسطس آب أوت غشت,سبتمبر أيلول شتنبر,أكتوبر تشرين_الأول,"
    "نوفمبر تشرين_الثاني نونبر,ديسمبر كانون_الأول دجنبر",
    "zh": "元月,,,,,,,,,,,",
}

WEEKDAYS = {
    "en": "monday mon,tuesday tue tues,wednesday wed weds,thursday thu thur thurs,friday fri,"
    "saturday sat,sunday sun",
    "fr": "lundi lun,mardi mar,mercredi mer,jeudi jeu,vendredi ven,samedi sam,dimanche dim",
    "es": "lunes lun,martes mar,miercoles mie mier,jueves jue,viernes vie,sabado sab,domingo dom",
    "ru": "понедельник понедельника пн,вторник вторника вт,среда среду среды ср,"
    "четверг четверга чт,пятница пятницу пятницы пт,суббота субботу субботы сб,"
    "воскресенье воскресенья вс",
    "ar": "الاثنين الإثنين,الثلاثاء,الأربعاء,الخميس,الجمعة,السبت,الأحد",
    "zh": "星期一 周一 週一 礼拜一 禮拜一,星期二 周二 週二 礼拜二 禮拜二,"
    "星期三 周三 週三 礼拜三 禮拜三,星期四 周四 週四 礼拜四 禮拜四,"
    "星期五 周五 週五 礼拜五 禮拜五,星期六 周六 週六 礼拜六 禮拜六,"
    "星期日 星期天 周日 周天 週日 礼拜日 礼拜天 禮拜日 禮拜天",
}

WORDS = {
    "en": {
        "o": "of the on in day dated inclusive",
        "t": "to until till through thru",
        "f": "from",
        "b": "between",
        "a": "and",
        "|": "or",
        "@": "at",
        "h": "h hr hrs hs hour hours",
        "k": "o'clock",
        "m": "min mins minutes",
        f"A{MORNING}": "morning in_the_morning",
        f"A{AFTERNOON}": "afternoon in_the_afternoon",
        f"A{EVENING}": "evening in_the_evening",
        "N12": "noon midday",
        "N0": "midnight",
        "z": "time local",
        "v": "early late mid middle end beginning start half quarter q week weeks weekend about "
        "around circa approximately approx before after since by spring summer autumn "
        "winter fall onwards onward later ongoing earliest latest sometime soon every each daily "
        "weekly monthly mondays tuesdays wednesdays thursdays fridays saturdays sundays",
        "*": "uhr",
        "V": "bc bce tbc tbd tba tentative tentatively provisional provisionally confirmed "
        "announced postponed cancelled canceled rescheduled",
        "r": "today tomorrow yesterday tonight next last this current coming now ago inst ult "
        "present previous following",
    },
    "fr": {
        "o": "de du des d le la les en jour dans l er inclus",
        "t": "au aux jusqu'au",
        "q": "à",
        "f": "des_le",
        "b": "entre",
        "a": "et",
        "|": "ou",
        "h": "h heures hrs",
        "m": "min mn minutes",
        f"A{MORNING}": "matin du_matin",
        f"A{AFTERNOON}": "apres-midi de_l'apres-midi l'apres-midi",
        f"A{EVENING}": "soir du_soir",
        "N12": "midi",
        "N0": "minuit",
        "Zcairo": "heure_du_caire",
        "z": "heure locale",
        "v": "début mi fin moitié trimestre semestre semaine vers environ avant après depuis "
        "printemps été automne hiver courant_du jusqu'à partir chaque tous",
        "V": "provisoire confirmer reporté reportée annulé annulée",
        "r": "aujourd'hui demain hier prochain prochaine dernier dernière courant ce cette "
        "maintenant passé",
    },
    "es": {
        "o": "de del el la los las en día días inclusive",
        "D1": "primero",
        "t": "al hasta",
        "q": "a",
        "f": "desde",
        "b": "entre",
        "a": "y e",
        "|": "o u",
        "@": "a_las a_la",
        "h": "h hs hrs horas",
        "m": "min minutos",
        f"A{MORNING}": "de_la_mañana",
        f"A{AFTERNOON}": "de_la_tarde",
        f"A{EVENING}": "de_la_noche",
        f"A{NIGHT}": "de_la_madrugada",
        "N12": "mediodía al_mediodía a_mediodía",
        "N0": "medianoche",
        "z": "hora",
        "v": "principios comienzos inicios mediados finales fines fin mitad trimestre semestre "
        "semana hacia alrededor antes después primavera verano otoño invierno partir cada todos",
        "V": "provisional confirmar aplazado aplazada cancelado cancelada",
        "r": "hoy mañana ayer próximo próxima pasado pasada corriente presente en_curso este_mes "
        "que_viene este_año esta_semana actual ahora",
    },
    "ru": {
        "o": "года год году г гг на период включительно",
        "t": "по до",
        "f": "с со",
        "b": "между",
        "a": "и",
        "|": "или",
        "@": "в во",
        "k": "ч час часа часов",
        "m": "мин минут минуты",
        f"A{MORNING}": "утра",
        f"A{AFTERNOON}": "дня",
        f"A{EVENING}": "вечера",
        f"A{NIGHT}": "ночи",
        "N12": "полдень",
        "N0": "полночь",
        "Zmsk": "мск",
        "Zgmt": "гринвичу по_гринвичу",
        "z": "время времени",
        "v": "начало начале середина середине конец конце половина половине квартал квартале "
        "неделя неделе неделю около примерно ориентировочно после весна весной лето летом "
        "осень осенью зима зимой каждый каждую каждое",
        "V": "предварительно уточняется",
        "r": "сегодня завтра вчера текущего текущий текущем этого эту этой этом следующего "
        "следующий следующую следующей следующем будущего будущей будущем прошлого прошлый "
        "прошлую прошлой прошлом сего с_г т_г нынешнего сейчас",
    },
    "ar": {
        "o": "يوم في من عام سنة لعام الموافق شهر أيام يومي",
        "t": "إلى الى حتى",
        "b": "بين",
        "a": "و",
        "|": "أو",
        "H": "الساعة",
        "m": "دقيقة",
        f"A{AM}": "ص",
        f"A{MORNING}": "صباحا صباح",
        f"A{LATE}": "مساء",
        f"p{PM}": "م",
        f"A{AFTERNOON}": "بعد_الظهر",
        f"A{MIDDAY}": "ظهرا",
        "Zgmt": "بتوقيت_غرينتش بتوقيت_جرينتش بتوقيت_غرينيتش غرينتش",
        "z": "بتوقيت توقيت",
        "v": "أوائل أواخر منتصف بداية نهاية مطلع حوالي نحو قبل بعد منذ أسبوع الربع النصف "
        "الربيع الصيف الخريف الشتاء ربيع صيف خريف شتاء كل",
        "*": "ربيع_الأول ربيع_الثاني ربيع_الآخر",
        "r": "اليوم غدا أمس الجاري الحالي الماضي المقبل القادم الماضية المقبلة القادمة هذا",
    },
    "zh": {
        "t": "至 到",
        "a": "和 及 与 與",
        "|": "或",
        f"A{MORNING}": "上午 早上 早晨 清晨",
        f"A{AFTERNOON}": "下午",
        f"A{EVENING}": "晚上 傍晚 晚",
        f"A{NIGHT}": "凌晨",
        f"A{MIDDAY}": "中午",
        "N12": "正午 中午",
        "N0": "午夜 半夜",
        "Zgmt": "格林尼治时间 格林威治时间",
        "z": "当地时间 时间",
        "v": "上旬 中旬 下旬 月初 月中 月底 年初 年底 年中 左右 大约 前后 之前 之后 以前 "
        "以后 季度 上半年 下半年 周末 春季 夏季 秋季 冬季 春天 夏天 秋天 冬天 截至 截止 每周 每月",
        "V": "待定 暂定",
        "r": "今天 明天 昨天 后天 前天 今年 明年 去年 本月 上月 下月 今日 明日 昨日 "
        "上个月 下个月 本年",
    },
}

# How a zone is named after a city, and the cities in the order of `CITIES` (`_`: none).
ZONE_PHRASES = {
    "en": (
        "{} time",
        "vienna geneva new_york nairobi paris london madrid moscow beirut cairo beijing",
    ),
    "fr": (
        "heure de {}",
        "vienne genève new_york nairobi paris londres madrid moscou beyrouth _ pékin",
    ),
    "es": (
        "hora de {}",
        "viena ginebra nueva_york nairobi parís londres madrid moscú beirut el_cairo pekín",
    ),
    "ru": (
        "по {} времени",
        "венскому женевскому _ _ парижскому лондонскому _ московскому _ каирскому пекинскому",
    ),
    "ar": (
        "بتوقيت {}",
        "فيينا جنيف نيويورك نيروبي باريس لندن مدريد موسكو بيروت القاهرة بكين",
    ),
    "zh": ("{}时间", "维也纳 日内瓦 纽约 内罗毕 巴黎 伦敦 马德里 莫斯科 贝鲁特 开罗 北京"),
}
# The Russian names as they stand alone.
CITY_NAMES = "вена женева нью-йорк найроби париж лондон мадрид москва бейрут каир пекин"

CITIES = (
    "VIENNA",
    "GENEVA",
    "NEW YORK",
    "NAIROBI",
    "PARIS",
    "LONDON",
    "MADRID",
    "MOSCOW",
    "BEIRUT",
    "CAIRO",
    "BEIJING",
)
ZONE_NAMES = (*CITIES, "GMT", "MSK")

# Zones of which `zones` knows nothing, or that are one only where no name follows (`Central Hall`).
# Unknown ones in capitals need no list.
OTHER_ZONES = (
    "MEZ MESZ OEZ OESZ WEZ MEST HNEC HAEC HNE HAE UCT SGT PHT ICT WIB WITA NPT AWST ACST ACDT "
    "HST AKST AKDT BRT CLT TRT LT LMT UZT EASTERN CENTRAL MOUNTAIN PACIFIC ZULU GREENWICH "
    "ORTSZEIT LOKALZEIT SOMMERZEIT WINTERZEIT"
)
KINDS_OF_TIME = "standard daylight summer winter mean european"

# Words that have the letters of an abbreviation; words, and towns of 5,000 people and more,
# that are one letter from one.
WORDS_LIKE_ZONES = "CAT EAT WAT WEST WET"
TOWNS_LIKE_ZONES = (
    "ADA ADET ANT APT ASA ASK ASO ASTI BEST BUC CAN CATU CAY CEE CESA CEY COT CREST EDD "
    "EDE EKET ELST EMET ESTE ETE GOT HAT HIT HUT IMST ISA ISE KOT LIST MOST MUT NET OMSK PEST "
    "POST REET SALT TAT TUD TUI TUT TUY UTA UTO WAI WAO WAU WAW WEM WETE"
)
