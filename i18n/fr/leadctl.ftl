# Ce que leadctl dit en français. Vouvoiement ; « guillemets » et signes doubles avec
# des espaces insécables (U+00A0) ; les termes sont ceux de docs/glossary.md.

### numbers and dates

number-thousands = { "\u00A0" }
number-percent = { $percent } %
number-decimal = ,

date-month-short = { $number ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
 }
date-day = { $day ->
    [1] 1er
   *[other] { $day }
 } { $month } { $year }
date-day-of-year = { $day ->
    [1] 1er
   *[other] { $day }
 } { $month }
date-timed = { $day } à { $time }

date-weekday-short = { $number ->
    [1] lundi
    [2] mardi
    [3] mercredi
    [4] jeudi
    [5] vendredi
    [6] samedi
   *[7] dimanche
 }
date-weekday = { $weekday } { $day }

### lead

value-quoted = « { $value } »
list-and = { $items } et { $last }
list-or = { $items } ou { $last }

state-delivered = remis
state-pending = en attente
state-approved = approuvé
state-expired = expiré
state-duplicate = doublon
state-rejected = refusé
state-returned = retourné
state-invalid = invalide
state-filtered = écarté
state-held = retenu
state-failed = en échec
state-unsent = non envoyé
state-in-doubt = incertain
state-skipped = ignoré

state-count-delivered = { COUNT($count) } remis
state-count-pending = { COUNT($count) } en attente
state-count-approved = { $count ->
    [one] { COUNT($count) } approuvé
   *[other] { COUNT($count) } approuvés
 }
state-count-expired = { $count ->
    [one] { COUNT($count) } expiré
   *[other] { COUNT($count) } expirés
 }
state-count-duplicate = { $count ->
    [one] { COUNT($count) } doublon
   *[other] { COUNT($count) } doublons
 }
state-count-rejected = { $count ->
    [one] { COUNT($count) } refusé
   *[other] { COUNT($count) } refusés
 }
state-count-returned = { $count ->
    [one] { COUNT($count) } retourné
   *[other] { COUNT($count) } retournés
 }
state-count-invalid = { $count ->
    [one] { COUNT($count) } invalide
   *[other] { COUNT($count) } invalides
 }
state-count-filtered = { $count ->
    [one] { COUNT($count) } écarté
   *[other] { COUNT($count) } écartés
 }
state-count-held = { $count ->
    [one] { COUNT($count) } retenu
   *[other] { COUNT($count) } retenus
 }
state-count-failed = { COUNT($count) } en échec
state-count-unsent = { $count ->
    [one] { COUNT($count) } non envoyé
   *[other] { COUNT($count) } non envoyés
 }
state-count-in-doubt = { $count ->
    [one] { COUNT($count) } incertain
   *[other] { COUNT($count) } incertains
 }
state-count-skipped = { $count ->
    [one] { COUNT($count) } ignoré
   *[other] { COUNT($count) } ignorés
 }

held-paused = en pause
held-cap-until = au-delà du plafond jusqu'au { $until }
held-cap = au-delà du plafond total
held-hours-until = hors des horaires jusqu'au { $until }
held-hours = hors des horaires
held = { $why } : gardé, à envoyer plus tard

### config

### input

input-unreadable = ce fichier ne peut pas être lu : { $why }
input-is-folder-hint = indiquez le fichier de ce dossier qui contient les leads
input-scratch = la lecture de ce fichier passe par le dossier { $folder }, et elle a échoué : { $why }
input-scratch-hint = libérez-y de la place, ou indiquez un autre dossier : TMPDIR=/un/dossier
input-scratch-hint-windows = libérez-y de la place, ou indiquez un autre dossier dans la variable TEMP
input-damaged = ce fichier ne peut pas être lu comme { $format } : il est abîmé
input-damaged-hint = ouvrez-le dans Excel, qui peut le réparer, et enregistrez-le en .xlsx ; ou récupérez-le à nouveau
input-two-encodings = les caractères de ce fichier se lisent de deux façons, aussi probables l'une que l'autre : { $readings }
input-two-encodings-hint = dites laquelle est la bonne : { $flags }
input-no-encoding = les caractères de ce fichier ne forment de mots dans aucun encodage courant : { $readings }
input-no-encoding-hint = indiquez son encodage, par exemple --encoding windows-1251, ou exportez-le en UTF-8
input-reading = en { $encoding } ({ $words })
input-lost-json = à partir d'ici, ce n'est plus du JSON lisible : les leads qui suivent manquent
input-lost-json-hint = récupérez à nouveau le fichier entier, ou corrigez ce qui est signalé à la ligne précédente
input-strange = aucun lead ne peut y être lu : c'est { $what }
input-protected = ce fichier est protégé par un mot de passe
input-protected-hint = ouvrez-le avec son mot de passe, puis enregistrez-le sans
input-several-exports = cette archive contient plusieurs exports : { $names }
input-several-exports-hint = décompressez-la, et indiquez ceux que vous voulez :
input-no-export = cette archive ne contient aucun export : { $names }
input-no-export-empty = cette archive ne contient aucun export : elle est vide
input-no-export-hint = un export est un fichier .csv, .xlsx, .xls, .xlsb, .ods, .json, .jsonl ou .html
input-cut-archive = ce fichier ne peut pas être décompressé jusqu'au bout : { $why }
input-cut-archive-hint = récupérez à nouveau le fichier entier
input-too-large = décompressé, ce fichier dépasse 2 Go : ce n'est pas un export
input-too-large-hint = est-ce le bon fichier ? Si oui, décompressez-le et découpez-le
input-long-table = ce tableau est écrit colonne par colonne, et dépasse 4 Mo
input-long-table-hint = faites-le écrire ligne par ligne, en liste d'objets (avec pandas, orient="records"), ou en CSV
input-no-json = aucun lead ne peut y être lu : ce n'est pas du JSON qui commence par { "{" } ou [{ "{" }
input-no-json-hint = un lead est un objet, par exemple [{ "{" }"email": "lea@example.fr"{ "}" }] ; si c'est un fichier CSV, dites-le avec --input-format csv
input-hidden = masqué ou filtré dans ce classeur : { $what }
input-hidden-hint = qui filtre ou masque veut en général que le reste ne parte pas : affichez-le à nouveau, ou dites ce qui est voulu :
    --hidden skip   l'exclut
    --hidden send   l'envoie avec le reste
input-hidden-sheet = la feuille « { $name } »
input-lost-sheets = ce classeur annonce la feuille { $sheets }, mais elle ne s'y trouve pas
input-lost-sheets-hint = ouvrez-le dans Excel, qui peut le réparer, ou récupérez-le à nouveau ; pour lire une autre de ses feuilles, indiquez-la : --sheet NOM
input-error-cell = une cellule de cette feuille contient { $word }, qui ne peut pas être lu
input-error-cell-hint = corrigez cette cellule dans Excel, ou videz-la
input-page-encoding = cette page contient des octets qui ne sont pas du texte { $encoding }, encodage dans lequel elle est lue
input-page-encoding-hint = indiquez son encodage, par exemple --encoding windows-1252
input-unknown-sheet = ce classeur n'a pas de feuille nommée « { $wanted } »
input-unknown-sheet-hint = ses feuilles sont : { $sheets }

input-header = la ligne des noms de colonnes ne peut pas être lue : { $why }
input-header-is-lead = la première ligne est déjà un lead (elle contient « { $value } ») : les noms des colonnes manquent
input-header-is-lead-hint = ajoutez une première ligne qui nomme chaque colonne, par exemple Nom;Prénom;E-mail;Téléphone
input-no-header-there = rien sur cette ligne ne peut nommer les colonnes
input-no-header-there-hint = c'est le numéro de la ligne dans le fichier, lignes vides comprises ; --header-row en indique une autre
input-no-header = aucune ligne de noms de colonnes n'a été trouvée : la première ligne dit seulement « { $first } », et les suivantes ont plus de cellules
input-no-header-hint = dites à quelle ligne sont les noms des colonnes, par exemple --header-row { $line }
input-leads-above = un lead se trouve ici, au-dessus de la ligne des noms de colonnes (ligne { $header })
input-leads-above-hint = mettez les noms des colonnes à la première ligne ; si les lignes au-dessus ne sont pas des leads, dites-le : --header-row { $header }

input-open-quote = un guillemet (") ouvre une cellule de cette ligne et n'est jamais refermé : refermez-le à la fin de la cellule, ou supprimez-le
input-open-quote-line = un guillemet (") ouvre une cellule à la ligne { $line } et n'est jamais refermé : refermez-le à la fin de la cellule, ou supprimez-le
input-stray-quote = une cellule de cette ligne s'ouvre par un guillemet (") qui ne se referme pas à la fin de la cellule : doublez les guillemets à l'intérieur d'une cellule (""), ou supprimez-les
input-stray-quote-line = à la ligne { $line }, une cellule s'ouvre par un guillemet (") qui ne se referme pas à la fin de la cellule : doublez les guillemets à l'intérieur d'une cellule (""), ou supprimez-les
input-row-too-long = cette ligne dépasse 1 Mo, ce n'est donc pas un lead : le fichier est-il abîmé ?
input-row-too-few = cette ligne a { $cells }, alors que la première ligne nomme { $columns } : est-elle coupée ?
input-row-too-many = cette ligne a { $cells }, alors que la première ligne nomme { $columns } : une cellule qui contient { $delimiter } doit être entre guillemets
input-row-encoding = cette ligne contient des octets qui ne sont pas du texte { $encoding }, { $place } : enregistrez à nouveau le fichier en UTF-8, ou indiquez son encodage avec --encoding
input-cell-too-long = la cellule de la colonne { $column } dépasse 256 ko, cette ligne n'est donc pas un lead : le fichier est-il abîmé ?
input-cell-nul = la cellule de la colonne { $column } contient un caractère NUL, cette ligne n'est donc pas un lead : le fichier est-il abîmé ?
input-no-object = en JSON, un lead s'écrit { "{" }…{ "}" }, et ici se trouve : { $what }
input-json-syntax = ce n'est pas du JSON valide (ligne { $line }, { $place })
input-json-unbalanced = ce n'est pas du JSON valide : ses guillemets ou ses crochets ne correspondent pas, sa fin est donc inconnue
input-json-cut-object = le fichier s'arrête au milieu de cet objet : récupérez à nouveau le fichier entier
input-json-cut-list = le fichier s'arrête avant le { $closing } qui ferme sa liste ou sa page : des leads peuvent manquer après le dernier ; récupérez à nouveau le fichier entier
input-row-wider = cette ligne a { $cells }, alors que le tableau a { $columns } : lesquelles faut-il lire ?
input-no-pairs = ce lead n'a pas de liste de réponses (« { $key } ») : n'est-ce que l'avis de son arrivée ?
input-key-twice = la clé « { $key } » figure deux fois dans cet objet : laquelle est la bonne ?
input-empty-object = cet objet est vide

input-rows = { $count ->
    [one] { $count } ligne
   *[other] { $count } lignes
 }
input-columns = { $count ->
    [one] { $count } colonne
   *[other] { $count } colonnes
 }
input-cells = { $count ->
    [one] { $count } cellule
   *[other] { $count } cellules
 }
input-a-tab = une tabulation
input-at-start = au début
input-after = après « { $before } »

input-format-csv = CSV
input-format-json = JSON
input-format-json-lines = JSON Lines
input-format-excel = classeur Excel
input-format-opendocument = classeur OpenDocument
input-format-page = page web avec un tableau
input-is-document-hint = aucun lead ne peut être lu dans un document : exportez-les depuis leur outil d'origine, en .xlsx ou en CSV
input-is-archive-hint = décompressez-le, et indiquez le fichier qui contient les leads
input-is-image-hint = aucun lead ne peut être lu dans une image : exportez-les depuis leur outil d'origine, en .xlsx ou en CSV
input-is-tables-hint = exportez la table qui contient les leads, en .xlsx ou en CSV
input-is-old-workbook-hint = ouvrez-le dans Excel et enregistrez-le en .xlsx
input-is-mhtml = une page web archivée ou un e-mail (MHTML)
input-is-older-workbook = un classeur antérieur à Excel 97
input-is-bare-workbook = un classeur sans son enveloppe
input-is-apple-hint = dans Numbers : Fichier, Exporter vers, Excel
input-is-pdf = un document PDF
input-is-rtf = un document RTF
input-is-rar = une archive RAR
input-is-7-zip = une archive 7-Zip
input-is-compressed = un fichier compressé ({ $format })
input-is-tar = une archive tar
input-is-image = une image ({ $format })
input-is-sqlite = une base de données (SQLite)
input-is-access = une base de données Access
input-is-parquet = un fichier Parquet
input-is-vcard = un carnet d'adresses (vCard)
input-is-sylk = un tableau SYLK (.slk)
input-is-word = un document Word ({ $extension })
input-is-presentation = une présentation PowerPoint
input-is-old-presentation = une présentation PowerPoint (.ppt)
input-is-apple = un document Numbers, Pages ou Keynote
input-is-e-book = un livre numérique
input-is-android = une application Android
input-is-outlook = un message Outlook (.msg)
input-is-owner-file = seulement la marque d'un classeur que quelqu'un a ouvert
input-is-owner-file-hint = indiquez le classeur lui-même, sans ~$
input-is-page = une page web ou du XML sans tableau
input-is-page-hint = est-ce une page qui demande un mot de passe ? Refaites l'export, en .xlsx ou en CSV

input-encoding-dos = page de code DOS { $page }
input-encoding-sure = { $encoding } (sûr)
input-encoding-sure-by = { $encoding } (sûr, comme dans { $words })
input-encoding-likely = { $encoding } (probable)
input-encoding-likely-by = { $encoding } (probable, comme dans { $words })

input-facts-sheet = feuille { $sheet }
input-facts-sheets = feuilles { $sheets }
input-facts-tabs = tabulations entre les cellules
input-facts-delimiter = { $delimiter } entre les cellules
input-facts-header = en-têtes à la ligne { $line }
input-facts-titles = en-têtes à la ligne { $line } ; au-dessus se trouve { $above } (--header-row l'emporte)

### mapping

### http

### outcome

### ledger

### delivery

### output

### cli

### help

### session

### sandbox

### pipeline

### commands: send, resend, follow, routes

### commands: look (status, history, report, list, partners)

### commands: set up (init, check, sandbox, partner-settings)

### commands: keep (resolve, amend, block, purge, backup, restore)

### commands: notify

### errors

