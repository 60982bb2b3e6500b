"""What is said around messages in French?"""

from __future__ import annotations

AROUND: dict[str, str] = {
    "line": "Ligne {line} : {text}",
    "note-hold": "{name} n'est pas publié dans son état actuel.",
    "note-wait": "{name} n'est toujours pas publié.",
    "note-warn": "{name} est à vérifier. Cela n'empêche pas sa publication.",
    "note-goes": "Ce fichier disparaîtra de lui-même quand tout sera en ordre.",
    "feed-title": "Problèmes : {title}",
    "feed-hold": "non publié",
    "feed-wait": "toujours pas publié",
    "feed-warn": "à vérifier",
    "alarm-subject": "{title} : non publié ({what})",
    "alarm-files": "{count} fichiers",
    "alarm-since": "{path}, depuis le {since} :",
    "alarm-more": "… et {count} autres.",
    "page-title": "Ce que Dateline dit d'un fichier",
    "page-head": (
        "Chaque message a un code qui ne change jamais. `{{field}}` est le nom du champ, "
        "`{{found}}` ce qui se trouve dans le fichier, `{{wanted}}` ce qu'il faut taper à la "
        "place. Le numéro de la ligne vient devant : « Ligne 4 : … »."
    ),
    "page-hold": "Retenu : non publié tant que ce n'est pas corrigé. Ce qui est en ligne le reste.",
    "page-wait": "En attente : le fichier sera relu sans que vous ayez rien à faire.",
    "page-warn": "Publié, mais quelque chose est à vérifier.",
    "page-accept": "En ordre. Ce qui a été lu autrement qu'il n'est écrit est dit.",
    "page-columns": "| code | message |",
}
