"""Parts of a text that are not for readers are found, and nothing that looks like them."""

from __future__ import annotations

import time

import pytest

from dateline.entries.normalise.not_public import part_of_name, part_of_title, parts

FOUND = [
    "Media contact: [Contact Name], [Phone Number]",
    "Northgate, [Date] – The pier opens.",
    "Write to [Email Address].",
    "Document interne – ne pas diffuser",
    "À ne publier qu’après le 3 décembre",
    "Documento interno – no difundir",
    "Borrador v3",
    "Draft v3 – 28 November",
    "Только для внутреннего пользования",
    "حظر نشر: 3 ديسمبر 2026، الساعة 10:00",
    "لا تنشر قبل الخميس",
    "禁止在12月3日10时前发布",
    "保密至2026年12月3日",
    "不得公开",
    "Hay [falta cifra] casos.",
    "قال الرئيس [أضف الاقتباس].",
    "市长说【待补充】。",
    "EMBARGOED UNTIL 1 DECEMBER 2026, 9:00 CET",
    "**STRICTLY EMBARGOED until Tuesday 1 December**",
    "Embargoed to 00:01 Tuesday",
    "Embargo: 18:00 CET, 1 December",
    "EMBARGO",
    "Sperrfrist: 1. Dezember 2026, 9 Uhr",
    "SOUS EMBARGO JUSQU'AU 1er décembre 2026",
    "EMBARGO:\n5 December 2026, 10:00\n\nSixty cases.",
    "**EMBARGOED**\n**Until 5 December 2026**\n\nSixty cases.",
    "<p>EMBARGOED<br>UNTIL 5 December</p><p>Sixty cases.</p>",
    "<p><b>EMBARGOED</b></p>\n<p>Until 5 December 2026, 10:00</p>",
    "PRESS RELEASE\nEMBARGOED\nUntil 5 December 2026\n\nSixty cases.",
    "STRICT EMBARGO\\\n00:01 GMT, Saturday 5 December 2026\n\nSixty cases.",
    "* EMBARGO *\n* 5 December 2026, 10 am *\n\nSixty cases.",
    "Sous embargo\njusqu'au 5 décembre 2026, 10 h\n\nSoixante cas.",
    "Sob embargo\naté 5 de dezembro às 10h\n\nO porto.",
    "Под эмбарго\nдо 5 декабря 2026, 10:00\n\nПорт.",
    "禁发\n2026年12月5日10时前\n\n港口。",
    "Not to be published\nbefore 5 December 2026\n\nSixty cases.",
    "Под эмбарго до 1 декабря",
    "HOLD FOR RELEASE 1 December",
    "NOT FOR RELEASE BEFORE 1 December",
    "Not for publication: call the press office",
    "Do not publish before Monday",
    "Ne pas diffuser avant mardi",
    "CONFIDENTIAL – INTERNAL USE ONLY",
    "For internal use only.",
    "# DRAFT",
    "DRAFT v3 – do not circulate",
    "Draft - not for circulation",
    "TODO: check the figures",
    "%%\nhidden\n%%",
    "<!–- remark –->",
    "<!— remark —>",
    "Text. <!-- never closed\n\nMore.",
    "Text. <!-- closed badly -- >\n\nMore.",
    "{/* remark */}",
    "{# remark #}",
    "{% comment %}remark{% endcomment %}",
    "-----Original Message-----",
    "---------- Forwarded message ---------",
    "On Mon, Nov 23, 2026 at 10:01 AM Press office <press@example.org> wrote:",
    "发件人：李明\n收件人：新闻处\n日期：2026年12月1日\n主题：新闻稿",
    "寄件者：李明\n主旨：新聞稿",
    "المرسل: أحمد\nإلى: المكتب\nالموضوع: بيان",
    "在 2026年12月1日，10:00，李明 <li@example.org> 写道：",
    "Вторник, 1 декабря 2026, 10:00 +03:00 от Анна <a@example.org>:",
    '01.12.2026, 10:00, "Анна" <a@example.org>:',
    "---------- رسالة معاد توجيهها ---------",
    "From: Press <press@example.org>\nSent: Monday\nTo: All\nSubject: News",
    "<p><b>From:</b> Press<br><b>Sent:</b> Mon<br><b>To:</b> All<br><b>Subject:</b> News</p>",
    "<p class=MsoNormal><b>EMBARGOED <i>UNTIL</i></b> 1 December</p>",
    "Sixty cases.\n\nNotes to editors (not for publication): call 123",
    "There were [TK number] cases.",
    "Sixty %% or sixty-six? %% cases.",
    "Sixty{>>sure?<<} cases.",
    "Sixty {--or more--} cases.",
    "Embargo until Tuesday",
    "- Embargo: 1 December, 9:00",
    "Sixty cases.\n\nSperrfrist: Redebeginn\n\nMore.",
    "Sixty cases.\n\nNot for publication\n\nMore.",
    "Sixty cases.\n\n- NOT FOR PUBLICATION\n- Call 123",
    "<p>Sixty cases.</p><p>CONFIDENTIAL</p><p>More.</p>",
    "Sixty cases.\n\nMore.\n\nStrictly confidential.",
    "Nur für den internen Gebrauch",
    "VERTRAULICH – nicht weitergeben",
    "حظر النشر حتى 1 ديسمبر",
    "From: Press\nSubject: News\nDate: Monday\nTo: All",
    "---\ntitle: Report\ntags:\n  - Lebanon\ndraft: true\n---\n\nSixty cases.",
    "Embargo lifts 1 December at 10am",
    "EMBARGO 1.12.2026, 10:00",
    "This press release is strictly embargoed until 1 December 2026, 10:00.",
    "Cette information est sous embargo jusqu'au 1er décembre à 10 h.",
    "Please note: embargoed until Friday 10am",
    "ACHTUNG SPERRFRIST 1.12.2026",
    "Gesperrt bis 1.12.2026, 10:00 Uhr",
    "Nicht vor Freitag veröffentlichen",
    "NOT FOR DISTRIBUTION BEFORE 1 DECEMBER",
    "HOLD UNTIL 1 DECEMBER",
    "Embargo au 1 décembre, 10h00",
    "À ne pas diffuser avant le 1er décembre",
    "محظور النشر حتى 1 ديسمبر",
    "ممنوع النشر قبل 1 ديسمبر",
    "12月1日前禁止发布",
    "不得早于12月1日10时发布",
    "请于12月1日后发布",
    "新闻稿禁发期至2026年12月1日",
    "Information sous embargo",
    "INTERNAL ONLY",
    "Internal note: ask the lawyers first",
    "Document interne",
    "Interner Entwurf",
    "Nur für den Dienstgebrauch",
    "Для служебного пользования",
    "للاستخدام الداخلي فقط",
    "مسودة",
    "غير مخصص للنشر",
    "草稿",
    "内部资料，请勿外传",
    "FINAL DRAFT",
    "DRAFT 24.11.2026",
    "NOT YET APPROVED",
    "Commented [MK1]: Is that right?",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
    "There were [insert number] cases.",
    "Le port a ouvert [à vérifier].",
    '"[QUOTE]", said the mayor.',
    "EMBARGADO ATÉ 2 DE DEZEMBRO DE 2026, 10H",
    "Sob embargo até quarta-feira, 2 de dezembro",
    "Notícia embargada até 2 de dezembro às 10h",
    "Información embargada hasta el 2 de diciembre a las 10:00",
    "Embargo termina em 2 de dezembro às 10h",
    "Informação sob embargo",
    "SOB EMBARGO",
    "NÃO PUBLICAR ANTES DE 2 DE DEZEMBRO",
    "Não divulgar",
    "Proibida a divulgação até 2 de dezembro de 2026",
    "Prohibida su difusión hasta el 2 de diciembre de 2026",
    "Publicar em 2 de dezembro de 2026",
    "RASCUNHO - para aprovação",
    "Rascunho\n\nO porto reabre.",
    "ENTWURF\nDer Hafen ist wieder offen.",
    "Entwurf – nicht zur Veröffentlichung",
    "Draft v3 – for approval",
    "PROJET – à valider par le cabinet",
    "Frei zur Veröffentlichung ab Mittwoch, 10 Uhr",
    "Frei ab 2. Dezember 2026, 10 Uhr",
    "Bitte nicht vor Mittwoch 10 Uhr veröffentlichen!",
    "Bitte beachten Sie die Sperrfrist: 2. Dezember 2026, 10 Uhr",
    "Noch nicht freigegeben",
    "Somente para uso interno",
    "Nota interna: confirmar com o gabinete",
    "Note interne : à revoir",
    "Interne Notiz: Zahl prüfen",
    "Внутренняя заметка: проверить",
    "内部备注：核对数字",
    "ملاحظة داخلية: راجع الرقم",
    "[inserir citação da ministra]",
    "[Zitat Ministerin einfügen]",
    "[citation du ministre à insérer]",
    "Comentado [MA1]: conferir",
    "批注 [AB1]: 核对",
    "草稿 - 待领导审核",
    "定于2026年12月2日10时发布",
    "لا ينشر قبل 2 ديسمبر 2026",
    "يُحظر النشر قبل الساعة العاشرة",
    "O porto.\n\nEm ter., 1 de dez. de 2026 às 09:14, Press <press@example.org> escreveu:\n> Oi",
    "O porto.\n\nDe: Press\nEnviado: terça-feira\nPara: Todos\nAssunto: ENC: nota",
    "-------- Mensagem encaminhada --------",
    "Порт.\n\nвт, 1 дек. 2026 г. в 09:14, Press <press@example.org>:\n> Да",
    "Порт.\n\n1 декабря 2026 г., 09:14 +03:00 от Press <press@example.org>:\n> Да",
    "-------- Пересылаемое сообщение --------",
    "港口。\n\nPress <press@example.org> 于2026年12月1日周二 09:14写道：\n> 是",
    "الميناء.\n\nفي 1 ديسمبر تمت كتابة ما يلي بواسطة Press:\n> نعم",
    "من: Press\nإلى: الكل\nالموضوع: الميناء",
]
NEWS = [
    "[Name withheld] and [Email](mailto:press@example.org), [phone number](tel:1)",
    "حظر نشر الأسلحة النووية في الفضاء",
    "Draft v3 of the treaty was adopted in Paris",
    "Le document interne montre que la ville a payé.",
    "该文件保密至2030年",
    "外地记者不得公开拍摄",
    "[Complete list](https://example.org/) and 日期（待定）",
    "Embargo on arms sales to end, ministers say in 2026",
    "Embargo: what it means for traders",
    "# Embargo",
    "## Embargo\n\n3 February 1962",
    "## Embargo\n\n5 December 2026: the ministers decided to end the embargo on arms.",
    "Arms embargo\n5 December 2026\n\nSixty ships were stopped.",
    "Embargo\n1. What it is\n2. When it ends",
    "Topics:\n\n- Embargo\n- 5 December 2026",
    "Embargo\n\n> 5 December: it ends",
    "The embargo\n\nUntil 1994 the country could buy no arms.",
    "PRESS RELEASE\n5 December 2026, 10:00\n\nSixty cases.",
    "Not only news\n5 December 2026, 10:00\n\nSixty cases.",
    "حظر التجول\nحتى 5 ديسمبر",
    "Sous embargo depuis 1962, Cuba",
    "Under embargo, trade fell by 3 percent",
    "NOT FOR RELEASE, PUBLICATION OR DISTRIBUTION, IN WHOLE OR IN PART, IN THE UNITED STATES",
    "FOR IMMEDIATE RELEASE",
    "### ENDS",
    "Draft resolution adopted",
    "DRAFT RESOLUTION ADOPTED BY 3 STATES",
    "Confidential hotline: call 123",
    "Confidential information was leaked in 2026.",
    "Do not release balloons: they harm birds",
    "Internal use of force rose",
    "Text. <!-- remark --> More.",
    "From: Vienna\nDate: 3 May\nTo: Graz",
    'On 3 May 1848 he wrote: "Unite."',
    "Write to press@example.org",
    "100 %% of `%% x %%` and {name}",
    "```\n<!- shown ->\nTODO: shown\n```",
    "---\n\nDate: 3 May",
    # Published, as these were:
    "<tr><td>Turkmen</td></tr>\n\n<!--\nTODO:\n\nnew pages\n-->",
    "These goals are on our [TODO](https://example.org/goals)  list.",
    "TODO:\n\n- implement the update",
    ">      Am 14.04.2011 14:08, schrieb Press:\n>     \n>      > >  On a train",
    # And might be:
    "Embargo: 60 years of sanctions",
    "Embargo until 2030: ministers extend sanctions",
    "Under embargo until 1994, the country could buy no arms.",
    "Sous embargo jusqu'en 1994, le pays importait peu.",
    "Embargada: la casa de la calle Mayor",
    "Embargoed for eight years, the country exports again.",
    "Sixty cases.\n\nText.\n\nText.\n\n## EMBARGO\n\nText.\n\nText.\n\nText.",
    "Sperrfrist beim Arbeitslosengeld\n\nWer kündigt, bekommt keines.",
    "The hotline is:\n\n- Free\n- Confidential\n- In 20 languages",
    "<ul><li>Free</li><li>Confidential</li></ul>",
    "<table><tr><td>Shelter</td><td><p>Confidential</p></td></tr></table>",
    "Die Beratung ist:\n\n* Kostenlos\n* Vertraulich",
    "- Do not publish\n- Do not share",
    "The opinion was marked [NOT FOR PUBLICATION] and leaked.",
    "Ne pas publier ces photos : la justice tranche",
    "No publicar la foto fue un error",
    "Nicht veröffentlichen wollte die Behörde das Gutachten.",
    "禁止发布虚假广告，市场监管总局提醒。",
    "حظر النشر في القضية يثير الجدل",
    "Draft for review by member states was published today.",
    "Draft: not for the faint-hearted",
    "On 3 May 2021 at 10:15 he wrote:\n\n> It is over.",
    "Le 3 mai à 10:15, il a écrit :\n\n> C'est fini.",
    "The leaked mail:\n\n> From: Office\n> To: All\n> Subject: Closure",
    "From: a reader, Graz\n\nSir, the bridge is closed.\n\nSubject: none",
    "<p><code>CONFIDENTIAL</code></p>",
    "Embargo lifted after eight years, and ministers of all states say that trade grew on 3 May",
    "Release date: 24 November 2026",
    "FOR RELEASE: Monday, 24 November 2026",
    "Gesperrt bis 3. Mai: Die Brücke in Graz wird erneuert, der Verkehr fährt über die Autobahn.",
    "[Check it out](https://example.org/), and [add your name](https://example.org/).",
    "Send it with the subject “Logo design – [your name]”.",
    "He said [add emphasis].",
    "The final draft was adopted.",
    "内部控制制度于12月1日发布。",
    "公司于12月1日后发布新产品，并请于12月1日前报名。",
    "该局12月1日发布通知，禁止发布虚假广告。",
    "من الممنوع النشر في هذه القضية",
    "Lorem ipsum is a text of printers.",
    "O embargo de armas vale até 2 de dezembro de 2027.",
    "Embargo de obra: a prefeitura manteve a suspensão até 2 de dezembro.",
    "O serviço é:\n\n- Gratuito\n- Confidencial",
    "Rascunho do relatório: consulta pública até 2 de dezembro.",
    "Não divulgar dados pessoais é um direito de todos.",
    "No dia 1 de dezembro de 2026, às 10:00, a escritora escreveu:\n\n> O mar.",
    "Em 1 de dezembro de 2026, às 10:00, ela escreveu:\n\n> O mar.",
    "De: Lisboa\nPara: Porto\nPartida: 10:00",
    "PARA DIVULGAÇÃO IMEDIATA",
    "Frei ab 18 Jahren.",
    "Zur Veröffentlichung am Montag kamen 200 Gäste in den Hafen und feierten bis in die Nacht.",
    "Hinweis: Die Brücke bleibt bis 2. Dezember gesperrt.",
    "Noch nicht abgestimmt haben die Grünen.",
    "Entwurf – Nichtraucherschutz im Hafen",
    "Projet : à vélo dans la ville",
    "Diffusion du film le 2 mars",
    "Local: [a definir]",
    "白皮书定于12月1日发布，记者获悉。",
    "## Entwurf\n\nDie Regierung legt ihn vor.",
    "他在2026年12月1日写道：",
    "De: 10:00 a 12:00\nDe: 14:00 a 16:00",
    "Пресс-служба: <press@example.org>, с 10:00 до 18:00",
]
EVIL = [
    "embargo" + "\n" * 50_000,
    "embargo: " + "from: a\n" * 20_000,
    "{--" * 30_000 + "{>>" * 30_000,
    "[TODO" * 30_000 + "%%" * 30_000,
    "le 10:00 " + "a wrote " * 20_000,
    "on 10:00 " + "wrote:" * 20_000 + "\n~~~" * 9_999,
    "---\n" + "a: b\n" * 20_000,
    "---\n" + "date: b\n" * 20_000,
    "发布" + "1日前" * 30_000 + "\n" + "1日" * 30_000 + "\n" + "release 1:00 " * 9_999,
    "10:00 " + "<a@b" * 20_000 + "\n" + "10:00 <" * 20_000 + "\n10:00 <" + "a" * 99_999,
    "[insert " * 20_000 + "this press release is " * 9_999 + "embargo lifts " * 9_999,
]


@pytest.mark.parametrize("text", FOUND)
def test_what_is_not_for_readers_is_found(text: str) -> None:
    """Embargo lines, notes of staff, comments that readers would see, mails below the text."""
    assert [*parts(f"{text}\n", has_moment=False)]


@pytest.mark.parametrize("blank", ["\u00a0", "\u202f", "&nbsp;"])
@pytest.mark.parametrize(
    "text",
    [
        "Embargo : mardi 3 décembre à 10 h, remise du prix par la ministre",
        "Sous embargo jusqu’au 3 décembre, 10 h, remise du prix par la ministre",
        "BROUILLON : version de la ministre",
        "Le texte.\n\nDe : la ministre\nEnvoyé : mardi\nObjet : rapport",
        "Le mar. 1 déc. 2026 à 10:12, Anna <anna@example.org> a écrit :",
        "[à compléter : la date]",
    ],
)
def test_every_blank_is_a_space(text: str, blank: str) -> None:
    """Word and staff who write French have one before a colon at which no line ends."""
    assert [*parts(f"{text.replace(' ', blank)}\n", has_moment=False)]


@pytest.mark.parametrize("text", NEWS)
def test_news_may_say_nearly_the_same(text: str) -> None:
    """An embargo is news, too; code and comments of HTML are as before."""
    assert [*parts(f"{text}\n", has_moment=False)] == []


def test_an_embargo_with_a_moment_is_no_problem() -> None:
    """A date with a time is the moment of the embargo; anything else is found as before."""
    text = "EMBARGOED UNTIL 1 DECEMBER 2026, 9:00\n\nNOT FOR PUBLICATION"

    assert [*parts(text, has_moment=True)] == ["NOT FOR PUBLICATION"]


def test_a_day_of_release_is_an_embargo_if_it_is_to_come() -> None:
    """Most press releases give the day on which they are out."""
    lines = "FOR RELEASE ON 1 December 2026\n\nRelease date: 2 December 2026"

    assert [*parts(lines, has_moment=False, is_ahead=lambda line: "2 December" in line)] == [
        "Release date: 2 December 2026"
    ]


def test_todo_is_a_word_in_spanish() -> None:
    """It means all."""
    text = "## TODO: LA GUÍA\n\nTexto."

    assert [*parts(text, has_moment=False, language="es-MX")] == []
    assert [*parts(text, has_moment=False, language="en")]


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("DRAFT: Report", "DRAFT:"),
        ("[DRAFT] Report", "[DRAFT]"),
        ("Report (draft)", "(draft)"),
        ("Report [embargoed until 18:00]", "[embargoed until 18:00]"),
        ("NOT FOR RELEASE: Report", "NOT FOR RELEASE:"),
        ("EMBARGOED until 1 December: Report", "EMBARGOED until 1 December:"),
        ("[Entwurf] Report", "[Entwurf]"),
        ("(draft) Report", "(draft)"),
        ("【草稿】Report", "【草稿】"),
        ("Report – DRAFT", "– DRAFT"),
        ("Report - NOT FOR PUBLICATION", "- NOT FOR PUBLICATION"),
        ("Report (sous embargo)", "(sous embargo)"),
        ("Report (sous\u00a0embargo)", "(sous embargo)"),
        ("SOUS EMBARGO - Report", "SOUS EMBARGO -"),
        ("EMBARGO 27.11. Report", "EMBARGO 27.11."),
        ("RASCUNHO: Report", "RASCUNHO:"),
        ("Report (rascunho)", "(rascunho)"),
        ("[EMBARGADO] Report", "[EMBARGADO]"),
        ("EMBARGADO HASTA 2/12 Report", "EMBARGADO HASTA"),
        ("EMBARGO ATÉ 2/12: Report", "EMBARGO ATÉ 2/12:"),
        ("Report - NÃO PUBLICAR", "- NÃO PUBLICAR"),
        ("NICHT VERÖFFENTLICHEN: Report", "NICHT VERÖFFENTLICHEN:"),
        ("НЕ ПУБЛИКОВАТЬ: Report", "НЕ ПУБЛИКОВАТЬ:"),
        ("草稿：港口", "草稿："),
        ("مسودة: إعادة", "مسودة:"),
        ("DRAFT Report", "DRAFT"),
        ("ENTWURF DES HAUSHALTS", ""),
        ("مسودة القرار: خلاف", ""),
        ("Embargado: o que muda", ""),
        ("B27 – gesperrt bis Mai", ""),
        ("Embargo: what it means", ""),
        ("The first-round DRAFT", ""),
        ("Report on the (draft) law of the sea", ""),
        ("DRAFT RESOLUTION ADOPTED", ""),
        ("The NBA draft (2026)", ""),
        ("Press release No. 12/2026: Harbour opens", ""),
    ],
)
def test_a_title_may_say_that_it_is_not_for_readers(title: str, found: str) -> None:
    """In capitals before it, or in brackets."""
    assert part_of_title(title) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("2026/drafts/report.toml", "drafts"),
        ("_Drafts/report.toml", "_Drafts"),
        ("Brouillons/rapport.toml", "Brouillons"),
        ("草稿/report.toml", "草稿"),
        ("2026 - do not publish/report.toml", "2026 - do not publish"),
        ("DRAFT report.toml", "DRAFT"),
        ("RASCUNHO nota.toml", "RASCUNHO"),
        ("rascunhos/nota.toml", "rascunhos"),
        ("EMBARGADO 2-12 nota.toml", "EMBARGADO"),
        ("nota-NE-PAS-DIFFUSER.toml", "NE-PAS-DIFFUSER"),
        ("embargado-de-obra.toml", ""),
        ("report_EMBARGO_27-11.toml", "EMBARGO"),
        ("DO NOT PUBLISH report.toml", "DO NOT PUBLISH"),
        ("draft-law-adopted.toml", ""),
        ("ARMS EMBARGO LIFTED.TOML", ""),
        ("embargo/report.toml", ""),
        ("NBA draft/report.toml", ""),
        ("draftsmen.toml", ""),
    ],
)
def test_a_name_may_say_that_it_is_not_for_readers(path: str, found: str) -> None:
    """In capitals within it, or as the folder of drafts."""
    assert part_of_name(path) == found


@pytest.mark.parametrize("number", range(len(EVIL)))
def test_no_text_takes_long(number: int) -> None:
    """The time grows with the length alone."""
    start = time.process_time()
    [*parts(EVIL[number], has_moment=False)]

    assert time.process_time() - start < 1
