"""What is staff told in Spanish of a line that cannot be read, or that was mended?"""

from __future__ import annotations

LINES: dict[str, str] = {
    # ---- Lines that cannot be read
    "file-not-toml": (
        "esta línea no se puede leer: «{found}». Una línea es un nombre, un signo igual y un texto "
        'entre comillas rectas, como title = "Report on Lebanon".'
    ),
    "body-open": (
        'el texto (body) empieza con """, pero no termina nunca. Añada """ al final del archivo, '
        "en una línea aparte."
    ),
    "quotes-hidden": (
        'el signo \\ delante de las últimas """ las oculta: el campo {field} no termina '
        'nunca. Borre ese \\, o ponga """ en una línea aparte.'
    ),
    "body-ends-otherwise": (
        "el campo {field} termina aquí con otras comillas ({found}) que las del principio. Escriba "
        "en su lugar {wanted}, en una línea aparte."
    ),
    "body-one-quote": (
        'el texto (body) necesita tres comillas rectas al principio y tres al final: body = """ … '
        '""".'
    ),
    "body-ended": (
        'el texto (body) terminó más arriba ("""), así que esta línea queda fuera: «{found}». '
        'Ponga las """ al final del archivo.'
    ),
    "quotes-three": (
        "tres comillas rectas seguidas terminan demasiado pronto el campo {field}. Dentro del "
        "texto use comillas simples o curvas."
    ),
    "quotes-three-line": (
        "hay algo detrás de las tres comillas que terminan el campo {field}. No deje nada detrás "
        "de ellas; dentro del texto use comillas simples o curvas."
    ),
    "quotes-missing": "ponga el campo {field} entre comillas rectas: {wanted}.",
    "quote-open-missing": (
        'faltan las comillas de apertura (") del campo {field}. Añádalas justo después del signo '
        "igual: {wanted}."
    ),
    "quote-close-missing": (
        'faltan las comillas de cierre (") del campo {field}. Añádalas al final: {wanted}.'
    ),
    "quotes-rest": (
        "hay algo detrás de las comillas de cierre del campo {field}. Póngalo todo entre un solo "
        "par de comillas: {wanted}."
    ),
    "quotes-inside": (
        'unas comillas rectas (") dentro del campo {field} lo terminan demasiado pronto. Dentro '
        "use comillas curvas (“ ”) o simples: {wanted}."
    ),
    "quote-apostrophe": (
        "un apóstrofo dentro del campo {field} lo termina demasiado pronto. Ponga el campo entre "
        "comillas dobles: {wanted}."
    ),
    "quotes-differ": (
        'las comillas del campo {field} no forman un par: {found}. Ponga comillas rectas (") a '
        "ambos lados: {wanted}."
    ),
    "quotes-other": (
        'ponga el campo {field} entre comillas rectas ("), no {found}: {wanted}. Dentro de las '
        "comillas rectas puede usar {found}."
    ),
    "two-on-a-line": (
        "el campo {field} empieza en la línea de otro campo. Dé a cada uno su propia línea."
    ),
    "comment-sign": "{found} no tiene sentido aquí. Una nota para ustedes empieza con #.",
    "text-two-lines": (
        "el campo {field} ocupa más de una línea. Escríbalo en una sola línea: {wanted}."
    ),
    "no-equals": "escriba un signo igual entre el nombre y el texto: {wanted}.",
    "value-missing": (
        "no hay nada detrás de {field}. Escriba {wanted}; un campo que no haga falta puede "
        "quitarse."
    ),
    "section": (
        "las líneas entre corchetes no se usan aquí: {found}. Quite esta línea; una línea es un "
        'nombre, un signo igual y un texto, como title = "…".'
    ),
    "section-swallows": (
        "el campo {field} y las líneas que lo siguen pertenecen ahora a {found}. Quite la parte "
        "{found} de más arriba{wanted}."
    ),
    "control-sign": (
        "aquí hay un signo invisible, después de «{found}». Elimínelo, o vuelva a escribir este "
        "pasaje a mano."
    ),
    "own-computer": (
        "«{found}» es un lugar de su propia computadora. Ponga ese archivo junto a este y escriba "
        "{wanted}."
    ),
    "link-own-computer": (
        "el enlace lleva a un archivo de su propia computadora («{found}»). Dé una dirección web; "
        "o ponga el archivo junto a este y escriba {wanted}."
    ),
    "backslash-place": "en los nombres de archivo use / y no \\: {wanted}.",
    "backslash": (
        "el signo \\ tiene aquí un sentido propio ({found}). Escriba \\\\ para un solo \\, o use /."
    ),
    "list": (
        "el campo {field} es una lista: entre corchetes, cada nombre entre comillas rectas, con "
        "comas entre los nombres: {wanted}."
    ),
    "brackets": "el campo {field} es un solo texto, no una lista. Escriba {wanted}.",
    # ---- Repairs
    "unseen-read": "",
    "quotes-read": (
        'las comillas curvas del campo {field} se leyeron como comillas rectas ("); no tiene que '
        "hacer nada."
    ),
    "width-read": (
        "los signos de ancho completo {found} se leyeron como {wanted}; no tiene que hacer nada."
    ),
    "end-ignored": "el signo «{found}» del final se pasó por alto; no tiene que hacer nada.",
    "draft-read": (
        "«{found}» se leyó como draft = {wanted} (en minúsculas); no tiene que hacer nada."
    ),
    "date-read": "el campo {field} se leyó como {wanted}; no tiene que hacer nada.",
    "list-read": "«{found}» se leyó como {wanted}; no tiene que hacer nada.",
    "key-read": "«{found}» se leyó como {field}; no tiene que hacer nada.",
}
