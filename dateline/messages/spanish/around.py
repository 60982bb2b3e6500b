"""What is said around messages in Spanish?"""

from __future__ import annotations

AROUND: dict[str, str] = {
    "line": "Línea {line}: {text}",
    "note-hold": "{name} no se publica tal como está.",
    "note-wait": "{name} todavía no se ha publicado.",
    "note-warn": "Conviene revisar {name}. Esto no impide su publicación.",
    "note-goes": "Este archivo desaparecerá por sí solo cuando todo esté bien.",
    "feed-title": "Problemas: {title}",
    "feed-hold": "no publicado",
    "feed-wait": "todavía no publicado",
    "feed-warn": "conviene revisarlo",
    "alarm-subject": "{title}: no publicado ({what})",
    "alarm-files": "{count} archivos",
    "alarm-since": "{path}, desde el {since}:",
    "alarm-more": "… y {count} más.",
    "alarm-over": "{title}: ya no se retiene ({what})",
    "alarm-file-over": "{path} ya no se retiene, desde el {moment}.",
    "alarm-trouble": "{title}: las noticias no salen como deberían",
    "alarm-well": "{title}: todo está bien de nuevo",
    "alarm-condition": "Desde el {moment}: {text}",
    "alarm-condition-over": "Terminó el {moment}. Era: {text}",
    "alarm-publisher-hung": (
        "El programa de publicación no dio señales de vida durante {detail} segundos y se inició "
        "de nuevo; no sale ninguna noticia. Si continúa, lea el registro de serve."
    ),
    "alarm-publisher-crashing": (
        "El programa de publicación termina por sí solo (código {detail}), se inicia de nuevo y "
        "vuelve a terminar; no sale ninguna noticia. El registro de serve dice por qué."
    ),
    "alarm-check-late": (
        "El programa de publicación ha omitido tres comprobaciones sin decir por qué; puede que "
        "no salga ninguna noticia. Si hay una publicación larga en marcha, espérela; si no, "
        "reinicie serve."
    ),
    "alarm-run-failed": "Todas las comprobaciones fallan, y no sale ninguna noticia: {detail}.",
    "alarm-disk-full": "El disco está lleno, y no sale ninguna noticia: {detail}. Haga sitio.",
    "alarm-folder-not-writable": (
        "El programa de publicación no puede escribir donde debe, y no sale ninguna noticia: "
        "{detail}. Dé a su cuenta permiso para escribir allí."
    ),
    "alarm-entries-gone": (
        "La carpeta de entradas ha desaparecido o no se puede leer, y no sale ninguna noticia: "
        "{detail}."
    ),
    "alarm-ledger-damaged": (
        "El libro de registro está dañado, y no sale ninguna noticia: {detail}. Los lectores "
        "reciben lo que se publicó. Escriba: python publisher.py ledger check"
    ),
    "alarm-manifest-damaged": (
        "La lista de lo publicado está dañada: {detail}. Escriba: python publisher.py build --all"
    ),
    "alarm-documents-lost": (
        "Faltan páginas o imágenes publicadas, o están cortadas: {detail}. Cópielas de una copia "
        "de seguridad, o devuelva los archivos de los que se hicieron."
    ),
    "alarm-hub-refuses": (
        "El hub {about} no acepta lo nuevo ({detail}); los suscriptores se enteran tarde. Pregunte "
        "a quienes lo mantienen, o quítelo de hubs en config.toml."
    ),
    "alarm-clock-off": (
        "Según el reloj de esta máquina, el archivo o la entrada más reciente es del futuro "
        "({detail}): el reloj va atrasado, o iba adelantado entonces. Póngalo en hora; los "
        "embargos y las fechas dependen de él."
    ),
    "alarm-not-served": (
        "Los procesos web no responden, y los lectores no reciben nada. Lea el registro de serve, "
        "y reinícielo."
    ),
    "alarm-files-held": "{detail} archivos están retenidos.",
    "page-title": "Lo que Dateline dice de un archivo",
    "page-head": (
        "Cada mensaje tiene un código que nunca cambia. `{{field}}` es el nombre del campo, "
        "`{{found}}` lo que está en el archivo, `{{wanted}}` lo que se debe escribir en su lugar. "
        "El número de la línea va delante: «Línea 4: …»."
    ),
    "page-hold": (
        "Retenido: no se publica hasta que se corrija. Lo que ya está en línea sigue en línea."
    ),
    "page-wait": "En espera: se leerá de nuevo sin que usted haga nada.",
    "page-warn": "Publicado, pero conviene revisar algo.",
    "page-accept": "Todo bien. Se dice lo que se leyó de otro modo que como está escrito.",
    "page-columns": "| código | mensaje |",
}
