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
    "alarm-over": "{title} : n'est plus retenu ({what})",
    "alarm-file-over": "{path} n'est plus retenu, depuis le {moment}.",
    "alarm-trouble": "{title} : les nouvelles ne sortent pas comme elles le devraient",
    "alarm-well": "{title} : tout est rentré dans l'ordre",
    "alarm-condition": "Depuis le {moment} : {text}",
    "alarm-condition-over": "Terminé depuis le {moment}. C'était : {text}",
    "alarm-publisher-hung": (
        "Le programme de publication n'a pas donné signe de vie pendant {detail} secondes et a été "
        "relancé ; aucune nouvelle ne sort. Si cela continue, lisez le journal de serve."
    ),
    "alarm-publisher-crashing": (
        "Le programme de publication s'arrête de lui-même (code {detail}), est relancé et s'arrête "
        "encore ; aucune nouvelle ne sort. Le journal de serve dit pourquoi."
    ),
    "alarm-check-late": (
        "Le programme de publication a manqué trois vérifications sans dire pourquoi ; il se peut "
        "qu'aucune nouvelle ne sorte. Si une longue publication est en cours, attendez-la ; sinon, "
        "relancez serve."
    ),
    "alarm-run-failed": "Chaque vérification échoue, et aucune nouvelle ne sort : {detail}.",
    "alarm-disk-full": (
        "Le disque est plein, et aucune nouvelle ne sort : {detail}. Faites de la place."
    ),
    "alarm-folder-not-writable": (
        "Le programme de publication ne peut pas écrire là où il le doit, et aucune nouvelle ne "
        "sort : {detail}. Donnez à son compte le droit d'y écrire."
    ),
    "alarm-entries-gone": (
        "Le dossier des entrées a disparu ou ne peut pas être lu, et aucune nouvelle ne sort : "
        "{detail}."
    ),
    "alarm-ledger-damaged": (
        "Le registre est endommagé, et aucune nouvelle ne sort : {detail}. Les lecteurs reçoivent "
        "ce qui a été publié. Tapez : python publisher.py ledger check"
    ),
    "alarm-manifest-damaged": (
        "La liste de ce qui est publié est endommagée : {detail}. Tapez : python publisher.py "
        "build --all"
    ),
    "alarm-documents-lost": (
        "Des pages ou des images publiées manquent ou sont tronquées : {detail}. Recopiez-les "
        "d'une sauvegarde, ou remettez les fichiers dont elles ont été faites."
    ),
    "alarm-hub-refuses": (
        "Le hub {about} ne prend pas ce qui est nouveau ({detail}) ; les abonnés l'apprennent en "
        "retard. Demandez à ceux qui s'en occupent, ou retirez-le de hubs dans config.toml."
    ),
    "alarm-clock-off": (
        "Selon l'horloge de cette machine, le fichier ou l'entrée le plus récent est du futur "
        "({detail}) : l'horloge retarde, ou elle avançait alors. Réglez-la ; les embargos et les "
        "dates en dépendent."
    ),
    "alarm-not-served": (
        "Les processus web ne répondent pas, et les lecteurs ne reçoivent rien. Lisez le journal "
        "de serve, et relancez-le."
    ),
    "alarm-files-held": "{detail} fichiers sont retenus.",
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
