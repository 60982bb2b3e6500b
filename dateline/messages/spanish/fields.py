"""What is staff told in Spanish of what the fields say, and of pictures and attachments?"""

from __future__ import annotations

FIELDS: dict[str, str] = {
    # ---- Fields
    "key-letters": (
        "la palabra «{field}» contiene una letra de otro alfabeto ({found}). Escriba {wanted} de "
        "nuevo con el teclado latino."
    ),
    "body-link-lost": (
        "el enlace a «{found}» no lleva a ninguna parte para los lectores; solo quedan sus "
        "palabras. Ponga ese archivo junto a este y enlace a su nombre, o dé una dirección web."
    ),
    "body-dropped": (
        "{found} se omite, con lo que contiene. Para una película, un mapa "
        "o un formulario, dé un enlace a su página."
    ),
    "body-link-read": (
        "el nombre de archivo «{found}» se leyó con sus espacios; no hay que hacer nada."
    ),
    "text-direction": (
        "el campo {field} contiene caracteres invisibles que cambian el "
        "sentido de lectura. Escriba {field} de nuevo a mano."
    ),
    "body-direction": (
        "se quitaron del texto caracteres invisibles que cambian el sentido de "
        "lectura. Compruebe cómo se lee ahora esta línea."
    ),
    "body-list-read": ("las líneas a partir de «{found}» se leyeron como una lista."),
    "body-breaks-read": (
        "las líneas a partir de «{found}» siguen siendo líneas aparte, como en "
        "una dirección. Para formar un párrafo, escríbalas en una sola línea."
    ),
    "body-paragraphs-read": ("cada línea a partir de «{found}» se leyó como un párrafo."),
    "body-table-read": (
        "las líneas a partir de «{found}», con tabuladores entre sus partes, "
        "se leyeron como una tabla."
    ),
    "body-indent-read": ("«{found}» tiene sangría; se leyó como un párrafo."),
    "body-hyphens-read": ("«{found}» estaba cortado al final de una línea; se unió."),
    "body-hyphen": (
        "«{found}» estaba cortado al final de una línea; se unió en una sola "
        "palabra. Si el guion forma parte de ella, escriba la palabra en una "
        "sola línea."
    ),
    "body-office-read": (
        "el texto contiene lo que Word o un programa parecido pone alrededor; "
        "solo se leyeron el texto, sus párrafos, listas, tablas y enlaces."
    ),
    "body-note-missing": (
        "no hay ninguna nota {found}; los lectores solo ven estos signos. "
        "Escriba «{found}: » y la nota en una línea aparte."
    ),
    "body-link-nowhere": (
        "el enlace a «{found}» no lleva a ninguna parte para los lectores; "
        "solo quedan sus palabras. Dé la dirección web completa, con https://."
    ),
    "body-link-completed": (
        "el enlace a «{found}» se leyó a partir de la página del campo link; compruébelo: {wanted}."
    ),
    "body-link-indoors": (
        "el enlace a «{found}» lleva a un equipo de su propia casa, al que "
        "ningún lector llega. Dé su dirección pública."
    ),
    "body-entry-early": (
        "la entrada «{found}» todavía no ha salido; el enlace a ella aparecerá cuando salga."
    ),
    "body-entry-missing": (
        "ninguna entrada «{found}» ha salido, y no hay ningún archivo con ese "
        "nombre; solo quedan las palabras del enlace. Escriba el nombre de su "
        "archivo o su dirección web. {wanted}"
    ),
    "field-twice": "el campo {field} aparece dos veces ({found}). Deje solo uno.",
    "title-empty": 'el título está vacío. Escríbalo entre las comillas rectas: title = "…".',
    "body-empty": "el texto (body) está vacío. Escríbalo entre las comillas rectas.",
    "title-missing": 'falta el título. Añada una línea: title = "…".',
    "body-missing": 'falta el texto (body). Póngalo al final del archivo: body = """ … """.',
    "field-not-text": "el campo {field} debe ser un texto entre comillas rectas: {wanted}.",
    "field-not-list": (
        "el campo {field} es una lista: entre corchetes, cada nombre entre comillas rectas, con "
        "comas entre los nombres: {wanted}."
    ),
    "field-not-date": (
        "el campo {field} debe ser una fecha, como {field} = 2008-10-20; un evento también se "
        'puede escribir como event = "30 November - 3 December 2008".'
    ),
    "draft-not-bool": "draft es true o false, sin comillas: draft = true.",
    "field-after-body": (
        "el campo {field} está después del texto (body). Póngalo antes de body, para que body sea "
        "el último."
    ),
    "field-misspelt": "no hay ningún campo «{field}». ¿Quiso decir {wanted}?",
    "field-unknown": "«{field}» no es un campo conocido aquí; se pasó por alto.",
    # ---- Texts, addresses and languages
    "title-too-long": "el título tiene {found} caracteres. Acórtelo a 200 como máximo.",
    "title-lines": "el título ocupa más de una línea. Escríbalo en una sola línea.",
    "text-markup": (
        "el campo {field} contiene la marca de formato {found}. Escriba ahí texto sin formato."
    ),
    "title-direction": (
        "el título contiene caracteres invisibles que cambian el sentido de lectura. Escríbalo de "
        "nuevo a mano."
    ),
    "title-template": "el texto de la plantilla sigue ahí. Escriba su propio título.",
    "title-invisible": "el título no contiene nada visible. Escríbalo de nuevo a mano.",
    "body-invisible": (
        "el texto (body) no contiene nada visible. Escríbalo entre las comillas rectas."
    ),
    "body-template": "el texto de la plantilla sigue ahí. Escriba su propio texto.",
    "event-empty": (
        "el campo {field} está vacío, y sin él esto es una simple noticia. Escriba el día o los "
        'días entre las comillas rectas, como event = "30 November - 3 December 2008", o quite la '
        "línea."
    ),
    "attachments-empty": (
        "el campo {field} está vacío, y sin él esto es una simple noticia. Escriba el archivo "
        'entre los corchetes, como attachments = ["report.pdf"], o quite la línea.'
    ),
    "link-not-web": "el enlace debe empezar por https:// o http://.",
    "link-misspelt": 'esto no es del todo una dirección web. ¿Quiso decir link = "{wanted}"?',
    "link-mail": (
        "el enlace debe ser una dirección web (https://…), no una dirección de correo. Ponga "
        "{wanted} en body."
    ),
    "link-file": (
        "el enlace debe ser una dirección web (https://…), y {found} es un archivo. Para publicar "
        "un archivo que está junto a este, escriba {wanted}."
    ),
    "link-indoors": (
        "el enlace lleva a su propio ordenador o red («{found}»), adonde ningún lector "
        "llega. Dé la dirección de una página pública, o quite la línea."
    ),
    "link-cut": ("el enlace está cortado («{found}»). Copie de nuevo la dirección entera."),
    "link-completed": "se añadió https:// al enlace; compruébelo: {wanted}.",
    "language-unknown": (
        'no se conoce el idioma «{found}». Escriba language = "en", o "fr", "ar", ….'
    ),
    "language-misspelt": "no se conoce el idioma «{found}». ¿Quiso decir {wanted}?",
    "language-read": "«{found}» se leyó como «{wanted}».",
    "category-near": (
        "la categoría «{found}» todavía no es conocida. ¿Quiso decir «{wanted}»? Queda tal "
        "como está."
    ),
    "category-sign": (
        "la categoría «{found}» contiene una coma o un |. Haga de ella dos categorías."
    ),
    "expires-before-date": (
        "expires ({found}) es anterior a date ({wanted}). Corrija uno de los dos."
    ),
    "updated-before-date": (
        "updated ({found}) es anterior a date ({wanted}). Corrija uno de los dos."
    ),
    "updated-ahead": "updated ({found}) todavía no ha llegado. Corríjalo.",
    "status-unknown": (
        'status solo puede ser "retracted". Quite la línea, o escriba status = "retracted".'
    ),
    "status-draft": (
        "para un borrador, escriba draft = true en lugar de esta línea; status solo puede "
        'ser "retracted".'
    ),
    "retraction-missing": (
        'una entrada retirada debe decir el motivo. Añada una línea: retraction = "…".'
    ),
    "retraction-alone": 'retraction va con status = "retracted". Añada esa línea, o quite esta.',
    # ---- Pictures and attachments beside the entry
    "image-not-there": ("no se encontró {found} junto a este archivo; se omite. {wanted}"),
    "file-awaited": (
        "{found} todavía no está aquí (¿aún se está copiando?). Dateline lo espera diez segundos, "
        "y después publica sin él."
    ),
    "image-no-alt": (
        "la imagen no tiene descripción para las personas que no pueden verla. Añada image_alt = "
        '"…".'
    ),
    "picture-no-alt": (
        "{found} no tiene descripción para las personas que no pueden verlo. Escríbala entre los "
        "corchetes: ![lo que muestra]({found})."
    ),
    "image-no-picture": (
        "{found} no es una imagen; se omite. Para ofrecerlo a los lectores, escriba {wanted}."
    ),
    "file-outside": "{found} está fuera de la carpeta de entradas. Póngalo junto a este archivo.",
    "media-unreadable": (
        "{found} no se puede abrir. Ciérrelo en otros programas, cópielo aquí de nuevo, o permita "
        "que el programa de publicación lo lea."
    ),
    # ---- Pictures and attachments
    "media-unknown-type": (
        "{found} es de un tipo que no se publica aquí; se omite. Guarde una "
        "imagen como JPEG o PNG, un texto como PDF."
    ),
    "media-not-what-its-name-says": (
        "{found} no es lo que dice su nombre; se omite. Ábralo y guárdelo de nuevo en ese formato."
    ),
    "text-heavy": (
        "este texto ocupa hasta {found} kB en un canal, y un canal contiene 1.900 kB de todas las "
        "noticias: sus lectores quizá solo reciban el resumen, con un enlace a la página. Ponga "
        "las listas largas y las tablas en un archivo junto a la entrada, y nómbrelo en "
        "attachments."
    ),
    "media-broken": ("{found} está dañado; se omite. Cópielo de nuevo desde su origen."),
    "media-locked": ("{found} tiene contraseña; se omite. Guarde una copia sin contraseña."),
    "media-too-large": ("{found} pesa más de 50 MB; se omite. Ponga aquí un archivo más pequeño."),
    "media-too-many-pixels": (
        "{found} tiene más de 60 millones de píxeles; se omite. Guarde la "
        "imagen más pequeña: 2.000 píxeles de ancho bastan."
    ),
}
