"""What is staff told in Spanish of what became of an entry, or will?"""

from __future__ import annotations

FATES: dict[str, str] = {
    # ---- Which entry is this?
    "draft": "esta entrada es un borrador y no se publica.",
    "scheduled": "esta entrada aparecerá el {wanted}, no antes.",
    "cooling": (
        "esta entrada aparecerá el {wanted}; hasta entonces puede modificar o eliminar el archivo."
    ),
    "unrecognised": (
        "el registro se perdió y ninguna entrada publicada tiene este título y esta fecha. Si es "
        "nueva, cambie algo en el archivo, basta un espacio; si se retiró del sitio, elimínelo."
    ),
    "stopped": (
        "esta entrada se detuvo en la redacción antes de publicarse. Para publicarla de todos "
        "modos, modifique el archivo; si no, elimínelo."
    ),
    "change-not-out": (
        "su cambio del {found} todavía no se ha publicado; la versión anterior sigue en línea."
    ),
    "many-gone": (
        "han desaparecido a la vez muchos archivos publicados ({found}); sus entradas siguen en "
        "línea. Vuelva a poner los archivos, o haga que el programa de publicación vea de nuevo la "
        "carpeta. Si era intencionado, escriba: python publisher.py allow {wanted} para "
        "retirarlas, o keep {wanted} para dejarlas como están."
    ),
    "many-updated": (
        "{found} entradas dicen a la vez que se actualizaron, y cada lector las recibiría todas de "
        "nuevo; por eso no se actualiza ninguna. Quite las líneas updated. Si era intencionado, "
        "escriba: python publisher.py allow {wanted}."
    ),
    "updated-held": (
        "este cambio espera, porque demasiadas entradas dicen a la vez que se actualizaron. Quite "
        "la línea updated."
    ),
    "feed-emptied": (
        "ninguna entrada del canal {found} tiene ya su lugar en él; por eso sus lectores conservan "
        "lo que tienen. Revise sus categories, authors, kinds y language en config.toml. Si era "
        "intencionado, escriba: python publisher.py allow {wanted}."
    ),
    "tag-changed": (
        "tag era {found} en config.toml, y los canales tendrían otros id; por eso sigue en vigor "
        "el tag anterior. Vuelva a ponerlo. Si era intencionado, escriba: python publisher.py "
        "allow {wanted}."
    ),
    "feed-removed": (
        "config.toml ya no tiene un canal para {found}; por eso sus lectores conservan lo que "
        "tienen. Vuelva a poner el canal, o escriba la dirección en [gone], o en [moved] con el "
        "canal que lo sustituye."
    ),
    "hub-refuses": (
        "el hub {found} no acepta que se le avise de los cambios (responde {wanted}); por eso sus "
        "suscriptores reciben tarde las noticias. Corrija hubs en config.toml, o consulte a quien "
        "lo administra."
    ),
    "hub-silent": (
        "no se pudo avisar de los cambios al hub {found} durante {wanted} días; por eso sus "
        "suscriptores reciben tarde las noticias. Corrija hubs en config.toml, o consulte a quien "
        "lo administra."
    ),
    # ---- What will happen
    "date-reads": "el campo {field} se lee así: {wanted}.",
    "will-appear": "esto es nuevo: la entrada aparece enseguida, con fecha del {wanted}.",
    "will-change": "la entrada está en línea, y el texto nuevo sale sin aviso.",
    "will-correct": "la entrada está en línea; se avisa a los lectores de la corrección.",
    "will-retract": "la entrada está en línea; el motivo ocupa el lugar del texto.",
    "is-live": "la entrada está en línea desde el {wanted}, y nada cambia.",
    "in-feed": "figura en el canal {found}.",
    "in-feeds": "figura en los canales {found}.",
    "at-address": "su página es {found}.",
    "dated-otherwise": (
        "los canales dicen el {wanted}, para que ningún lector se la pierda; la página dice "
        "{found}, como usted escribió."
    ),
    "old-news": (
        "tiene más de una semana: muchos lectores de canales la ponen muy abajo o no la muestran."
    ),
    "date-slip": (
        "el {found} fue hace alrededor de un año: los canales también lo dicen, y muchos lectores "
        "no muestran la entrada. Si el año es un error, escriba date = {wanted}; si es una noticia "
        "antigua, todo está bien."
    ),
    "date-slip-corrected": (
        "la página tiene la nueva fecha, pero los lectores recibieron esta entrada como noticia "
        "antigua, y los canales conservan la fecha anterior. Para anunciarla como nueva, escriba: "
        "python publisher.py allow {wanted}; la entrada anterior se retira, y quien ya la tiene la "
        "tiene dos veces."
    ),
    "date-far-ahead": (
        "para el {found} falta alrededor de un año, y nadie ve esta entrada antes. Si el año es un "
        "error, escriba date = {wanted}."
    ),
    "correction-stays": (
        "los lectores siguen viendo la corrección «{found}»: lo que se les dijo no se retira al "
        "quitarlo del archivo. Si era falsa, dígalo en otra corrección."
    ),
    "draft-live": (
        "esta entrada está en línea; draft = true no la retira. Quite la línea. Para retirar la "
        'entrada, elimine el archivo, o añada status = "retracted" y retraction.'
    ),
    "clock-behind-live": (
        "esta entrada está en línea, y según el reloj de la máquina que publica ({found}) su fecha "
        "aún está por llegar: ese reloj parece equivocado. Deje el archivo como está, y pida a "
        "quienes se ocupan de la máquina que lo pongan en hora; la entrada sigue en línea."
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
        "este archivo se publicó como {found}, y ahora dice otra cosa. Si es otra noticia, dé otro "
        "nombre al archivo, o escriba: python publisher.py allow {wanted}; entonces la entrada "
        "anterior queda como está. Si es la misma entrada, añada una corrección, o escriba: python "
        "publisher.py keep {wanted}."
    ),
    "rename-unclear": (
        "{found} ha desaparecido, y más de un archivo nuevo podría sustituirlo. Deje solo uno de "
        "los archivos nuevos, o dé a cada uno su propio título y su propia fecha."
    ),
    "renamed-edited": (
        "este archivo tiene el texto o el título de {found}, que ha desaparecido. Si es la misma "
        "noticia, vuelva a llamarlo {found}; si es otra, escriba: python publisher.py allow "
        "{wanted}"
    ),
    "id-taken": (
        "el id «{wanted}» ya es el de {found}. Si esta entrada lo sustituye, modifique ese otro "
        "archivo; si no, quite la línea id."
    ),
    "id-changed": (
        "esta entrada está en línea como {found}; con otro id sería otra entrada, y los lectores "
        "la recibirían dos veces. Quite la línea id; si es lo que quiere, escriba: python "
        "publisher.py allow {wanted}"
    ),
    "file-gone": (
        "este archivo ha desaparecido; su entrada se retira {wanted} min después. Para "
        "conservarla, vuelva a poner el archivo."
    ),
    "old-gone": (
        "este archivo ha desaparecido; su entrada tiene más de 30 días y sigue en línea. Escriba: "
        "python publisher.py allow {wanted} para retirarla, o keep {wanted} para dejarla como está."
    ),
    "taken-down": (
        "lo que dice este archivo se eliminó para siempre. Elimine el archivo; si es otra noticia, "
        "déle otro nombre."
    ),
    "translation-near": (
        'no hay ninguna entrada {found}. ¿Quería decir translation_of = "{wanted}"?'
    ),
    "translation-unknown": (
        "no hay ninguna entrada {found}. Escriba el nombre del archivo que este traduce, sin "
        '.toml, como en translation_of = "2008-10-20-lebanon".'
    ),
    "translation-unclear": (
        "más de una entrada se llama {found}. Escriba también la carpeta, como en "
        'translation_of = "{wanted}".'
    ),
    "translation-self": (
        "esta entrada dice que es su propia traducción. Escriba el nombre del otro archivo, o "
        "quite la línea."
    ),
    "feed-none": "ningún canal toma esta entrada (idioma: {found}); solo tiene una página.",
}
