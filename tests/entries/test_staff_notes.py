"""Lines and gaps of staff are found in any order of their words, and no news that is like them."""

from __future__ import annotations

import time

import pytest

from dateline.entries.normalise.not_public import part_of_name, part_of_title, parts

NEWS = "Sixty cases.\n\nСто случаев.\n\n六十例。\n\nستون حالة."
# A moment, in words that the lists of forms in `not_public` do not have.
EMBARGOES = """
    Публикация разрешается не ранее 3 декабря, 9:00 мск
    Просьба не публиковать до 3 декабря
    Время снятия эмбарго: 3 декабря, 10:00 по Гринвичу
    ВНИМАНИЕ: эмбарго до 3 декабря, 18.00
    Можно публиковать с 10:00 3 декабря
    媒体禁令解除时间：2026年12月3日 10:00 GMT
    【禁止提前发布】12月3日上午十时解禁
    新聞稿禁發期至2026年12月3日上午10時
    在12月3日上午１０时前严禁对外公布
    12月3日（星期四）上午10点前保密
    يرجى عدم النشر قبل الساعة 10 صباحا يوم الخميس
    يُرفَع الحَظـر عن النشر يوم ٣ ديسمبر الساعة ١٠:٠٠
    ﺣﻈﺮ ﺍﻟﻨﺸﺮ ﺣﺘﻰ 3 ديسمبر
    خاضع لحظر النشر حتى 3 كانون الأول/ديسمبر
    مادة محظورة النشر حتى 3/12/2026
    Nota de prensa con embargo hasta el 3 de diciembre
    El embargo se levanta el 3 de diciembre a las 10:00 CET
    Rogamos no difundir antes del jueves 3 de diciembre
    Communiqué sous embargo jusqu'au 3 décembre
    Diffusion interdite avant le 3 décembre
    Reproduction interdite avant le 3 décembre
    Merci de respecter l'embargo du 3 décembre à 10h
    Publication possible dès le 3 décembre à 10h
    The content of this report must not be quoted before 3 December 2026, 17:00 GMT
    Le contenu du présent rapport ne doit pas être cité ni résumé avant le 3 décembre à 17 heures
    El contenido de este informe no debe citarse ni resumirse antes de las 17.00 del 3 de diciembre
    本报告内容在2026年12月3日格林尼治标准时间17时之前不得被印刷、广播或电子媒体引用或摘录
""".strip().split("\n    ")
NOTES = """
    ПРОЕКТ. Не для распространения
    Черновик, версия 3
    Предварительная версия, не распространять
    На согласовании у руководства
    Текст не согласован
    ДСП
    内部资料 注意保密
    征求意见稿，请勿外传
    暂缓发布
    送审稿
    未经批准，不得发布
    مسودة رقم 3 (28 نوفمبر)
    قيد المراجعة - لا تنشر
    سري - للاطلاع الداخلي
    وثيقة داخلية - ليست للنشر
    Documento interno. No difundir
    Versión preliminar, no distribuir
    Pendiente de aprobación
    Usage interne uniquement
    En attente de validation par la direction
    Document de travail – ne pas citer
""".strip().split("\n    ")
GAPS = """
    [ФИО] [указать количество участников] (уточнить!) [вставить ссылку на доклад]
    【此处插入主任引语】 【姓名】 （待补充数据） [填写姓名]
    [الاسم] [يضاف اقتباس المدير] (يُستكمل لاحقاً)
    [nombre y cargo] (completar cifra) [insertar enlace al informe]
    [nom, titre] (à vérifier) [préciser le lieu]
""".strip().split("\n    ")
LIKE_NOTES = """
    Запрет на публикацию опросов действует с 3 декабря.
    Эмбарго на поставки нефти вступает в силу 3 декабря
    Эфир: 3 декабря, 10:00
    Аккредитация СМИ до 3 декабря, 18:00
    Пресс-релиз, 28 ноября 2026 г.
    Окончательный текст принят 3 декабря.
    Для внутреннего рынка
    禁止在学校周边发布烟草广告
    保密法12月3日起施行
    发布会时间：12月3日10:00
    新闻稿 2026年12月1日
    公开征求意见
    截止日期：12月31日
    حظر التجول حتى الساعة 10:00
    رفع الحظر الجوي يوم 3 ديسمبر
    المؤتمر الصحفي: الساعة 10:00 يوم 3 ديسمبر
    نشرة 3 ديسمبر 2026
    Comunicado, 3 de diciembre de 2026, 10:00
    Plazo: hasta el 3 de diciembre a las 10:00
    Prohibida la venta antes de las 10:00
    Difusión: 3 de diciembre, 21:00
    Diffusion : 3 décembre 2026, 20 h 50
    Interdit aux moins de 18 ans
    Communiqué de presse du 3 décembre 2026 à 10 h
    Version provisoire
    Documento de trabajo
    [sic] [Citations.] (à confirmer) (chiffres à préciser)
    (completo) [:nombre, :nombre=] [número 3](https://example.org/) （完） [name] (проверено)
    В XX веке
    Insertion sort （插入） and [插入排序 & 归并排序 (video)]
    ## Черновик
    Press release No. 12/2026
    PRESS RELEASE No 123/26
    Official publication no. 12
    Final report No. 3
    Reproduction prohibited
    Reproduction interdite
    Diffusion sans restriction
    未经授权 禁止转载
    未经许可不得转载
    请勿转载
""".strip().split("\n    ")
EVIL = [
    "不得发布" * 60_000,
    "до 3 мая " * 60_000,
    "не публиковать до 3 мая\n" * 20_000,
    "[вставить " * 60_000 + "(" * 60_000,
    "XX de " * 100_000 + "X月" * 60_000,
    ("ن\u064e" * 100 + "\n") * 3_000,
    "[before, not; check]" * 20_000 + ("\n\n" + "please, " * 17) * 3,
]


# Orders that go on in words of any kind.
ORDERS = """
    Не размещать на сайте до согласования с Женевой
    Не для публикации: телефон Сергея 8 916 555-12-34
    (для своих: фамилию пострадавшей убрать перед публикацией)
    Пока не выкладывать, ждём отмашки от директора
    Ирина, без моего «ок» не выпускай
    НЕ ПУБЛИКОВАТЬ ДО ВЫСТУПЛЕНИЯ ГЕНЕРАЛЬНОГО СЕКРЕТАРЯ
    Текст ещё не согласован с юристами, не выпускать
    Под строгим эмбарго до начала брифинга
    يرجى عدم توزيع هذا النص قبل صدور القرار
    لا تنشروا هذا قبل أن أتصل بكم
    ننتظر موافقة نيويورك، لا تنشروا الآن
    ملاحظة للمحرر: يحذف اسم الضحية قبل النشر
    تحت الحظر حتى إلقاء الأمين العام كلمته
    【小王：请核对数字后再发】
    先不要发，等纽约的消息
    此消息须待安理会表决后才能公布
    真实姓名见附件，请勿公开
    发布前删除本行
    遗孀电话（不公开）：13900002222
    UNDER EMBARGO - not for release before the Secretary-General's statement
    Not to be published until the families have been informed
    [Anna: please check the figure with Geneva before this goes out]
    Please hold until the minister has spoken
    Awaiting sign-off from OLA, please don't post yet
    NB for web team: don't put this para online
    Merci de ne pas mettre en ligne avant mon feu vert
    Sous embargo strict jusqu'à la conférence de presse
    Note pour la rédaction : supprimer ce paragraphe avant publication
    En attente de validation du service juridique
    À publier après la signature de l'accord seulement
    Por favor, no subir a la web hasta que yo avise
    Pendiente del visto bueno de Nueva York, no colgar todavía
    [Sofía, comprueba la cifra con Ginebra antes de publicar]
    Confidencial hasta el anuncio oficial
    Este fragmento no debe salir
    Публикация запрещена до решения комиссии
    Просим воздержаться от публикации до начала церемонии
    نرجو الامتناع عن النشر حتى بدء الاحتفال
    引语还没批准，没有引语不要发
    Please refrain from publishing until the ceremony begins
    Merci de vous abstenir de toute publication avant le début de la cérémonie
    Versión interna, la de la web es otra
    Черновой вариант, ждём правок от министерства
    Перед публикацией сверить с Анной
    لا تعلنوا عن هذا قبل الزيارة الرسمية
    正式访问之前不要宣布
    Rough draft, waiting for edits from the ministry
    Voir avec Anna avant publication
    No anunciar antes de la visita oficial
    Do not use this quote
    This must not go out before Anna has seen it
    Ne pas publier cette info avant le feu vert
    No difundir este comunicado
    Коллеги, не публикуйте новость до звонка
    Не выкладывайте этот абзац
    Держать до отмашки
    لا تنشروا هذا الخبر قبل موافقتنا
    先不要转发
    En attente de validation, merci de patienter un peu
    Merci de vérifier le chiffre avant diffusion
    Quítalo antes de publicar
""".strip().splitlines()
ORDERS = [*map(str.strip, ORDERS)]
LIKE_ORDERS = [
    "NOT FOR DISTRIBUTION TO U.S. NEWSWIRE SERVICES OR FOR DISSEMINATION IN THE UNITED STATES",
    "The ministry asked the media not to publish before the vote.",
    "Facebook will check all posts before publication.",
    "Do not use the water: the pipe has burst",
    "El juez pidió no publicar antes del juicio.",
    "Le maire a promis de ne pas diffuser avant mardi.",
    "Полиция просит не публиковать до суда имена свидетелей.",
    "«Не публиковать до среды», — написал он.",
    "Эмбарго до 1994 года действовало во всех странах",
    "分别发布了三份报告",
    "Draft resolution: ministers meet before publication of the list",
    "Do not drink tap water until further notice",
    "市场监管总局：不得发布虚假广告",
    "截至本报发稿前尚未确认死者身份。",
    "记者发稿前再次确认，航班已取消。",
    "接到报警后才发现钱包不见了。",
    "待资料齐全后再发放补贴。",
    "等水开后再用小火煮十分钟。",
    "等待上级批准后开工。",
    "去年以来，该国经济再发力。",
    "补贴政策再发力，新能源车销量上升。",
    "核实情况，防止事故再发生。",
    "如有破损，请勿使用。",
    "未经证实的消息，请勿转发。",
    "饭前请勿使用。",
    "Awaiting confirmation from Geneva, the ministry gave no figures.",
    "If your chair has this number, do not use it.",
    "Do not go out until the warning ends.",
    "Do not use this crossing until Monday.",
    "Do not put the battery in the bin.",
    "Check the weather before it goes dark",
    "Ne pas sortir avant la fin de l’alerte.",
    "Ne pas relayer cette rumeur, demande la préfecture.",
    "Bloquée jusqu’à lundi, la route rouvrira par étapes.",
    "En attente du feu vert de la préfecture, la plage reste fermée.",
    "A la espera de autorización, el barco sigue en el puerto.",
    "No se anunció nada hasta el martes.",
    "No salir hasta nuevo aviso, pide Protección Civil.",
    "No puede salir del país, decide el juez.",
    "Quite las pilas antes de colgar el cuadro.",
    "Имена погибших не разглашаются.",
    "Пока не сообщается, есть ли пострадавшие.",
    "Никогда не публикуйте паспортные данные в социальных сетях.",
    "Не ставьте машины под деревьями: ожидается шторм.",
    "Перед выходом проверьте прогноз погоды.",
    "بانتظار موافقة البرلمان، يبقى المشروع معلقا.",
    "لا ترسلوا هذا الرمز إلى أحد.",
    "Check your answers before release of the results.",
    "Cut-off for applications is two weeks before publication of the list.",
    "Colleagues only found out on Monday.",
    "Do not use until fully charged.",
    "Le ministère n’a pas confirmé avant la publication.",
    "Vérifiez votre adresse avant la publication de la liste électorale.",
    "Las cifras fueron revisadas antes de la publicación.",
    "Verifique sus datos antes de la publicación de los resultados.",
    "Проверьте себя в списке до публикации результатов.",
    "Отложен до понедельника матч «Динамо».",
    "待验收合格后方可使用。",
    "تحقق من بياناتك قبل نشر النتائج.",
    "وقالت الصحيفة إنها لا تنشر قبل التحقق",
]


@pytest.mark.parametrize("line", ORDERS)
def test_an_order_of_staff_is_found_whatever_it_says(line: str) -> None:
    """Above and below a text, and not among its paragraphs."""
    assert parts(f"{line}\n\n{NEWS}", has_moment=True) == [line]
    assert parts(f"{NEWS}\n\n{line}\n", has_moment=True) == [line]


@pytest.mark.parametrize(
    "aside",
    [
        "[Anna: check with Geneva before publishing]",
        "[Оля, не публикуй без визы]",
        "【等总部确认后再发】",
    ],
)
def test_an_order_in_brackets_is_found_anywhere(aside: str) -> None:
    """Square ones: staff write so beside the words that it is about."""
    text = f"{NEWS}\n\nSixty cases {aside} were reported.\n\n{NEWS}"

    assert parts(text, has_moment=True) == [aside]


@pytest.mark.parametrize("line", LIKE_ORDERS)
def test_news_of_orders_is_published(line: str) -> None:
    """Somebody gives them, or they go on otherwise."""
    assert parts(f"{line}\n\n{NEWS}", has_moment=False) == []


@pytest.mark.parametrize("has_moment", [False, True])
def test_an_order_until_a_moment_is_an_embargo(*, has_moment: bool) -> None:
    """Also where the date has the moment."""
    text = f"Media are asked not to report before noon on 15 December\n\n{NEWS}"

    assert parts(text, has_moment=has_moment) == text.splitlines()[:1]
    assert parts(text, has_moment=has_moment, is_over=lambda _: True) == []


@pytest.mark.parametrize("line", EMBARGOES)
def test_an_embargo_is_found_in_whatever_words(line: str) -> None:
    """Above and below a text, until it is over, whatever the date says."""
    for text in (f"{line}\n\n{NEWS}", f"{NEWS}\n\n{line}\n"):
        assert parts(text, has_moment=False) == [line]
        assert parts(text, has_moment=True) == [line]
        assert parts(text, has_moment=True, is_over=lambda _: True) == []


@pytest.mark.parametrize("line", NOTES)
def test_a_note_of_staff_is_found_in_whatever_words(line: str) -> None:
    """Above and below a text, and not among its paragraphs."""
    assert parts(f"{line}\n\n{NEWS}", has_moment=True) == [line]
    assert parts(f"{NEWS}\n\n{line}\n", has_moment=True) == [line]
    if not line.isupper():
        assert parts(f"{NEWS}\n\n{line}\n\n{NEWS}", has_moment=True) == []


@pytest.mark.parametrize("line", ["备注：此段发布前删除", "Прим. ред.: убрать до публикации"])
def test_what_is_to_be_removed_before_publication_is_found_anywhere(line: str) -> None:
    """Staff write so beside the paragraph that it is about."""
    assert parts(f"{NEWS}\n\n{line}\n\n{NEWS}", has_moment=True) == [line]


@pytest.mark.parametrize("text", [" ".join(GAPS), "XX декабря", "XX de mayo", "XX月XX日"])
def test_what_is_still_to_be_filled_in_is_found(text: str) -> None:
    """In brackets within a sentence, and as a day without a number."""
    found = parts(f"Sixty cases in {text} were reported.", has_moment=True)

    assert " ".join(found) == text


@pytest.mark.parametrize("line", LIKE_NOTES)
def test_news_in_nearly_the_same_words_is_published(line: str) -> None:
    """It always says something more."""
    assert parts(f"{line}\n\n{NEWS}", has_moment=False) == []


@pytest.mark.parametrize(
    "line",
    [
        "定时发布：12月3日 10:00",
        "请于12月3日上午10点发布",
        "请在12月3日10:00发布",
        "Опубликовать 3 декабря",
        "للنشر في 3 ديسمبر",
    ],
)
def test_a_day_of_release_holds_a_text_if_it_is_to_come(line: str) -> None:
    """Most texts have the day on which they are out."""
    text = f"{line}\n\n{NEWS}"

    assert parts(text, has_moment=False, is_ahead=lambda _: True) == [line]
    assert parts(text, has_moment=False, is_ahead=lambda _: False) == []


@pytest.mark.parametrize(
    "line", ["请于12月3日关注新品发布。", "请在12月1日上午收看直播发布", "请在12月1日前在官网发布"]
)
def test_a_call_to_readers_is_no_order(line: str) -> None:
    """It has more words between the moment and the verb."""
    assert parts(f"{line}\n\n{NEWS}", has_moment=False, is_ahead=lambda _: True) == []


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("[НА СОГЛАСОВАНИИ] Порт", "[НА СОГЛАСОВАНИИ]"),
        ("Порт (не для публикации)", "(не для публикации)"),
        ("港口开放（送审稿）", "（送审稿）"),
        ("ميناء (مسودة أولى)", "(مسودة أولى)"),
        ("Puerto (borrador para revisión)", "(borrador para revisión)"),
        ("Эмбарго до 3 декабря: порт", "Эмбарго до 3 декабря:"),
        ("НЕ ПУБЛИКОВАТЬ!!! Порт открыт", "НЕ ПУБЛИКОВАТЬ!!!"),
        ("Порт (ещё не согласовано с юристами)", "(ещё не согласовано с юристами)"),
        ("[hold until Thursday] Port opens", "[hold until Thursday]"),
        ("Le port ouvre (ne pas mettre en ligne)", "(ne pas mettre en ligne)"),
        ("NO PUBLICAR Abre el puerto", "NO PUBLICAR"),
        ("NOT FOR DISTRIBUTION IN THE US: Port sells bonds", ""),
        ("Порт (проект)", ""),
        ("Запрет публикации: суд решил", ""),
        ("禁止发布：新规", ""),
    ],
)
def test_a_title_may_have_a_note_in_brackets(title: str, found: str) -> None:
    """Or an embargo before it."""
    assert part_of_title(title) == found


def test_a_name_in_a_script_without_capitals_may_say_that_it_is_a_draft() -> None:
    """Where a sign divides the word from the rest."""
    names = ["草稿-港口.toml", "港口（初稿）.toml", "ميناء_مسودة.toml", "مسودة القرار.toml"]

    assert [*map(part_of_name, names)] == ["草稿", "初稿", "مسودة", ""]


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(EVIL)))
def test_no_text_takes_long(number: int) -> None:
    """The time grows with the length alone."""
    start = time.process_time()
    parts(EVIL[number], has_moment=False)

    assert time.process_time() - start < 8  # a quadratic expression takes minutes
