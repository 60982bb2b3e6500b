"""Words by which newsrooms say that news is not public yet, in small letters.

Where they stand decides what they mean: alone in a title, beside a date, in the name of a file, or
as the value of a field.
"""

from __future__ import annotations

from collections.abc import Iterable

DRAFT = frozenset({"draft", "borrador", "brouillon", "entwurf", "rascunho", "черновик"})
DRAFT_UNCASED = frozenset({"مسودة", "草稿", "初稿", "待审"})  # in scripts without capitals
EMBARGO = frozenset({"embargo", "эмбарго"})
EMBARGOED = frozenset({"embargoed", "embargada", "embargado"})
EMBARGO_LINE = frozenset({"sperrfrist", "sperrvermerk"})
CONFIDENTIAL = frozenset({"confidencial", "confidential", "confidentiel", "vertraulich"})
PRIVATE = frozenset({"privat", "private"})
# What the state of news is while it is kept back.
STATES = DRAFT | CONFIDENTIAL | PRIVATE | {
    "hold", "intern", "internal", "interne", "interno", "pending", "unapproved", "unpublished",
    "unreleased", "wip",
}  # fmt: skip


# Words of which short lines of staff consist, by what they say of news; small, in any script.
# A `*` stands for any ending. A word may be in several groups. Words in Chinese are written
# without spaces between them.
NOTES = {
    "embargo": """
        embarg* эмбарго إمبارغو حظر 禁发 禁发期 解禁 禁令 媒体禁令 禁发令 sperrfrist sperrvermerk
    """,
    "publish": """
        分发 publish* publication* للنشر release released broadcast* distribut* circulat*
        disseminat* transmission quote quoted cite cited share publier publie publiee publies
        publiez diffus* divulgu* citer citez transmettre transmettez relayer partager publicar*
        publicac* publicad* publiqu* difund* difus* distribuc* distribui* divulg* citar* citad*
        antenne compart* публик* опублик* распростран* разглаш* огласк* оглаш* цитир* пересыл*
        обнарод* печат* размещ* сми прессы выпустить передач* эфира 发布 刊发 刊登 刊出 发表 报道
        公开 公布 播发 播出 播报 外传 转发 传播 外泄 泄露 披露 透露 引用 引述 摘录 散发 传阅
        对外 推送 发出 定时发布 限时发布 نشر* ينشر* تنشر* بث* يبث إذاعته إذاعتها إذاعة يذاع توزيع*
        يوزع توزع تداول* يتداول تعميم* اقتباس* يقتبس
        veroffentlich* freigabe freigegeben freigeben frei publica publicacao divulga* veicula*
        pubblic* diffond* diffus* weitergabe verbreit* senden weitergeb* weiterleit*
    """,
    "reproduce": "reproduire reproduc* 转载",
    "order": """
        for para pour к للنشر ينشر تنشر publish release publier diffuser publicar* difundir*
        опубликовать публиковать выпустить 定时发布 限时发布
        zur veroffentlichung freigabe
    """,
    "not": """
        restring* no not don dont never without prohib* forbid* restrict* ne pas non ni rien aucun
        aucune sans interdi* restrein* limit* eviter sin nada evitar abstenerse не ни нельзя
        запрещ* запрет* закрыт* огранич* воздерж* 不 不得 请勿 勿 切勿 禁止 严禁 禁 不要 不可 不能
        不准 暂不 暂缓 未 尚未 未经 非 别 لا لم لن عدم غير ليس* ممنوع* يمنع تمنع محظور* يحظر تحظر
        حظر الامتناع محدود*
        nicht noch kein keine proibi* prohibi* nao vietat* nem non
    """,
    "before": """
        until till before earlier avant jusqu* antes hasta до ранее раньше 前 之前 以前 至 到 截止
        截至 早于 提前 早 定于 قبل حتى لغاية
        bis vor ate fino prima
    """,
    "after": """
        after from allowed permitted apres partir des peut possible autoris* despues desde tras
        puede podra permit* autoriz* после начиная разреш* можно 后 之后 以后 起 可 方可 可以 定于
        بعد ابتداء اعتبارا يسمح مسموح يمكن
        ab nach frei apos depois partir dopo erst
    """,
    "date": """
        date time fecha hora heure дата время 时间 日期 تاريخ موعد datum data ora
    """,
    "draft": """
        draft* borrador* brouillon* entwurf чернов* مسود* 草稿 初稿 送审稿 未定稿 待定稿 rascunho*
    """,
    "project": "projet proyecto проект 讨论稿 征求意见稿",
    "release": "release communique* comunicado* релиз* 新闻稿 通稿 بيان",
    "over": "end* lift* expire* levee leve levant* снят* снимется 解除 结束 رفع ينتهي انتهاء",
    "confidential": "confiden* конфиденц* секретно дсп 机密 绝密 秘密 保密 سري سرية",
    "internal": """
        intern internal* interne* interno* interna* внутренн* служебн* 内部 داخلي* dienstgebrauch
    """,
    "approve": """
        授权 approv* final* valid* clear* approuv* approb* definiti* relire relu relue aprob*
        aprueb* revis* согласов* согласу* утвержд* одобр* окончательн* 审批 审核 审 审定 审阅 批准
        定稿 核实 核定 许可 同意 审核中 审批中 审稿中 موافق* اعتماد معتمد* مراجعة نهائي* إقرار
        abgestimmt abstimmung prufung prufen freigabe aprova* validac*
    """,
    "pending": """
        pending await* wait* attente attend* cours pendiente* espera* на ожида* жде* 待 等待 等
        有待 需 审核中 审批中 审稿中 قيد بانتظار انتظار
        ausstehend aguarda*
    """,
    "remove": """
        remove delete supprim* retirer enlever effacer quitar eliminar borrar suprimir убрать
        удалить снять вырезать 删除 删去 删掉 حذف* تحذف يحذف احذف* تزال إزالة
    """,
    "note": """
        note* remark* comment* nota* comentario* observac* remarque* коммент* помет* замет*
        примеч* 备注 批注 注 附注 ملاحظ* تعليق
    """,
    "next": "next prochain* proxim* следующ* 下次 下一次 下一期 التالي* المقبل* القادم nachste*",
    "moment": """
        montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag januar janner februar
        feber marz mai juni juli august september oktober november dezember janeiro fevereiro marco
        abril maio junho julho agosto setembro outubro novembro dezembro sabado domingo gennaio
        febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre lunedi
        martedi mercoledi giovedi venerdi sabato domenica morgen heute amanha hoje mittag
        mitternacht meio dia noite midnight tonight tomorrow noon minuit demain medianoche manana
        завтра полноч* полдень 明天 明日 今晚 午夜 غدا
    """,
    "other": """
        格林尼治 格林威治 电子媒体 新闻媒体 предназначен* соблюд* официальн* объявлени* отдавать
        official* oficial* officiel* annonce* anuncio* رسمي* إعلان* 官方 宣布 讨论 this that the t
        of for to at on in is are and or be can may must by please only strict* under use used
        press media news information text document* version v editors it all yet end* lift*
        expire* content* report* allowed permitted further notice order gmt utc cet cest print
        radio television internet online social web team staff outside external purpose* conference
        working copy la les l d a au aux en et ou pour par sur sous ce cette texte presse
        strictement merci priere bien vouloir veuillez respect* respet* levee leve sera seront est
        etre peut doit doivent autoris* possible* uniquement seulement usage reserve* direction
        redaction service* medias h attention important* toute tout toutes provisoire*
        preliminaire* travail derniere n numero journalistes un une qu que s se il externe*
        exterieur informations fin contenu* rapport present cite resume* ecrite electronique*
        instant moment ordre nouvel avis contraire equipe encore el los las del al y o con su sus
        am pm esta este texto prensa preliminar* provisional* trabajo uso exclusiv* solo unicamente
        estrict* bajo levant* ruega* rogamos ruego favor por para queda* autoriz* permit* apto
        apta todavia aun direccion horas ojo atencion medios redaccion lo una unas es puede*
        podra* debe* termina* acaba* contenido* informe* resum* extern* electronic* nueva orden
        aviso momento ahora equipo informativ* material* rueda cierre для под в во по к о об и или
        просьба прос* пожалуйста только строго материал* информаци* текст* документ* верси*
        вариант* рабоч* предварительн* неотредактирован* пользовани* использовани* лиц* треть*
        подлежит разреш* снятия снимается снимут снят снято действует с со от г внимание важно
        прес пресс сми у редактор* редакци* номер окончани* начал* конференци* мероприяти* прим
        ред внешн* руководств* директор* содержани* доклад* настоящ* изложени* радио телевидени*
        интернет* электронн* можно особого распоряжения уведомления сейчас пока еще это эта этот
        мо м служб* команд* коллег* 一 二 三 四 五 六 七 八 九 十 〇 两 请 在 于 此 本 该 稿 稿件
        文稿 新闻 文件 资料 材料 版 版本 第 解除 媒体 限时 定时 定于 定 方可 可 可以 再 仅供 只供
        供 仅限 限 参考 使用 领导 上级 主任 为 是 的 将 被 或 和 须 应 注意 重要 提示 紧急 标准
        当地 段 此段 本段 编辑 期 年 一年 之 我方 确认 各 社 方 点 时 分 日 月 号 周 内容 报告
        本报告 印刷 广播 电视 电子 网络 朋友 记者 另行 通知 目前 暂时 自 结束 团队 发布会 自行 中
        公众 من إلى على هذا هذه خبر مادة مواد نص وثيقة وثائق نسخة أولي* أول ثاني* رقم يرجى رجاء
        نرجو يسمح مسموح يمكن يجوز يجب قابل* فقط استخدام* اطلاع علم مخصص* معد* للغاية تحت خاضع*
        صحفي* إعلامي* صحافي* صحافة رفع يرفع ينتهي انتهاء نهاية محدد مدير* إدارة محرر* أو و تقرير
        معلومات مسبق فقرة وسائل وسائط إعلام عن تنويه هام تنبيه محتويات محتوى تلخيص* مطبوعة تلفزيون
        إلكتروني* إنترنت إشعار آخر حاليا الآن مؤتمر فريق التزام تزام فوري عليه عليها تتم يتم
        خارجي* أي
        a m p und der die das den dem des im in am um fur mit von zu zum nur bitte beachten sie
        achtung wichtig hinweis redaktion* redaktionell* es gilt gesprochene wort endet unter
        strenge* strikt* streng presse* pressemitteilung meldung mitteilung nachricht text e o os as
        de do da dos das em no na nos nas pelo pela sob com estrit* imprensa atencao somente apenas
        so hora horas horario brasilia lisboa viene mezzanotte segunda terca quarta quinta sexta
        feira noticia informacao informacion documento st nd rd th peninsular launch eastern central
        pacific mountain standard daylight absolu absolute absoluto updated applies nb
        местн* times
        delivery related summari* dans ser escrita* المذاعة
        uso favor il lo gli i del della alle dalle ore di stampa sotto solo uso
    """,
}
# What is missing, what is to do, and what else stands beside these in brackets, in words that
# staff leave for what is still to be filled in.
GAPS = {
    "missing": """
        nom noms prenom titre fonction chiffre* lieu nombre* cargo* cita citas cifra* lugar
        apellido* fecha имя имени фамили* фио должност* цитат* числ* цифр* мест* назван*
        количеств* дата дату 姓名 名字 职务 引语 引言 数字 数据 地点 人名 单位名称 日期 اسم اقتباس
        منصب رقم أرقام عدد مكان تاريخ
    """,
    "todo": """
        inserer ajouter verifier completer insertar anadir pendiente verificar completar comprobar
        вставить добавить уточнить проверить указать дополнить вписать 插入 补充 填写 核实 填入
        加入 补上 أدخل أضف أدرج إدراج إضافة يضاف تضاف يستكمل تستكمل يحدد تحقق تأكد
    """,
    "beside": """
        confirmer confirmar preciser citation* photo* image* graph* logo* tableau imagen grafic*
        cuadro логотип* график* таблиц* фотограф* 图表 表格 标志 جدول شعار le la les l de du d des
        et ici un une a directeur directrice ministre* porte parole lien* el los las del y aqui
        portavoz foto* enlace* por мисси* глав* спикер* министр* участник* директор* фото ссылк* и
        здесь тут будет данные 此处 这里 处 请 主任 部长 局长 发言人 的 照片 图片 链接 具体 待
        所有 最新 هنا مدير* وزير* متحدث* ناطق* صورة رابط من يرجى لاحقا مشاركين بيانات
    """,
}

# How clauses begin by which staff keep news back, whatever comes after: what may stand before, and
# the orders. `@` ends a word that may have any ending, and `>` an order that is one only if its
# clause ends there, or goes on as in `FOLLOWING`. `~` ends one that is none if a sentence comes
# after it, as in "Awaiting approval, the vaccine is kept in Geneva".
LEADS = r"""
    please|pls|kindly|and|but|so|this (?:is|(?:paragraph|line|section|part|text|item|story|release
    |document) is)|colleagues|(?:web )?editors|nb|(?:media|journalists|editors) are (?:requested
    |asked)|we (?:request|ask) you
    |merci(?: de)?(?: vous)?|prière de|veuillez
    |ce(?:tte)? (?:passage|paragraphe|texte|partie|ligne|document)
    |(?:le )?texte(?: est)?|version|ceci|et|mais|donc|surtout|svp
    |por favor|rogamos|se ruega|se pide|favor de|est[ea] (?:párrafo|texto|fragmento|parte|línea
    |documento|pasaje)|(?:el )?texto(?: está| todavía)?|solo|sólo|esto|y|pero
    |прошу|просим|просьба|пожалуйста|пока|это|и|но|абзац (?:ниже|выше)|текст|материал|статью
    |в печать|на сайт|до этого|без не[её]|без него|без этого|(?:фото\w*|видео|фамили\w+
    |имена)(?: \w+)?|настоящие|имя источника
    |публично|раньше|э[тт](?:от|у|о) (?:абзац|текст|фрагмент|строку|часть|статью|новость)
    |(?:ال)?رجاء|يرجى|نرجو|من فضلكم|هذا (?:النص|البيان|الجزء|السطر)|هذه (?:الفقرة|المادة
    |الصورة)|و|(?:ال)?نص|مسودة(?: أولى)?
    |请|先|(?:此|本|下|上|该|这|这一)段|[此本]稿|[此本]文|以[下上](?:内容)?|暂时|稿件(?:正在)?|内部稿|[此本]消息|并
"""
ORDERS = r"""
    (?:do not|don['’]t|never|must not|not to|not) (?:be )?(?:yet )?(?:publish|post|release|circulat
    |distribut|broadcast|air|announce|upload|report|use(?=d? (?:yet|th|(?:before|until|till) (?:\d
    |the|mon|tue|wed|thu|fri|sat|sun|noon))))@>
    |(?:do not|don['’]t|never|not to) (?:be )?(?:put (?:(?:it|this|that|them
    |(?:the|this|that) \w+) )?(?:online|up|on (?:the )?(?:web|site))@
    |(?:send (?:it |this )?out|go (?:online|live)|go out with this)>|go on the (?:web|site)@)
    |(?:this |it )?(?:not to|(?:must|should) not) go (?:out|up|online|live)
    |not (?:yet )?for (?:publication|release|broadcast|distribution|circulation|use|online
    |the (?:web|site|public))(?=\W*$|\s?[-–—:;(]| or broadcast| before| until)|hold(?: this
    | it)? (?:until|till|back until|for now)
    |publication (?:is )?(?:forbidden|prohibited|not allowed) (?:before|until)|(?:rough
    |first|working) draft, (?:a?waiting|not)|draft, a?waiting
    |keep (?:this |it )?confidential>|publish only (?:after|when|once)
    |embargo ?:(?=[^\n]*\d ?(?:[ap]\.?m|h\b|[:.]\d\d))
    |(?:on )?hold(?: until|(?= [-–—]))|keep (?:this |it )?off the (?:web@|site)
    |(?:strictly )?confidential (?:until|till)|for internal (?:use|review)>|internal use>
    |refrain from (?:publi|broadcast|report)@|internal version(?=[,:])
    |(?:d['’]|de )?(?:vous )?abstenir de toute (?:publi|diffus)@|version interne(?= ?[,:])
    |abstenerse de (?:publi|difu)@|versión interna(?=[,:])|воздержаться от (?:публи|распростр)@
    |внутренняя версия(?=[,:])|الامتناع عن النشر|نسخة داخلية(?=[،:])|内部版本(?=[，：])
    |pas de (?:publi|diffus)@ avant|publication interdite (?:avant|jusqu@)
    |brouillon, (?:en attente|non)
    |première version, on
    |under (?:strict )?embargo(?=\W*$|\s?[-–—:(]| until (?:the|after|further))
    |awaiting (?:final |legal )?(?:sign[- ]?off|clearance|approval|confirmation from)~
    |(?:(?:web team|staff|newsroom|colleagues)|for (?:staff|colleagues)) only(?=\W*$|\s?[-–—:;.,(])
    |(?:à )?(?:ne|n['’]) (?:pas |rien |jamais )?(?:encore )?(?:publi|diffus|mettre (?:en ligne
    |sur le site)|envoy|annonc|divulgu
    |faire (?:circuler|suivre|paraître)|post|relay|sortir(?= ce| avant \d)|transmettre
    |passer à l['’]antenne)@>
    |ne pas (?:utiliser la photo|citer (?:le nom|la source))
    |n['’]est pas destiné@ à (?:la publi|être publi|la diffus)@|ne doit pas (?:sortir|être publié)@
    |(?:non|pas) destiné@ à (?:la )?(?:publi|diffus)@|(?:non|pas) pour publi@
    |(?:à )?(?:publier|diffuser|paraître) (?:seulement |uniquement )?après
    |en attente (?:de (?:la )?validation|du feu vert|d['’]approbation|de l['’]accord)~
    |pas (?:encore )?validé@~|confidentiel@ (?:jusqu@|d['’]ici là)|interdit@ (?:de
    |à la) (?:publi|diffus)@>
    |(?:pour )?relecture interne|en cours de (?:validation|relecture)~|retenir jusqu@
    |en suspens jusqu@~|bloqué@ jusqu@~
    |sous embargo(?: strict)? jusqu@ (?:la|le|nouvel)|pas avant>|(?:à )?usage interne>
    |garder sous le coude
    |no (?:se )?(?:debe )?(?:publi[cq]|emit|envi|anunci|poner en la web|difund|divulg|subir|suban
    |colgar|cuelg|hacer circular
    |reenvi|distribu|salir(?= antes)|sacar)(?!\w*(?:ó|[ai]e?ron)\b)@>|no (?:citar (?:la fuente
    |el nombre)|usar la foto)
    |no (?:debe|puede) (?:salir|publicarse|difundirse)>|no (?:es|está|son) para (?:publi|difu)@
    |no (?:destinad|apt)@ (?:a|para) (?:su |la )?(?:publi|difu)@
    |(?:publicar|difundir) (?:solo|sólo|únicamente) (?:después|tras|a partir|cuando)
    |pendiente@ del? (?:visto bueno|aprobación|autorización|validación|validar|aprobar)~
    |a la espera de (?:la |el )?(?:autorización|visto bueno|aprobación|validación)~
    |(?:borrador|primera versión)[,:] (?:a la espera|pendiente|falta)@|confidencial@ hasta
    |prohibid[oa] (?:su )?(?:difu|publi)@>|retener hasta|en (?:espera
    |suspenso) hasta|bloquead@ hasta~|aguantar hasta
    |bajo embargo(?: estricto)? hasta (?:el|la|nuevo)|bajo embargo(?=\W*$|\s?[-–—:(])
    |(?:para )?uso interno>
    |(?:не|нельзя) (?:публик|опублик|выклад|вылож|размещ|распростран|выпуск|печат|разглаш
    |обнарод|рассыл|объявл|сообща|отправл|отсыла|пересыл
    |ставить|ставьте|давать|указывать имя)(?!\w*(?:тся|[ое]сь|ись|н[оаы]?|нн\w+)\b(?! до))@>
    |не в текст>|не для (?:публик|печат|сайта|читател
    |прес|эфир)@
    |(?:ещё |еще )?не (?:согласован|утвержд|одобр|визирован)@>
    |(?:для )?(?:публикации|печати) (?:только|лишь) после
    |(?:жд[её]м|ждите) (?:подтвержд|согласов|отмашк|одобр|визы|разреш)@|(?:придержать до
    |держать(?= до (?:\d|особ|отмашк|звонк|разреш|утр|вечер|завтра)))
    |(?:материал|текст) отложен до|(?:под )?(?:строгим )?эмбарго (?:до(?! \d)|снима@(?= \d))
    |публикация(?: запрещена до|[— –-]{1,3}только после)|чернов(?:ой вариант|ик)(?=[,:])
    |снятие эмбарго:
    |запрещ@ (?:публик|распростран|разглаш)@>|эмбарго:(?=[^\n]*\d)|никому не показывать
    |на (?:утвержд|согласов|проверк)@ [усв]|только для (?:своих|нас|внутреннего|служебного
    |редакции|коллег)
    |для внутреннего (?:польз|исполь|служеб)@|согласовать (?:с|до)
    |(?:لا|عدم|ممنوع(?: من)?|ليس@) (?:ال|لل|ت|ي)?(?:نشر|وزع|توزيع|عمم|تداول|ذاع|بث|رفع|و?ضع|علن
    |رسل)@>
    |لم (?:ت|ي)عتمد@>|(?:في|ب)\s?(?:ال)?انتظار (?:ال)?(?:اعتماد|موافق|تأكيد)@~
    |ننتظر (?:موافق|تأكيد|اعتماد)@|تحت (?:ال)?حظر(?: النشر| صارم)? (?:حتى|إلى غاية|لغاية)
    |حظر (?:النشر|إعلامي) حتى
    |قيد (?:ال)?(?:اعتماد|مراجعة)~|حظر:(?=[^\n]*\d)|وليس قبل ذلك|النشر ممنوع (?:حتى|قبل)
    |(?:نسخة أولية|مسودة)(?=[،:])|رفع الحظر(?=:| عن النشر)
    |للنشر بعد|النشر بعد [^\n]{1,40} فقط|(?:لنا|للزملاء|للمحررين|للموظفين) فقط|يؤجل النشر
    |(?:النص |البيان )?مؤجل حتى|خاص بهيئة التحرير|لا تذكر@ (?:اسم|أسماء)
    |(?:请?[切]?勿|(?:请|先)?不要|先?别|不得|严禁|禁止|暂缓|暂不|不予|不许|未经批准不得)(?:再|先|对外|擅自)?
    (?:发|登|刊|公开|公布|外传|外泄|播|报道|宣布|上线|上网|引用)(?:布|表|出|站)?>
    |(?:[此本]稿|[此本]文|[此本该]段)(?:请?勿|不要|不得|禁止|暂不)使?用>|先(?:不要|别)转发
    |不(?:对外公开|发|公开发表)>|(?:须|需|必须)?[待等接](?![^后\n]{0,9}(?:合格|验收|检验|消毒|充电|冷却))[^,，。\n]{1,20}后(?:再|才能
    |方可|才可|才)
    (?:发[布表稿出]?|刊[登发]?|公布|公开|播[出发]?|报道|使?用)>|禁运至|(?:新闻)?禁发期?[:：至]|[谨仅只]供(?:内部|编辑)@
    |限时发布|保密(?:[:：]|至(?!上)|到(?!家))|数据在?\d[^\n]{2,12}前保密|稿件暂停|等\w{1,6}(?:审批|审核|批准)>|在此之前保密
    |[草初]稿(?=[，：])
"""
# What the order is about, where it is one to staff: the text or a part of it.
TEXTS = r"""(?:
    (?:para|paragraph|text|line|story|release|news|item|part|name|quote|section|statement|version
    |report|document|photo|picture|figure|number|info|information|post|passage|paragraphe|texte
    |partie
    |ligne|communiqué|article|nom|citation|chiffre|párrafo|texto|fragmento|parte|línea|pasaje|nota
    |comunicado|nombre|foto|cita|cifra|dato|noticia|artículo|documento|información)s?\b
    |(?:абзац|текст|фрагмент|строк|част|стать|новост|материал|фото|цифр|имя|имена|документ|цитат)
    |(?:ال)?(?:نص|بيان|جزء|سطر|فقرة|مادة|صورة|خبر|اسم|رقم|معلومات|تقرير|وثيقة))
"""
FOLLOWING = rf"""
    (?:before|until|till|yet|without(?! (?:prior |written )*(?:credit|attribution|source))
    |it|on the|in the (?:news|web)|online|outside|anything|delivery|reproduce|or broadcast
    |the (?:next|following)|only|not to)\b
    |(?:seulement|uniquement|solamente|فقط)
    |(?:avant|jusqu|tant|en l['’]état|pour (?:le moment|l['’]instant)|rien|svp|le (?=\d)
    |à (?=\d|la presse|ce stade|l['’]antenne))\b
    |sans (?:mon|ma|le|feu|notre|l['’]|accord|autoris|valid|visa|relecture)
    |(?:antes|hasta|nada|todavía|aún|a la web|en la web|por ahora)\b|sin (?:mi|el|la|autoriz|visto
    |aprob|confirm|consult)
    |(?:до|без (?=мо|виз|соглас|разреш|подтв|утв|одобр|ок|н?е[её]|него)\w+|это|в эфир|на сайт\w?
    |раньше|ранее|пока|источник\w?|[сз] (?:юрист
    |директор|женев)\w+)\b
    |(?:من دون\w*|الخبر|البيان|ه\b|قبل|حتى|إلا|الآن|شيئا|خارج|على الموقع
    |النص|إلقاء|أن|بعد|رسميا)|[前这此本该再到]
    |(?:this|these|cet?(?:te)?|est[aeo]s?|эт(?:о|от|у|ой|ого|и)|(?:عن )?هذ[اه]ه?)(?:\W*$|[,.;:!?)،؛]
    | (?:before|until|till|yet|without|on the (?:web|site)|avant|jusqu|antes|hasta|до|пока|раньше
    |قبل|حتى)|(?: {TEXTS}))
    |le {TEXTS}|(?:абзац|текст|фрагмент|строк|стать|новост|материал)
"""
# An expression of a time of day, which an embargo on news has, and one on goods has not.
TIME_OF_DAY = (
    r"(?:(?<![.\d])\d\d?(?:[:h]\d\d(?!\.?\d)|\.\d\d(?![.\d])"
    r"|[ ]?(?:[ap]\.?[ ]?m\b|h\b|hrs?\b|uhr\b|heures?\b|hor[ao]s?\b|o['’]clock|gmt\b|utc\b"
    r"|ce?s?t\b|时))"
    r"|(?<!\d)[012]\d{3}[ ]?(?:hrs?|hours|gmt|utc|ce?s?t|e[sd]?t)\b"
    r"|\bnoon\b|\bmidnight\b|\bmidi\b|\bminuit\b|\bmittag|mitternacht|mediod[ií]a|medianoche"
    r"|meio-dia|meia-noite)"
)
# What only staff say to each other, anywhere in a line without a quotation.
ASIDES = r"""
    without my (?:ok|okay|approval|go[- ]ahead|say[- ]so)|until you hear from
    |(?:is|are|be|information) embargoed (?:until|till)
    |(?:report|study|paper|text|news|release|information|findings|announcement|statement|figure
    |result|document|material|data)s? (?:is|are|remains?) under (?:an? |strict )*embargo
    [ ](?:until|till)(?=[^\n]*{TIME})
    |(?<!\w )the embargo will be lifted at (?={TIME})(?![^\n]*, (?:[^\W\d]+ ){2}\w)
    |(?:estudio|informe|texto|comunicado|noticia|información|documento|dato)s? (?:está|queda)n?
    [ ]bajo embargo hasta(?=[^\n]*{TIME})|под (?:строгим )?эмбарго до(?=[^\n]*\d:\d\d)
    |تحت (?:ال)?حظر حتى(?=[^\n]*\d)|禁发至\d|(?:respect|observe|honour) the embargo
    (?=\W*$| until| on (?:this|the (?:report|text|release))\b)
    |(?:for your eyes|web team) only|not? seen (?:this|it) yet|put (?:this|it) on the (?:web)?site
    |keep (?:it|this|her|him|them) out of the text
    |sans mon (?:accord|feu vert|ok)|(?:mon|ton|votre) feu vert
    |(?:respect|observ)@ l['’]embargo(?=\W*$| jusqu)
    |(?:sous embargo|embargué@) jusqu[’']au \d|pas (?:encore )?de mise en ligne|pas à l['’]antenne
    |pour (?:vous|nous|toi) seulement|ne pas l[ea] mentionner
    |sin mi (?:visto bueno|ok)|respet@ el embargo(?=\W*$| hasta)|embargad[oa]s? hasta (?:el|las) \d
    |no subirl[oa]|(?:solo|sólo) para (?:vosotros|nosotros)\b|no mencionarl[oa]
    |без моего ок|не (?:публикуй|выкладывай|выпускай|размещай|печатай|ставь)(?:те)?>
    |не (?:выкладыва|публику|выпуска|размеща|стави)е?м>
    |(?:соблюда|уважа)@ эмбарго(?=\W*$| до)|только для (?:вас|нас|тебя)\b
    |(?:в тексте|имя) не (?:упоминать|указывать)
    |(?:دون|بدون|بلا) موافقتي|قبل أن (?:أتصل|أرد|أوافق)@|بالحظر حتى|(?:لكم|لنا) فقط
    |لا [يت]نشره?$|لا يذكر في النص
    |前(?:请勿|不得|不要|别|勿|严禁|禁止)(?:公布|宣布|公开|发布|发表|上线|播出|报道|刊登|[发登]|外传|引用|转发)(?=$|\W)
    |[\d一二三四五六七八九十][日号点时]\S{0,2}前(?:请勿|不得|不要|勿|严禁|禁止)使用|先别外传|文中(?:不要|别)提|(?:别|不要)(?:发|登|上线)(?=$
    |\W)|\d[日点时号]\S{0,2}前保密|没有我的?同意
    |(?:遵守|尊重)禁发@|(?:仅|只)供(?:各位)?同事@|[(（]不(?:公开|发|登)[)）]
""".replace("{TIME}", TIME_OF_DAY)
BEFORE = r"""
    before (?:we |you )?(?:publi|(?:this|it) goes(?=\W*$| (?:out|live|online|on|up|to)\b)
    |going (?:live|online)|release)@+(?! (?:of|your|new|an?)\b)
    |avant (?:la |de |sa |la mise|mise|toute )?(?:publi|diffus|mise en ligne|mettre en ligne)@+
    (?! (?:de|du|des|une?|vos|votre)\b)
    |antes de (?:la |su )?(?:publi|difu|(?:subir|colgar)(?:l[oa]s?|(?= (?:a|en) la (?:web
    |página))))@+(?! (?:del?|sus?|una?)\b)
    |\b(?:перед|до) (?:публикаци@+(?! (?:результат|спис|объявл|закон|указ|нов))|размещени@
    |(?:выпуск|выход|отправк)\w* (?:в|на сайт|текст|номер|материал|новост)@)|прежде чем (?:публик
    |выклад)@
    |потом (?:выклад|публик)@
    |قبل (?:(?:أن )?(?:ال|ت|ي|ن)نشر@|نشر@+(?! (?:ال)?(?:قوائم|نتائج|رسائل)))|ثم (?:ال)?نشر@
    |(?<!记者)(?:发布|发表|刊发|发稿|上线)前(?:须|请|必须)?(?!记者|.{0,3}[未没已了])|再发[布表稿出]?(?=$|\W)
"""
TO_DO = r"""
    (?:remove|delete|cut|drop|check|verify|confirm)\b(?!-)|take (?:out|this)|see with|(?:must|has to
    |have to) come out
    |(?:à )?(?:supprim|effac|retir|enlev|vérifi|confirm)(?:er?|ez)\b|voir avec
    |(?:elim[ií]n|b[oó]rr|qu[ií]t|compru[eé]b|comprob|verifi[cq]u?|rev[ií]s)(?:ar?
    |en?)(?:l[oa]s?)?\b
    |удали(?:ть|те)?|убрать|убери@|сверь@|сверить|вычеркн@|проверь@|проверить|уточни(?:ть|те)?
    |измени(?:ть|те)
    |согласовать|согласуй@
    |(?:يا \w+ )?(?:(?:ي|ت)?حذف@|احذف@|[يت]?راجع@|تحقق@|التأكد|تأكد@)
    |删(?:除|去|掉)?|去(?:除|掉)|核对|核实|确认|补(?:上|充|全|齐)
"""


def alternatives(words: Iterable[str]) -> str:
    """Return an expression for any of some words, the longest first.

    >>> alternatives({"draft", "entwurf"}), alternatives({"embargo", "embargoed"})
    ('(?:entwurf|draft)', '(?:embargoed|embargo)')
    """
    return f"(?:{'|'.join(sorted(words, key=lambda word: (-len(word), word)))})"
