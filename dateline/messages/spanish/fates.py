"""What is staff told in Spanish of what became of an entry, or will?"""

from __future__ import annotations

FATES: dict[str, str] = {
    # ---- Which entry is this?
    "draft": "esta entrada es un borrador y no se publica.",
    "scheduled": "esta entrada aparecerá el {wanted}, no antes.",
    "cooling": (
        "esta entrada aparecerá el {wanted}; hasta entonces puede modificar o eliminar el archivo."
    ),
    "change-not-out": (
        "su cambio del {found} todavía no se ha publicado; la versión anterior sigue en línea."
    ),
    "many-gone": (
        "han desaparecido a la vez muchos archivos publicados ({found}); sus entradas siguen en "
        "línea. Vuelva a poner los archivos, o haga que el programa de publicación vea de nuevo la "
        "carpeta."
    ),
    # ---- What will happen
    "will-appear": "esto es nuevo: la entrada aparece el {wanted}.",
    "will-change": "la entrada está en línea, y el texto nuevo sale sin aviso.",
    "will-correct": "la entrada está en línea; se avisa a los lectores de la corrección.",
    "will-retract": "la entrada está en línea; el motivo ocupa el lugar del texto.",
    "is-live": "la entrada está en línea desde el {wanted}, y nada cambia.",
    "in-feeds": "figura en los canales {found}.",
    "at-address": "su página es {found}.",
    "dated-otherwise": (
        "los canales dicen el {wanted}, para que ningún lector se la pierda; la página dice "
        "{found}, como usted escribió."
    ),
    "old-news": (
        "tiene más de una semana: muchos lectores de canales la ponen muy abajo o no la muestran."
    ),
    "draft-live": (
        "esta entrada está en línea; draft = true no la retira. Quite la línea. Para retirar la "
        'entrada, añada status = "retracted" y retraction.'
    ),
    "date-ahead-live": (
        "esta entrada está en línea, y su fecha está ahora en el futuro ({found}). Vuelva a poner "
        "la fecha anterior."
    ),
    "copy": (
        "esto es una segunda copia de {found}, con el mismo texto. Elimínela, o dele su propio "
        "título y su propia fecha."
    ),
    "other-news": (
        "este archivo se publicó como {found}, y ahora tiene otro título y otra fecha. Si es otra "
        "noticia, dé otro nombre al archivo; si no, cambie el título y la fecha uno después del "
        "otro."
    ),
    "rename-unclear": (
        "{found} ha desaparecido, y más de un archivo nuevo podría sustituirlo. Deje solo uno de "
        "los archivos nuevos, o dé a cada uno su propio título y su propia fecha."
    ),
    "id-taken": (
        "el id «{wanted}» ya es el de {found}. Si esta entrada lo sustituye, modifique ese otro "
        "archivo; si no, quite la línea id."
    ),
    "id-changed": (
        "esta entrada está en línea como {found}; su id ya no puede cambiar. Quite la línea id."
    ),
    "file-gone": (
        "este archivo ha desaparecido; su entrada sigue en línea. Para retirarla, ponga aquí de "
        'nuevo el archivo con status = "retracted" y el campo retraction.'
    ),
    "feed-none": "ningún canal toma esta entrada (idioma: {found}); solo tiene una página.",
}
