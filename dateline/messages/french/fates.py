"""What is staff told in French of what became of an entry, or will?"""

from __future__ import annotations

FATES: dict[str, str] = {
    # ---- Which entry is this?
    "draft": "cette entrée est un brouillon et n'est pas publiée.",
    "scheduled": "cette entrée paraîtra le {wanted}, et pas avant.",
    "cooling": (
        "cette entrée paraîtra le {wanted} ; d'ici là, vous pouvez modifier ou supprimer le "
        "fichier."
    ),
    "unrecognised": (
        "le registre a été perdu, et aucune entrée publiée ne porte ce titre et cette date. Si "
        "c'est nouveau, modifiez quelque chose dans le fichier, une espace suffit ; si l'entrée a "
        "été supprimée du site, supprimez le fichier."
    ),
    "stopped": (
        "cette entrée a été arrêtée dans la salle de rédaction avant sa publication. Pour la "
        "publier malgré tout, modifiez le fichier ; sinon, supprimez-le."
    ),
    "change-not-out": (
        "votre modification du {found} n'est pas encore publiée ; la version précédente reste en "
        "ligne."
    ),
    "many-gone": (
        "des fichiers publiés ont disparu tous à la fois ({found}) ; leurs entrées restent en "
        "ligne. Remettez les fichiers, ou rendez le dossier de nouveau visible pour le programme "
        "de publication. Si c'était voulu, tapez : python publisher.py allow {wanted} pour les "
        "retirer, ou keep {wanted} pour tout laisser en l'état."
    ),
    "many-updated": (
        "{found} entrées se disent toutes à la fois mises à jour, et chaque lecteur les recevrait "
        "toutes de nouveau ; aucune ne l'est donc. Supprimez les lignes updated. Si c'était voulu, "
        "tapez : python publisher.py allow {wanted}."
    ),
    "updated-held": (
        "cette modification attend, parce que trop d'entrées se disent à la fois mises à jour. "
        "Supprimez la ligne updated."
    ),
    "feed-emptied": (
        "plus aucune entrée du flux {found} n'y a sa place ; ses lecteurs gardent donc ce qu'ils "
        "ont. Vérifiez ses categories, authors, kinds et language dans config.toml. Si c'était "
        "voulu, tapez : python publisher.py allow {wanted}."
    ),
    "tag-changed": (
        "tag valait {found} dans config.toml, et les flux auraient d'autres id ; l'ancien tag "
        "reste donc en vigueur. Remettez-le. Si c'était voulu, tapez : python publisher.py allow "
        "{wanted}."
    ),
    "feed-removed": (
        "config.toml n'a plus de flux pour {found} ; ses lecteurs gardent donc ce qu'ils ont. "
        "Remettez le flux, ou inscrivez l'adresse sous [gone], ou sous [moved] avec le flux qui le "
        "remplace."
    ),
    "hub-refuses": (
        "le hub {found} refuse d'être averti des changements (il répond {wanted}) ; ses abonnés "
        "reçoivent donc les nouvelles en retard. Corrigez hubs dans config.toml, ou adressez-vous "
        "à qui gère ce hub."
    ),
    "hub-silent": (
        "le hub {found} n'a pas pu être averti des changements pendant {wanted} jours ; ses "
        "abonnés reçoivent donc les nouvelles en retard. Corrigez hubs dans config.toml, ou "
        "adressez-vous à qui gère ce hub."
    ),
    # ---- What will happen
    "date-reads": "le champ {field} est lu ainsi : {wanted}.",
    "will-appear": "ceci est nouveau : l'entrée paraît aussitôt, datée du {wanted}.",
    "will-change": "l'entrée est en ligne, et le nouveau texte paraît sans que rien ne le signale.",
    "will-correct": "l'entrée est en ligne ; la correction est signalée aux lecteurs.",
    "will-retract": "l'entrée est en ligne ; le motif prend la place du texte.",
    "is-live": "l'entrée est en ligne depuis le {wanted}, et rien ne change.",
    "in-feed": "elle figure dans le flux {found}.",
    "in-feeds": "elle figure dans les flux {found}.",
    "at-address": "sa page est {found}.",
    "dated-otherwise": (
        "les flux disent le {wanted}, pour qu'aucun lecteur ne la manque ; la page dit {found}, "
        "comme vous l'avez écrit."
    ),
    "old-news": (
        "elle a plus d'une semaine : beaucoup de lecteurs de flux la placent très bas ou ne la "
        "montrent pas."
    ),
    "date-slip": (
        "le {found} remonte à une année environ : les flux l'indiquent aussi, et bien des lecteurs "
        "ne montrent pas l'entrée. Si l'année est erronée, écrivez date = {wanted} ; si c'est une "
        "ancienne nouvelle, tout va bien."
    ),
    "date-slip-corrected": (
        "la page porte la nouvelle date, mais les lecteurs ont reçu cette entrée comme une "
        "ancienne nouvelle, et les flux gardent l'ancienne date. Pour l'annoncer comme nouvelle, "
        "tapez : python publisher.py allow {wanted} ; l'ancienne entrée est retirée, et ceux qui "
        "l'ont déjà l'ont deux fois."
    ),
    "date-far-ahead": (
        "le {found} est dans une année environ, et personne ne voit cette entrée avant. Si l'année "
        "est erronée, écrivez date = {wanted}."
    ),
    "correction-stays": (
        "les lecteurs voient toujours la correction « {found} » : ce qui leur a été dit le reste, "
        "même si le fichier ne le dit plus. Si elle était fausse, dites-le dans une autre "
        "correction."
    ),
    "draft-live": (
        "cette entrée est en ligne ; draft = true ne la retire pas. Supprimez la ligne. Pour "
        "retirer l'entrée, supprimez le fichier, ou ajoutez "
        'status = "retracted" et retraction.'
    ),
    "clock-behind-live": (
        "cette entrée est en ligne, et selon l'horloge de la machine qui publie ({found}) sa date "
        "est encore à venir : cette horloge semble fausse. Laissez le fichier tel quel, et "
        "demandez à ceux qui s'occupent de la machine de la régler ; l'entrée reste en ligne."
    ),
    "date-ahead-live": (
        "cette entrée est en ligne, et sa date est maintenant dans l'avenir ({found}). Remettez "
        "l'ancienne date."
    ),
    "copy": (
        "ceci est une seconde copie de {found}, avec le même texte. Supprimez-la, ou donnez-lui "
        "son propre titre et sa propre date."
    ),
    "other-news": (
        "ce fichier a été publié sous le titre {found}, et dit maintenant autre chose. S'il "
        "s'agit d'une autre nouvelle, donnez un autre nom au fichier, ou tapez : python "
        "publisher.py allow {wanted} ; l'ancienne entrée reste alors telle quelle. S'il s'agit de "
        "la même entrée, ajoutez une correction, ou tapez : python publisher.py keep {wanted}."
    ),
    "rename-unclear": (
        "{found} a disparu, et plus d'un nouveau fichier pourrait le remplacer. Gardez un seul des "
        "nouveaux fichiers, ou donnez à chacun son propre titre et sa propre date."
    ),
    "renamed-edited": (
        "ce fichier a le texte ou le titre de {found}, qui a disparu. S'il s'agit de la même "
        "nouvelle, redonnez-lui le nom {found} ; s'il s'agit d'une autre, tapez : python "
        "publisher.py allow {wanted}"
    ),
    "id-taken": (
        "l'id « {wanted} » est déjà celui de {found}. Si cette entrée le remplace, modifiez plutôt "
        "ce fichier-là ; sinon, supprimez la ligne id."
    ),
    "id-changed": (
        "cette entrée est en ligne sous {found} ; avec un autre id ce serait une autre entrée, que "
        "les lecteurs recevraient deux fois. Supprimez la ligne id ; si c'est voulu, tapez : "
        "python publisher.py allow {wanted}"
    ),
    "file-gone": (
        "ce fichier a disparu ; son entrée est retirée {wanted} min après. Pour la garder, "
        "remettez le fichier."
    ),
    "old-gone": (
        "ce fichier a disparu ; son entrée a plus de 30 jours et reste en ligne. Tapez : python "
        "publisher.py allow {wanted} pour la retirer, ou keep {wanted} pour tout laisser en l'état."
    ),
    "taken-down": (
        "ce que dit ce fichier a été supprimé pour de bon. Supprimez le fichier ; s'il s'agit "
        "d'une autre nouvelle, donnez-lui un autre nom."
    ),
    "translation-near": (
        "il n'y a pas d'entrée {found}. Vouliez-vous dire translation_of = \"{wanted}\" ?"
    ),
    "translation-unknown": (
        "il n'y a pas d'entrée {found}. Écrivez le nom du fichier que celui-ci traduit, sans "
        '.toml, comme dans translation_of = "2008-10-20-lebanon".'
    ),
    "translation-unclear": (
        "plus d'une entrée s'appelle {found}. Écrivez aussi le dossier, comme dans "
        'translation_of = "{wanted}".'
    ),
    "translation-self": (
        "cette entrée dit qu'elle est sa propre traduction. Écrivez le nom de l'autre fichier, ou "
        "supprimez la ligne."
    ),
    "feed-none": "aucun flux ne prend cette entrée (langue : {found}) ; elle n'a qu'une page.",
}
