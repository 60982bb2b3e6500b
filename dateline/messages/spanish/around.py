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
