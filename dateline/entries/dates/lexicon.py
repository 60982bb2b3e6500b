"""The words of dates in each language, with their meanings.

A word's meaning is a symbol, one letter that the grammar is written in, and a number:

====  ==========================================================================
M W D month (1 to 12); weekday (Monday is 0); a day
t q   to; to or at (Spanish `a`, French `à`)
f b F from; between; from or of (Arabic `من`)
u Y   the word `day`, which counts days unless a day follows; `year`, unless beside one
a |   and; or
@ H   at; at the hour of (a clock time must follow)
h k   hours
m s   minutes; seconds
c D g j  numbers in words (`vocabulary`)
G L   minutes after the hour; before it (`et demie`, `menos cuarto`)
P Q   the same, standing before the hour (`half past`, `quarter to`)
i l   past; less
A p   part of the day (`AM` to `LATE`); the same, or nothing at all
N     noon (12) or midnight (0)
Z z   a named zone; words that speak of a zone without naming it
v V   vague; vague even where a headline follows the date
r E   relative to the day of reading; the day after, of which an end may be
K     a room or a building, which may have a number
o *   says nothing; has no place in a date
====  ==========================================================================

Phrases are written with `_`, alternatives with a space, months and days with `,`.
"""

from __future__ import annotations

AM, PM, MORNING, AFTERNOON, EVENING, NIGHT, MIDDAY, LATE, DARK = range(1, 10)

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
    "ar": "يناير كانون_الثاني كانون_ثاني جانفي,فبراير شباط فيفري,مارس آذار,أبريل إبريل نيسان أفريل,"
    "مايو أيار ماي نوار,يونيو يونيه حزيران جوان,يوليو يوليه تموز جويلية يوليوز,"
    "أغسطس آب أوت غشت,سبتمبر أيلول شتنبر,أكتوبر تشرين_الأول تشرين_أول,"
    "نوفمبر تشرين_الثاني تشرين_ثاني نونبر,ديسمبر كانون_الأول كانون_أول دجنبر",
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
        "o": "of the on in dated inclusive sharp a_d",
        "Y": "year",
        "u": "day days",
        "t": "to until till through thru",
        "f": "from",
        "b": "between",
        "a": "and",
        "|": "or",
        "@": "at",
        "h": "h hr hrs hs hour hours",
        "k": "o'clock",
        "m": "min mins minutes",
        "i": "past",
        "P30": "half_past half_-_past",
        "P15": "quarter_past a_quarter_past",
        "Q15": "quarter_to a_quarter_to",
        f"A{MORNING}": "morning in_the_morning",
        f"A{AFTERNOON}": "afternoon in_the_afternoon",
        f"A{EVENING}": "evening in_the_evening",
        f"A{DARK}": "at_night",
        "N12": "noon midday",
        "N0": "midnight",
        "z": "time local",
        "E": "next_day following_day day_after",
        "K": "room hall floor building gate suite studio auditorium booth stand pavilion platform",
        "v": "night nights eve mornings afternoons evenings early late mid middle end beginning "
        "start half quarter q week weeks weekend about "
        "around circa approximately approx before after since by spring summer autumn "
        "winter fall onwards onward later ongoing earliest latest sometime soon every each daily "
        "weekly monthly mondays tuesdays wednesdays thursdays fridays saturdays sundays",
        "*": "uhr bc bce b_c b_c_e ah a_h hijri julian coptic o_s old_style calendar",
        "V": "tbc tbd tba tentative tentatively provisional provisionally confirmed unconfirmed "
        "announced postponed cancelled canceled rescheduled moved possible possibly probable "
        "probably likely unlikely maybe perhaps presumably expected expectedly estimated planned "
        "proposed preliminary roughly approximate or_so give_or_take subject_to permitting "
        "old_date former_date not no never "
        "except excluding unless without original originally formerly former",
        "r": "today tomorrow yesterday tonight next last this current coming now ago inst ult "
        "present previous following",
    },
    "fr": {
        "o": "de du des d le la les en l inclus précises précise pile",
        "Y": "an année",
        "u": "jour jours journée",
        "t": "au aux jusqu'au",
        "q": "à",
        "f": "des_le",
        "b": "entre",
        "a": "et",
        "|": "ou",
        "h": "h heures heure hrs",
        "m": "min mn minutes minute",
        "l": "moins",
        "G15": "et_quart et_un_quart et_le_quart un_quart",
        "G30": "et_demie et_demi",
        "G45": "trois_quarts et_trois_quarts",
        "L15": "moins_le_quart moins_un_quart moins_quart",
        f"A{MORNING}": "matin du_matin",
        f"A{AFTERNOON}": "apres-midi de_l'apres-midi l'apres-midi",
        f"A{EVENING}": "soir du_soir",
        f"A{DARK}": "de_la_nuit",
        "N12": "midi",
        "N0": "minuit",
        "Zcairo": "heure_du_caire",
        "z": "heure locale",
        "E": "lendemain",
        "K": "salle salon hall étage bâtiment porte amphi amphithéâtre auditorium studio stand",
        "v": "quinzaine veille nuit matinée soirée tiers début mi fin moitié trimestre semestre "
        "semaine vers "
        "environ avant après depuis "
        "printemps été automne hiver courant_du jusqu'à partir chaque tous",
        "V": "provisoire prévisionnel prévisionnelle confirmer reporté reportée annulé annulée "
        "probable probablement "
        "peut_-_être "
        "possible possiblement prévu prévue estimé estimée éventuellement sous_réserve "
        "approximativement environ initialement ancien ancienne sauf excepté jamais",
        "*": "av_j_-_c av_j_c avant_j_-_c avant_notre_ère hégire calendrier",
        "r": "aujourd'hui demain hier prochain prochaine dernier dernière courant ce cette "
        "maintenant passé",
    },
    "es": {
        "o": "de del el la los las en inclusive en_punto",
        "Y": "año",
        "u": "día días",
        "t": "al hasta",
        "q": "a",
        "f": "desde",
        "b": "entre",
        "a": "y e",
        "|": "o u",
        "@": "a_las a_la",
        "h": "h hs hrs horas",
        "m": "min minutos minuto",
        "l": "menos",
        "G15": "y_cuarto",
        "G30": "y_media",
        "G45": "y_tres_cuartos",
        "L15": "menos_cuarto",
        f"A{MORNING}": "de_la_mañana por_la_mañana",
        f"A{AFTERNOON}": "de_la_tarde por_la_tarde",
        f"A{EVENING}": "de_la_noche por_la_noche",
        f"A{MIDDAY}": "del_mediodía",
        f"A{NIGHT}": "de_la_madrugada",
        "N12": "mediodía al_mediodía a_mediodía",
        "N0": "medianoche",
        "z": "hora",
        "E": "día_siguiente",
        "K": "sala salón aula piso planta edificio puerta auditorio estudio",
        "v": "quincena víspera noche tercio principios comienzos inicios mediados finales fines "
        "fin mitad trimestre semestre "
        "semana hacia alrededor antes después primavera verano otoño invierno partir cada todos",
        "V": "provisional por_definir confirmar aplazado aplazada cancelado cancelada pospuesto "
        "pospuesta "
        "probable probablemente quizá quizás tal_vez posible posiblemente previsto prevista "
        "estimado estimada aproximadamente aprox tentativo tentativa a_eso_de nunca salvo "
        "excepto antiguo antigua originalmente",
        "*": "a_c hégira calendario",
        "r": "hoy mañana ayer próximo próxima pasado pasada corriente presente en_curso este_mes "
        "que_viene este_año esta_semana actual ahora",
    },
    "ru": {
        "o": "на период включительно числа число от ровно",
        "Y": "года год году г гг",
        "u": "день дни дней",
        "t": "по до",
        "f": "с со",
        "b": "между",
        "a": "и",
        "|": "или",
        "@": "в во",
        "k": "ч час часа часов",
        "m": "мин минут минуты минута минуту",
        "s": "сек секунд секунды",
        "l": "без",
        "Q15": "без_четверти",
        "Q30": "половина половине половину",
        "Q45": "четверть",
        f"A{MORNING}": "утра утром",
        f"A{AFTERNOON}": "дня днём пополудни",
        f"A{EVENING}": "вечера вечером",
        f"A{DARK}": "ночи ночью",
        "N12": "полдень",
        "N0": "полночь",
        "Zmsk": "мск",
        "Zgmt": "гринвичу по_гринвичу",
        "z": "время времени",
        "E": "следующего_дня",
        "K": "зал зале аудитория аудитории кабинет кабинете корпус этаж этаже комната комнате",
        "v": "декада декаде ночь канун накануне начало начале середина середине конец конце "
        "половина "
        "половине квартал квартале "
        "неделя неделе неделю около примерно ориентировочно после весна весной лето летом "
        "осень осенью зима зимой каждый каждую каждое",
        "V": "предварительно уточняется вероятно возможно предположительно ожидается планируется "
        "может_быть приблизительно кроме никогда перенос перенесено перенесён отменено "
        "отменён отложено отложен старая старый прежняя",
        "*": "календарю календарь стиля ст_ст н_э до_н_э хиджры",
        "r": "сегодня завтра вчера текущего текущий текущем этого эту этой этом следующего "
        "следующий следующую следующей следующем будущего будущей будущем прошлого прошлый "
        "прошлую прошлой прошлом сего с_г т_г нынешнего сейчас",
    },
    "ar": {
        "o": "في الموافق شهر تمام",
        "Y": "عام العام سنة لعام للعام ميلادي ميلادية للميلاد",
        "F": "من",
        "u": "يوم أيام يومي",
        "t": "إلى الى حتى",
        "b": "بين",
        "a": "و",
        "|": "أو",
        "H": "الساعة على_الساعة عند_الساعة في_تمام_الساعة عند_تمام_الساعة بتمام_الساعة تمام_الساعة",
        "m": "دقيقة دقائق",
        "l": "إلا",
        "G15": "والربع وربع و_الربع و_ربع",
        "G20": "والثلث وثلث و_الثلث",
        "G30": "والنصف ونصف و_النصف و_نصف",
        "L15": "إلا_ربعا إلا_ربع إلا_الربع",
        "L20": "إلا_ثلثا إلا_ثلث إلا_الثلث",
        f"A{AM}": "ص",
        f"A{MORNING}": "صباحا صباح في_الصباح قبل_الظهر قبل_ظهر",
        f"A{LATE}": "مساء مسا في_المساء",
        f"p{PM}": "م",
        f"A{AFTERNOON}": "بعد_الظهر بعد_ظهر عصرا عصر",
        f"A{MIDDAY}": "ظهرا ظهر",
        f"A{DARK}": "ليلا",
        f"A{NIGHT}": "فجرا فجر",
        "N0": "منتصف_الليل",
        "Zgmt": "بتوقيت_غرينتش بتوقيت_جرينتش بتوقيت_غرينيتش غرينتش",
        "z": "بتوقيت توقيت",
        "E": "اليوم_التالي",
        "K": "القاعة قاعة الغرفة غرفة المبنى مبنى الطابق البوابة",
        "v": "أوائل أواخر منتصف بداية نهاية مطلع حوالي نحو قبل بعد منذ أسبوع الأسبوع أسبوعا "
        "الربع النصف أول آخر أثناء خلال "
        "الربيع الصيف الخريف الشتاء ربيع صيف خريف شتاء كل",
        "V": "تقريبا مبدئيا مؤجل ملغى ألغي تأجل ربما محتمل متوقع يتوقع تأجيل إلغاء",
        "*": "ربيع_الأول ربيع_الثاني ربيع_الآخر ه هجري هجرية للهجرة ق_م التقويم",
        "r": "اليوم غدا أمس الجاري الحالي الماضي المقبل القادم الماضية المقبلة القادمة هذا",
    },
    "zh": {
        "o": "于 公元 公元后",
        "t": "至 到",
        "l": "差",
        "a": "和 及 与 與",
        "|": "或",
        f"A{MORNING}": "上午 早上 早晨 清晨 早 午前",
        f"A{AFTERNOON}": "下午 午后 午後",
        f"A{EVENING}": "晚上 傍晚 晚 晚间 晚間 夜晚",
        f"A{DARK}": "夜间 夜間 夜里 夜裡 深夜",
        f"A{NIGHT}": "凌晨",
        f"A{MIDDAY}": "中午 午间 午間",
        "N12": "正午 中午",
        "N0": "午夜 半夜",
        "Zgmt": "格林尼治时间 格林威治时间",
        "z": "当地时间 时间",
        "v": "上旬 中旬 下旬 月初 月中 月底 年初 年底 年中 左右 大约 前后 之前 之后 以前 "
        "以后 季度 上半年 下半年 周末 春季 夏季 秋季 冬季 春天 夏天 秋天 冬天 截至 截止 每周 每月",
        "E": "次日 翌日",
        "V": "待定 暂定 推迟 延期 取消 改期 预计 可能 也许 大概",
        "*": "公元前 农历 農曆 阴历 旧历 民国 民國",
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
# The Russian names in the nominative.
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

# What is said of a meeting in the place of a room.
WORDS_ONLINE = (
    "online hybrid virtual webinar ligne hybride virtuel visioconférence línea híbrido онлайн "
    "дистанционно عبر افتراضي 线上 在线"
)
# Words that have the letters of an abbreviation; words, and towns of 5,000 people and more,
# that are one letter from one.
WORDS_LIKE_ZONES = "CAT EAT WAT WEST WET"
TOWNS_LIKE_ZONES = (
    "ADA ADET ANT APT ASA ASK ASO ASTI BEST BUC CAN CATU CAY CEE CESA CEY COT CREST EDD "
    "EDE EKET ELST EMET ESTE ETE GOT HAT HIT HUT IMST ISA ISE KOT LIST MOST MUT NET OMSK PEST "
    "POST REET SALT TAT TUD TUI TUT TUY UTA UTO WAI WAO WAU WAW WEM WETE"
)
