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

date-told-today = aujourd'hui à { $time }
date-cell-today = aujourd'hui %H:%M
date-cell-of-year = %d/%m %H:%M
date-cell = %d/%m/%Y
date-cell-minute = %d/%m/%Y %H:%M

date-month-long = { $number ->
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
date-month-of-year = { $month } { $year }
date-month-brief = { $number ->
    [1] janv.
    [2] févr.
    [3] mars
    [4] avr.
    [5] mai
    [6] juin
    [7] juil.
    [8] août
    [9] sept.
    [10] oct.
    [11] nov.
   *[12] déc.
 }

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

state-count-delivered = { COUNT($count) } remis
state-count-pending = { COUNT($count) } en attente
state-count-approved = { $count ->
    [one] { COUNT($count) } approuvé
   *[other] { COUNT($count) } approuvés
 }
state-count-expired = { $count ->
    [one] { COUNT($count) } expiré
   *[other] { COUNT($count) } expirés
 }
state-count-duplicate = { $count ->
    [one] { COUNT($count) } doublon
   *[other] { COUNT($count) } doublons
 }
state-count-rejected = { $count ->
    [one] { COUNT($count) } refusé
   *[other] { COUNT($count) } refusés
 }
state-count-returned = { $count ->
    [one] { COUNT($count) } retourné
   *[other] { COUNT($count) } retournés
 }
state-count-invalid = { $count ->
    [one] { COUNT($count) } invalide
   *[other] { COUNT($count) } invalides
 }
state-count-filtered = { $count ->
    [one] { COUNT($count) } écarté
   *[other] { COUNT($count) } écartés
 }
state-count-held = { $count ->
    [one] { COUNT($count) } retenu
   *[other] { COUNT($count) } retenus
 }
state-count-failed = { COUNT($count) } en échec
state-count-unsent = { $count ->
    [one] { COUNT($count) } non envoyé
   *[other] { COUNT($count) } non envoyés
 }
state-count-in-doubt = { $count ->
    [one] { COUNT($count) } incertain
   *[other] { COUNT($count) } incertains
 }
state-count-skipped = { $count ->
    [one] { COUNT($count) } ignoré
   *[other] { COUNT($count) } ignorés
 }

held-paused = en pause
held-cap-until = plafond atteint, jusqu'au { $until }
held-cap = plafond total atteint
held-hours-until = hors horaires, jusqu'au { $until }
held-hours = hors horaires
held = { $why } : à envoyer plus tard

list-together = { $first } ; { $then }
of-said = { $what } : { $said }

note-mended = { $value } { $damage } : lu comme { $mended }
note-blanked = { $value } { $damage } : lu comme vide
note-damaged = { $value } { $damage } ; { $todo }
note-name-split = le prénom et le nom ont été tirés du nom complet
note-joined = les textes de plusieurs colonnes ont été réunis
lead-test-said = lead de test, comme le dit sa colonne { $column } : { $value }
lead-test = lead de test, comme le dit sa plateforme
lead-line = ligne { $line }

damage-lost-letters = a perdu des lettres (�)
damage-misread = a été lu dans le mauvais encodage
damage-accents-apart = a des accents séparés de leurs lettres
damage-not-calculated = remplace une formule qui n'a jamais été calculée
damage-error-word = est une erreur du tableur, pas une valeur
damage-kept-as-text = est écrit de façon à rester du texte dans un tableur
damage-html = est écrit en HTML
damage-prefixed = a un préfixe ajouté par une plateforme publicitaire
damage-marks = contient des signes invisibles
damage-nothing = veut dire qu'il n'y a rien
damage-perhaps-nothing = veut peut-être dire qu'il n'y a rien
damage-rounded = est un nombre arrondi : ses derniers chiffres sont perdus
damage-lost-zero = a perdu son premier 0
damage-quantity = a été écrit comme une quantité

damaged-correct-or-export = corrigez-le, ou exportez de nouveau le fichier en UTF-8
damaged-export-or-repair = exportez de nouveau le fichier en UTF-8, ou laissez --repair all le corriger
damaged-save-workbook = ouvrez le classeur dans Excel et enregistrez-le
damaged-correct-formula = corrigez la formule dans le tableur, ou laissez --repair all le lire comme vide
damaged-html-in-part = ce n'est pas le cas de toute la colonne : corrigez-le, ou laissez --repair all le lire
damaged-prefix-in-part = ce n'est pas le cas de toute la colonne : corrigez-le, ou laissez --repair all l'enlever
damaged-format-as-text = mettez cette colonne au format Texte dans le tableur et exportez de nouveau ; les chiffres affichés en E+ ne peuvent pas être retrouvés
damaged-taken-for-name = pris pour un nom
damaged-correct-in-file = corrigez-le dans le fichier, ou n'utilisez pas --repair none

columns-several-mean = les colonnes { $columns } désignent le même champ, { $field } : laquelle est la bonne ? Renommez les autres, ou retirez-les
columns-same-name = { $columns } portent le même nom : laquelle est la bonne ? Renommez les autres, ou retirez-les
columns-one = { $name } (colonne { $number })

place-no-key = `{ $text }` n'est ni une clé ni un emplacement dans un document (écrivez "{ $pointer }")
money-no-amount = { $text } n'est pas un montant : écrivez-le comme dans "35.00", avec deux décimales au plus
stored-lead-unreadable = le lead enregistré est illisible : { $why }

### config

language-unknown = `{ $name }` n'est pas une langue connue ici ({ $known })
language-none = ce texte n'est donné dans aucune langue (écrivez-le dans une langue : { "{" } en = "…", fr = "…" { "}" })

mistake-meant-word = vouliez-vous dire `{ $near }` ?
mistake-meant-name = vouliez-vous dire « { $near } » ?
mistake-known-words = les mots sont : { $words }
mistake-ledger-elsewhere = `ledger` s'écrit dans sa propre table, en haut du fichier : [leadctl]
mistake-called-columns = il s'appelle désormais `columns`
mistake-called-echo = il s'appelle désormais `echo` : echo = { "{ \"/id\" = \"reference\" }" }
mistake-beside-value = est écrit à côté d'une constante `value` (gardez l'un des deux : une constante est envoyée telle quelle)
mistake-beside-template = est écrit à côté de `template` (gardez l'un des deux : un modèle nomme lui-même ses champs, comme { "{email}" })
mistake-no-source = ne dit ni `from`, ni `template`, ni `value` (nommez le champ de lead à prendre : from = "…")
mistake-must-be = doit être { $expected }, et non { $found }
mistake-one-of = au choix : { $words }
mistake-cant-be = ne peut pas être « { $found } » ({ $hint })
mistake-needs = exige `{ $word }`

mistake-in-field = un champ
mistake-in-place = un emplacement
mistake-in-pause = une pause
mistake-in-price = un prix
mistake-in-test = un test
mistake-in-secret = un secret
mistake-in-secret-place = l'emplacement d'un secret
mistake-in-statement = une déclaration
mistake-in-rule = une règle
mistake-in-example = un exemple
mistake-in-destination = une destination
mistake-in-call = un appel
mistake-in-check = un contrôle
mistake-in-route = un parcours
mistake-in-source = une source
mistake-in-replacements = une liste de correspondances

mistake-file-built-in = partners.toml (intégré)
toml-unquoted = ici va une valeur ; un texte s'écrit entre guillemets droits : "…"
toml-open-text = ce texte n'est pas refermé : il manque le guillemet `"`
toml-open-literal = ce texte n'est pas refermé : il manque l'apostrophe `'`
toml-open-heading = ce titre de table n'est pas refermé : il manque `]`
toml-open-list = cette liste n'est pas refermée : il manque `]`
toml-open-table = cette table n'est pas refermée : il manque `{ "}" }`
toml-no-value = ce mot n'a pas de valeur : il manque `=`
toml-too-much = il y a quelque chose de trop après la valeur : passez à la ligne
toml-key-letters = un mot qui contient autre chose que des lettres sans accent, des chiffres, `-` et `_` s'écrit entre guillemets droits
toml-empty-key = il manque un nom : des lettres sans accent, des chiffres, `-` ou `_`
toml-no-comma = il manque une virgule entre deux valeurs
toml-extra-comma = il y a une virgule de trop dans cette liste
toml-true = `true` s'écrit en minuscules
toml-false = `false` s'écrit en minuscules
toml-backslash = un \ n'est pas lu tel quel entre guillemets
toml-backslash-u = \u et \U ne sont pas lus tels quels entre guillemets
toml-duplicate = ce nom est écrit deux fois
toml-other = ce n'est pas du TOML correct : { $parser }
mistake-backslash = { $mistake } (un chemin avec des \ s'écrit entre apostrophes, comme 'C:\leads\ledger.db')
mistake-twice = { $mistake } (`{ $key }` se trouve déjà à la ligne { $line } : écrivez les deux ensemble, ou retirez-en un)

value-short-text = le texte « { $text } »
value-long-text = un texte
value-date = une date sans guillemets
value-list = une liste
value-empty-table = une table vide
value-table = une table

mistake-this-table = cette table
value-text = un texte entre guillemets
value-smaller = un nombre plus petit
value-other-number = un autre nombre
value-count = un nombre entier, 0 ou plus
value-boolean = true ou false
value-number = un nombre
value-named = une table de noms et de valeurs : { "{ … }" }
mistake-no-table = doit être une table : { "{ … }" }
mistake-nested-target = { $hint } ; une cible imbriquée s'écrit entre guillemets : "{ $target }" = …
mistake-unknown-word = `{ $word }` n'existe pas dans { $table } ({ $hint })
mistake-key-alone = un nom sans valeur
mistake-asked-for = `{ $word }` se trouve là où l'on attend { $table } : [{ "{ … }" }]

mistake-duration = `{ $text }` n'est pas une durée : écrivez un nombre et une unité, comme 30s, 2m, 1h, 180d
mistake-period = `{ $text }` n'est pas une durée de calendrier : écrivez-la en jours, en mois ou en années, comme 90 days, 24 months, 5y
mistake-rate = `{ $text }` n'est pas une cadence : écrivez-la comme 55/min, 950/h, 9/s ou 100/10s
period-years = { $count ->
    [one] { $count } an
   *[other] { $count } ans
 }
period-months = { $count } mois
period-weeks = { $count ->
    [one] { $count } semaine
   *[other] { $count } semaines
 }
period-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
 }
measure-seconds = { $seconds } s
measure-minutes = { $minutes } min
measure-hours = { $hours } h { $minutes }
measure-days = { $days } jours

mistake-no-zones = cette machine n'en a pas la liste : installez le paquet tzdata
mistake-zone-as-in = écrivez une région et une ville, comme Europe/Paris
mistake-zone = `{ $name }` n'est pas un fuseau horaire ({ $hint })
mistake-country-as-in = comme "FR", "BE", "CH"
mistake-country = `country` attend les deux lettres d'un pays, et non « { $text } » ({ $hint })

asks-is = { $field } vaut { $values }
asks-filled = { $field } est rempli
asks-empty = { $field } est vide
asks-matches = { $field } correspond à { $pattern }
asks-date = { $field } en donne la date
asks-names = { $field } nomme { $partners }
asks-within = depuis { $within } au plus
mistake-lead-test = ce que doit être `{ $field }` ne peut pas être { $value } (un texte, une liste de textes, "present", "absent" ou { "{ match = '…' }" })
field-labelled = { $field } (« { $label } »)

mistake-cap = `{ $text }` n'est pas un plafond (écrivez-le comme 30/day, 200/week, 400/month ou 1000/total ; pour ne rien envoyer en ce moment : paused = true)
mistake-hours = `{ $text }` ne dit pas d'horaires (écrivez-les, jours en anglais, comme Mon-Fri 09:00-19:00, Sat 10:00-12:00,14:00-17:00, Mon,Wed ou not 2026-12-25 ; au-delà de minuit il en faut deux : Fri 22:00-24:00 et Sat 00:00-02:00)

mistake-date-form = `{ $text }` n'est pas une forme de date (écrivez unix, unix-ms, rfc3339, ou un modèle comme %Y-%m-%d ou %d/%m/%Y %H:%M)
mistake-slash-body = `/` n'est pas un emplacement dans une réponse (toute la réponse est `body`)
mistake-answer-part = `{ $text }` n'est pas une partie d'une réponse (écrivez status, body, header:NOM ou un emplacement comme /data/id)
mistake-pointer = `{ $text }` n'est pas un emplacement dans une réponse : il doit commencer par /, comme /data/id
mistake-slash-whole = `/` n'est pas un emplacement dans une réponse (toute la réponse est "")
mistake-pattern = l'expression régulière `{ $text }` est illisible : { $reason }

mistake-target-segment = la cible « { $text } » a un nom vide (un point sépare deux noms : "properties.email" ; un point dans un nom s'écrit '\.')
mistake-target-number = la cible « { $text } » a un nombre entre ses points (une liste s'écrit "{ $written }")
mistake-template-constant = le modèle « { $text } » ne contient aucune variable (écrivez-en une, comme { "{email}" }, ou value = "{ $text }" pour une constante)
mistake-template-brace = le modèle « { $text } » a une accolade seule (une variable s'écrit { "{email}" }, une accolade à envoyer { "{{ ou }}" })
mistake-template-nameless = le modèle « { $text } » a une variable sans nom (une variable s'écrit { "{email}" }, une accolade à envoyer { "{{ ou }}" })

mistake-address = `{ $word }` { $mistake } : « { $shown } »
address-none = n'est pas une adresse (exemple : https://api.example.fr)
address-space = contient un espace (une adresse n'en a pas)
address-user = ne doit contenir ni utilisateur ni mot de passe (utilisez `auth`)
address-fragment = doit s'arrêter avant le # (ce qui le suit n'est jamais envoyé)
address-placeholder = ne doit contenir aucune { "{variable}" } (écrivez-la dans le `path` de chaque appel)
address-host-letters = a un hôte qui n'est pas écrit comme le réseau l'écrit (un nom accentué a une forme qui commence par xn-- : la barre d'adresse d'un navigateur la donne)
address-letter = contient une lettre qu'une adresse n'admet pas (écrivez-la encodée, comme %C3%A9 pour é)
address-host = ne nomme aucun hôte, ou un hôte impossible (exemple : https://api.example.fr:8443)
address-port = a un port qui n'en est pas un (un nombre de 1 à 65535)
address-https = doit commencer par https:// (http:// est réservé à cette machine)

mistake-path = le chemin « { $path } » { $mistake }
path-slash = doit commencer par / (l'hôte est dans `base`)
path-brace = a une accolade seule (une variable s'écrit { "{program}" })
path-fragment = contient un # : ce qui le suit n'est jamais envoyé (écrivez %23 pour le caractère lui-même)
path-colon = a une variable dans une autre notation : rien ne la remplit (au lieu de `:{ $name }`, écrivez { "{" }{ $name }{ "}" })
path-letter = contient un espace ou une lettre qu'une adresse n'admet pas (écrivez "{ $written }")

header-name-as-in = « { $name } » ne peut pas être le nom d'un en-tête (lettres sans accent, chiffres et tirets seulement : par exemple X-Api-Key)
header-name-perhaps = « { $name } » ne peut pas être le nom d'un en-tête (lettres sans accent, chiffres et tirets seulement : peut-être « { $near } » ?)
mistake-header = l'en-tête `{ $name }` { $mistake }
header-ours = est écrit par leadctl lui-même (retirez-le)
header-of-auth = est déjà celui de `auth` (retirez-le ici)
header-secret = porte un secret, et un secret ne s'écrit jamais dans ce fichier (auth.header = { "{" } name = "{ $name }", secret = "NOM_D_UNE_VARIABLE_D_ENVIRONNEMENT" { "}" })
header-of-form = décrit ce qui est envoyé, qui est un formulaire (retirez-le, ou écrivez application/x-www-form-urlencoded; charset=utf-8)
header-of-json = décrit ce qui est envoyé, qui est du JSON (retirez-le, ou nommez une sorte de JSON, comme application/vnd.api+json ; un formulaire s'envoie avec body = "form" dans l'appel)
header-of-nothing = décrit ce qui est envoyé, et rien ne l'est (retirez-le)
header-letter = contient une lettre qu'aucun en-tête n'admet (écrivez-la sans accent)

mistake-user-colon = `user` contient un deux-points, qui met fin au nom d'utilisateur à l'envoi (écrivez le nom seul : le mot de passe est ce que nomme `secret`)
mistake-secret-place = le nom de l'emplacement d'un secret est vide, ou contient des accolades ou des espaces (écrivez-le comme le partenaire : "api_key")
mistake-scheme = `scheme` est un seul mot, comme "Bearer" (le jeton le suit de lui-même)
mistake-prefix = `prefix` contient un signe qu'aucun en-tête n'admet (lettres sans accent, chiffres et =:, seulement)
mistake-literal-secret = un secret ne s'écrit jamais dans ce fichier (écrivez le nom d'une variable d'environnement, ou { "{ file = \"…\" }" }, ou { "{ command = [\"…\"] }" })

mistake-check-type = un contrôle de `at` exige `type`
mistake-check-empty = un contrôle qui ne contrôle rien (écrivez { "{ at, type }" }, { "{ ascending, above, below }" } ou { "{ each, by }" })
json-object = un objet entre { "{ et }" }
json-list = une liste entre [ et ]
json-text = un texte entre guillemets
json-number = un nombre
json-boolean = true ou false
mistake-safe-to-repeat = `safe_to_repeat` ne nomme aucun champ (écrivez false si répéter n'est jamais sans risque, true si ça l'est toujours, ou les champs qui le rendent sans risque : ["email"])

mistake-from-nothing = `from` ne nomme aucun champ de lead (écrivez son nom entre les guillemets, ou retirez toute la ligne)
accepts-numbers = un nombre dans { $ranges }
accepts-pattern = doit correspondre à { $pattern }
accepts-length = { $max ->
    [one] { $max } caractère au plus
   *[other] { $max } caractères au plus
 }
accepts-without = sans { $texts }
mistake-range = `{ $text }` n'est pas une tranche de nombres (écrivez "1-4", le plus petit d'abord, "50-" pour 50 et plus, ou "7")
type-integer = un nombre entier
type-number = un nombre
type-boolean = oui ou non
format-phone = un numéro de téléphone, envoyé sous la forme +33639980001
format-phone-national = un numéro de téléphone, envoyé comme on le compose dans son pays, 0639980001 (les étrangers avec +)
format-phone-french = un numéro de téléphone français, outre-mer compris
format-email = une adresse e-mail
format-title = M. ou Mme (aussi Mr, Monsieur, Madame, Mlle, Ms…)
format-country = un pays, par son nom ou son code, envoyé sous la forme FR
format-country-name = un pays, par son nom ou son code, envoyé sous la forme France
format-lower = un texte quelconque, envoyé en minuscules
format-upper = un texte quelconque, envoyé en majuscules
format-digits = des chiffres ; espaces, points et tirets sont retirés
format-postcode = un code postal
format-date = une date, comme 2026-11-29

means-delivered = le partenaire a le lead
means-pending = reçu ; le partenaire décide plus tard
means-approved = accepté par le partenaire
means-expired = l'approbation du partenaire a expiré
means-duplicate = le partenaire avait déjà ce lead : il n'est pas renvoyé
means-rejected = ce lead est refusé ; les autres continuent
means-wait = le partenaire demande d'attendre ; le lead est réessayé ensuite
means-stop = erreur qui vaut pour tous les leads : l'exécution s'arrête, le reste n'est pas envoyé, quelqu'un doit agir
means-stop-for-now = un quota est épuisé : le reste n'est pas envoyé, relancez plus tard
means-in-doubt = le partenaire a peut-être le lead : jamais renvoyé sans votre demande
means-not-processed = non pris en compte ; le lead est réessayé
mistake-expects-nothing = ce qui est attendu est vide, ce qui n'est jamais vrai (si le partenaire donne une liste vide : "…/*" = "absent")
mistake-statuses = `status` ne peut pas être { $value } (un nombre de 100 à 599, "2xx", "4xx", "5xx", ou une liste de ces valeurs)
mistake-status = le `status` d'une réponse va de 100 à 599 (par exemple status = 201)

mistake-alone-in-group = `exclusive` de [{ $name }] : aucune autre destination n'est du groupe « { $group } »
mistake-alone-in-group-hint = écrivez le même dans chacune d'elles
mistake-too-many-destinations = il y a ici { $count } destinations, et un fichier peut en contenir { $most } (écrivez plusieurs fichiers, et nommez-en un avec --config)
mistake-long-chain = { "[" }{ $name }] prolonge une table qui en prolonge une autre, et ainsi de suite : { $most } peuvent se suivre (faites-lui prolonger celle dont elle diffère)
mistake-circle = `extends` tourne en rond : { $circle }
mistake-extends = `extends` nomme « { $parent } », qui n'est pas une destination
mistake-extends-hint = écrivez le nom d'une destination entre guillemets
mistake-ledger-moved = `ledger` s'écrit désormais dans sa propre table
mistake-ledger-moved-hint = écrivez [leadctl], et ledger = "CHEMIN" en dessous
mistake-no-destination-table = `{ $name }` est une destination : ce doit être une table, et non { $found }
mistake-no-destination-table-hint = écrivez [{ $name }], et ses mots en dessous
mistake-no-destination = `{ $name }` n'est ni une destination du catalogue, ni une nouvelle qui soit complète
mistake-no-destination-hint = une nouvelle destination exige `extends`, ou bien `base`, [….fields] et [….send]

mistake-route-name = le parcours `{ $name }` porte le nom d'une destination
mistake-route-name-hint = --to doit dire lequel est voulu : donnez-lui un autre nom
mistake-route-empty = le parcours `{ $name }` ne nomme aucune destination
mistake-route-empty-hint = écrivez first = ["…", "…"], all ou split
mistake-route-none = `{ $way }` est vide
mistake-route-none-hint = nommez des destinations
mistake-route-next-on = `next_on` : avec `all`, chaque destination reçoit le lead de toute façon
mistake-route-next-on-hint = il va avec first et split
mistake-route-ways = `{ $way }` à côté d'une autre façon de choisir
mistake-route-ways-hint = gardez un seul de first, all et split
mistake-route-twice = « { $name } » y est deux fois
mistake-route-twice-hint = une fois suffit
mistake-route-in-route = « { $name } » est un parcours, et un parcours mène à des destinations
mistake-route-in-route-hint = nommez ici ses destinations
mistake-route-unknown = il n'y a pas de destination « { $name } »
mistake-route-unknown-hint = écrivez le nom d'une destination
mistake-share-zero = la part de « { $name } » est 0
mistake-share-zero-hint = ôtez-la, ou donnez-lui 1 ou plus

mistake-base-query = `base` contient des paramètres après un ?, et le chemin de [{ $call }] viendrait derrière (arrêtez `base` avant le ?, et écrivez-les dans chaque appel : query = { "{ nom = \"valeur\" }" })
mistake-jobs = `jobs` doit aller de 1 à 256
mistake-no-time = `{ $word }` ne peut pas être une durée nulle
mistake-default-empty = la valeur par défaut de `{ $field }` est vide (écrivez-la entre les guillemets, ou retirez la ligne)
mistake-price-always = un `price` sans `when` s'applique à tous les leads, et ceux qui le précèdent ne comptent jamais (c'est le dernier qui s'applique qui est payé : écrivez celui-ci en premier)
mistake-billable-without-price = `billable_on` dit quand un lead est payé, et aucun `price` ne dit combien (ajoutez price = "35.00", ou retirez-le)
mistake-only-empty = une table de `only` qui ne demande rien vaut pour tous les leads (écrivez ce qu'elle demande : only = [{ "{ zip = { match = '^69' } }" }])
mistake-is-header = c'est un en-tête de colonne du champ de lead « { $name } » : écrivez le nom du champ
mistake-add-column = ajoutez-le à [columns]
mistake-lead-field = { "[" }{ $name }] nomme « { $field } », qui n'est pas un champ de lead ({ $hint })
mistake-settings-body = `settings.body` est toujours du JSON (retirez-le)
mistake-question-body = `{ $call }.body` n'existe pas : une question n'envoie rien (retirez-le)
mistake-question-method = `{ $call }.{ $word }` doit être GET, ou absent (une question ne change rien)
mistake-amend-constant = dans `amend.constants`, `{ $target }` est toujours envoyé, donc aucun lead ne le remplit (écrivez sa valeur, ou template = "{ "{ref}" }" pour le numéro du contact)
mistake-amend-path = `amend.path` ne dit pas quel contact est modifié (écrivez { "{ref}" } à la place du numéro que le partenaire donne au contact)
mistake-rule-always = sans `when`, toute réponse vaudrait « { $then } », même un échec
mistake-rule-always-hint = dites quelles réponses : when = { "{ status = 201 }" }
mistake-follow-whom = { "[" }{ $name }.follow] ne dit pas de quel lead il s'agit (mettez { "{reference}" } dans son chemin : le numéro que le partenaire donne au lead)
mistake-follow-unknown = le chemin de [{ $name }.follow] contient { "{" }{ $unknown }{ "}" }, que [{ $name }.send] n'a pas (on demande des nouvelles d'un lead là où il a été envoyé : utilisez les variables de `send`, et { "{reference}" })
mistake-follow-rules = { "[" }{ $name }.follow] n'a pas de règles : aucune réponse ne déciderait d'un lead (rules = [{ "{ when = { \"/status\" = \"approved\" }, then = \"approved\" }" }, …])
mistake-pages-twice = `page`, `offset` et `cursor` sont trois façons de demander la page suivante (gardez celle que ce partenaire connaît)
mistake-list-rules = aucune règle de [{ $name }.list] ne dit à quoi se reconnaît une page (rules = [{ "{ when = { status = 200 }, then = \"delivered\" }" }])
mistake-on-duplicate = `on_duplicate = "amend"` est impossible ici (il exige [….amend], et une règle pour les doublons avec une `reference`)
mistake-formerly-itself = écrivez le nom que la table avait avant
mistake-formerly-built-in = continuez à envoyer avec [{ $former }]
mistake-formerly-there-too = retirez la table [{ $former }] si [{ $name }] prend sa place
mistake-formerly-there = `formerly` de [{ $name }] nomme [{ $former }], qui est toujours là ({ $place }) : ses leads seraient renvoyés par elle ({ $hint }, ou retirez ce nom de `formerly`)
mistake-formerly-twice = `formerly` de [{ $name }] nomme [{ $former }], et celui de [{ $rival }] aussi (ce qui a été envoyé sous ce nom ne peut appartenir qu'à l'une des deux : retirez-le de l'un des `formerly`)
mistake-example-of = `of = "{ $of }"` ne nomme aucun appel de [{ $name }] : l'exemple ne prouverait rien
mistake-example-of-hint = il lui faut sa propre table, [{ $name }.{ $of }]
mistake-test-values = `test_values` : avec seulement un `*`, tout lead serait un lead de test
mistake-test-values-hint = écrivez par quoi commence la cellule d'un lead de test
mistake-no-pairs = `{ $word }` concerne des leads qui sont des listes de noms et de valeurs, et aucun `pairs` ne dit où elles sont
mistake-no-pairs-hint = ajoutez pairs = { "{ at = \"…\", name = \"…\", value = \"…\" }" }
mistake-header-means = `{ $header }` veut dire « { $field } », qui n'est pas un champ de lead

mistake-find-rules = { "[" }{ $name }.find] n'a pas de règles : aucune réponse ne lèverait un doute (rules = [{ "{ when = { status = 404 }, then = \"not_processed\" }" }, …])
mistake-find-both = `{ $word }` de [{ $name }.find] cherche dans la liste, et `path` demande la personne (gardez l'un des deux)
mistake-find-created = `created` de [{ $name }.find] concerne une réponse sur une seule personne, qu'aucun `path` ne demande (pour une liste, il s'écrit sous [{ $name }.list])
mistake-may-be-empty = `may_be_empty` de [{ $name }.find] nomme { $at }, que `match` n'a pas
mistake-find-nothing = { "[" }{ $name }.find] ne dit pas ce qui doit concorder (match = { "{ \"/phone\" = \"phone\", \"/name\" = [\"first_name\", \"last_name\"] }" }, ou path = "/contacts/{ "{email}" }" avec des règles)
mistake-find-list = { "[" }{ $name }.find] exige [….list] avec `created`
mistake-find-follow = { "[" }{ $name }.find] exige [….follow]
mistake-find-unknown = { "[" }{ $name }.find] ne peut pas remplir { "{" }{ $unknown }{ "}" } de [{ $name }.list] : [….send] ne l'a pas
mistake-find-sent = `sent` de [{ $name }.find] nomme { $target }, qui n'est pas envoyé
mistake-find-sent-hint = nommez une cible de `fields`
mistake-echo-of-no-lead = `echo` de [{ $call }] compare une réponse qui ne concerne aucun lead
mistake-echo-of-no-lead-hint = sa place est dans send, follow ou amend
mistake-echo-reference = `echo` de [{ $call }] compare { $at } avec la référence, que seule cette réponse donne
mistake-echo-reference-hint = nommez un champ de lead qui est envoyé, comme "email"
mistake-echo-unsent = `echo` de [{ $call }] nomme « { $field } », qui n'est pas envoyé
mistake-echo-unsent-hint = nommez un champ de lead que `fields` envoie, ou "reference"

mistake-consent = dans `consent`, `{ $word }` { $mistake }
consent-one-date = est une seule date pour tout le monde, ce qui ne prouve rien (nommez la colonne qui contient celle de chaque personne : at = "consent_at")
consent-two-sources = a à la fois `from` et `value` (gardez l'un des deux)
consent-no-source = ne dit ni `from` ni `value` (nommez la colonne qui le contient : from = "…")
consent-empty = est vide (écrivez-le entre les guillemets, ou retirez la ligne)
consent-reads = a `reads`, qui ne vaut que pour la date (écrivez-le dans `at`)
mistake-consent-date = `reads` dit { $form }, qui ne nomme pas de jour (exemple : %d/%m/%Y)
mistake-consent-default = `{ $field }` est ce que dit une personne ([{ $name }.consent]) : une valeur par défaut ne peut pas le dire à sa place (retirez la ligne)
mistake-consent-yes = `is` ne dit aucun mot qui veuille dire oui (exemple : is = ["oui", "1"])
mistake-consent-both = « { $word } » veut dire à la fois oui et non (retirez-le de `is` ou de `not`)

mistake-auth-empty = `auth` doit contenir header, bearer, basic, query, body, path, oauth2, hmac ou certificate, ou plusieurs d'entre eux (ou bien écrivez auth = false là où personne ne demande qui appelle)
mistake-auth-header-twice = deux parties de `auth` écrivent l'en-tête { $name } (gardez-en une ; bearer, basic et oauth2 écrivent tous Authorization)
mistake-auth-path = `auth.path` remplit { "{" }{ $name }{ "}" }, qu'aucun chemin ne contient (écrivez-la à la place du secret : path = "/hooks/{ "{" }{ $name }{ "}" }")
mistake-auth-path-twice = `{ $name }` est déjà rempli par `auth.path` (retirez-le ici : un secret ne vient d'aucun lead)
mistake-auth-query-twice = `{ $name }` est déjà envoyé par `auth.query` (retirez-le ici)
mistake-auth-body-twice = `auth.body` envoie `{ $own }`, et [{ $name }.fields] envoie `{ $target }` (gardez l'un des deux)
mistake-grant-secret = `auth.oauth2` exige `secret` pour ce grant : là où est conservé le secret du client
mistake-grant-without-refresh = `auth.oauth2` a un jeton `refresh`, que son grant n'utilise pas (écrivez grant = "refresh_token", ou retirez `refresh`)
mistake-grant-refresh = `auth.oauth2` exige `refresh` pour ce grant : là où est conservé le jeton de renouvellement (refresh = { "{ file = \"partner.token\" }" })
mistake-secret-in-fields = la constante de `{ $target }` est un secret, et un secret ne s'écrit jamais dans ce fichier (auth.body = { "{" } target = "{ $target }", secret = "NOM_D_UNE_VARIABLE_D_ENVIRONNEMENT" { "}" })
mistake-secret-in-path = la constante de `{ $name }` est un secret, et un secret ne s'écrit jamais dans ce fichier (auth.path = { "{" } name = "{ $name }", secret = "NOM_D_UNE_VARIABLE_D_ENVIRONNEMENT" { "}" })
mistake-secret-in-query = `{ $place }` porte un secret, et un secret ne s'écrit jamais dans ce fichier (auth.query = { "{" } name = "{ $name }", secret = "NOM_D_UNE_VARIABLE_D_ENVIRONNEMENT" { "}" })

mistake-query-of-lead = `query.{ $name }` de [{ $call }] prend sa valeur d'un lead, que seul `send` a sous la main (écrivez dans le chemin ce que l'on sait alors : path = "/leads?id={ "{reference}" }")
mistake-from-template = `{ $word }` prend « { $from } », qui n'est pas un champ de lead (écrivez template = "{ $from }" pour un texte que remplissent des champs de lead)
mistake-constant-braces = `{ $word }` contient { "{" }{ $name }{ "}" } dans une constante, que rien ne remplit : elle serait envoyée avec ses accolades
mistake-constant-default = une valeur par défaut est le même texte pour tous les leads : écrivez-le en entier
mistake-constant-template = écrivez "{ $word }" = { "{" } template = "{ $text }" { "}" } ; dans un modèle, une accolade à envoyer s'écrit deux fois
mistake-constant-path = écrivez dans le chemin ce que l'on sait alors : path = "/leads?id={ "{reference}" }"
mistake-body-of-get = { "[" }{ $call }] passe par GET, qui n'envoie pas de corps (dites method = "POST", ou écrivez les valeurs dans `query`)
mistake-body-none = { "[" }{ $call }] n'envoie pas de corps, donc rien de `fields` ne serait envoyé (écrivez-le dans `query`, comme query = { "{ email = { from = \"email\" } }" }, ou dites body = "form" ou "json")
mistake-body-empty = { "[" }{ $call }] n'envoie rien d'un lead (dites ce qui l'est : fields = { "{ email = \"email\", name = \"last_name\" }" })
mistake-body-wrapped-form = { "[" }{ $call }] envoie un formulaire, qui n'est pas une liste (retirez `wrap`)
mistake-target-twice = `{ $target }` et `{ $rival }` sont un seul et même emplacement (retirez l'un des deux)
mistake-target-inside = `{ $target }` ne peut pas être à l'intérieur de `{ $rival }`, qui est une valeur
mistake-target-object-list = `{ $target }` et `{ $rival }` font d'un même emplacement un objet et une liste (écrivez les deux avec un nombre entre crochets, ou aucun)
mistake-of-value = dans `{ $name }`, `{ $word }` { $mistake }
value-date-without-form = exige la forme à envoyer (as = "%Y-%m-%d", ou unix, unix-ms, rfc3339)
value-no-date = ne vaut que pour les dates (ajoutez format = "date")
value-no-day = dit { $form }, qui ne nomme pas de jour (exemple : %d/%m/%Y)
value-blank-required = est écrit à côté de `required` (gardez l'un des deux : un lead qui ne l'a pas est envoyé, ou non)
value-join-one = se place entre les parties d'un modèle, et il n'y en a qu'une (écrivez une liste : template = ["{ "{course}" }", "{ "{callback}" }"])
value-parts-unjoined = a plusieurs parties : dites ce qui se place entre elles (join = " ", ou "\n" pour passer à la ligne)
mistake-ranges = dans `{ $name }`, `{ $range }` et `{ $other }` contiennent les mêmes nombres (que l'une finisse avant que l'autre ne commence, ou retirez-la : "{ $other }" = false)

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
input-too-large = décompressé, ce fichier dépasse 2 Go : ce n'est pas un export
input-too-large-hint = est-ce le bon fichier ? Si oui, décompressez-le et découpez-le
input-long-table = ce tableau est écrit colonne par colonne, et dépasse 4 Mo
input-long-table-hint = faites-le écrire ligne par ligne, en liste d'objets (avec pandas, orient="records"), ou en CSV
input-no-json = aucun lead ne peut y être lu : ce n'est pas du JSON qui commence par { "{" } ou [{ "{" }
input-no-json-hint = un lead est un objet, par exemple [{ "{" }"email": "lea@example.fr"{ "}" }] ; si c'est un fichier CSV, dites-le avec --input-format csv
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
input-row-too-long = cette ligne dépasse 1 Mo, ce n'est donc pas un lead : le fichier est-il abîmé ?
input-row-too-few = cette ligne a { $cells }, alors que la première ligne nomme { $columns } : est-elle coupée ?
input-row-too-many = cette ligne a { $cells }, alors que la première ligne nomme { $columns } : une cellule qui contient { $delimiter } doit être entre guillemets
input-row-encoding = cette ligne contient des octets qui ne sont pas du texte { $encoding }, { $place } : enregistrez à nouveau le fichier en UTF-8, ou indiquez son encodage avec --encoding
input-cell-too-long = la cellule de la colonne { $column } dépasse 256 ko, cette ligne n'est donc pas un lead : le fichier est-il abîmé ?
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
    [one] { $count } ligne
   *[other] { $count } lignes
 }
input-columns = { $count ->
    [one] { $count } colonne
   *[other] { $count } colonnes
 }
input-cells = { $count ->
    [one] { $count } cellule
   *[other] { $count } cellules
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
input-encoding-sure = { $encoding } (certain)
input-encoding-sure-by = { $encoding } (certain, d'après { $words })
input-encoding-likely = { $encoding } (probable)
input-encoding-likely-by = { $encoding } (probable, d'après { $words })

input-facts-sheet = feuille { $sheet }
input-facts-sheets = feuilles { $sheets }
input-facts-tabs = tabulations entre les cellules
input-facts-delimiter = { $delimiter } entre les cellules
input-facts-header = en-têtes à la ligne { $line }
input-facts-titles = en-têtes à la ligne { $line } ; au-dessus se trouve { $above } (pour en imposer une autre : --header-row N)

### mapping

complaint-empty = est vide, or cette destination l'exige
complaint-no-column = aucune colonne ne le donne, or cette destination l'exige
complaint-no-column-labelled = aucune colonne ne le donne ({ $label }), or cette destination l'exige
complaint-none-filled = l'un d'eux au moins doit être rempli
complaint-nothing-used = rien de cette ligne n'est envoyé à { $destination }, qui ne prend aucune de ses colonnes remplies
complaint-out-of-reach = ce n'est pas un lead : ni adresse e-mail, ni numéro, ni prénom, ni rue, alors que d'autres lignes en ont
complaint-not-in-address = { $value } ne peut pas figurer dans une adresse
complaint-not-in-header = { $value } contient une lettre qu'aucun en-tête ne peut porter (écrivez-le sans accents)
complaint-not-listed = { $value } ne figure pas parmi : { $accepted }
complaint-too-long = { COUNT($length) } caractères, alors que le maximum est de { COUNT($max) }
complaint-contains = ne doit pas contenir { $text }
complaint-contains-blank = contient un caractère que cette destination n'accepte pas
complaint-not-expected = { $value } n'est pas accepté ; écrivez { $expects }
complaint-no-match = { $value } n'est pas accepté : il doit correspondre à { $pattern }
complaint-not-text = { $value } n'est pas un texte
complaint-not-integer = { $value } n'est pas un nombre entier
complaint-not-number = { $value } n'est pas un nombre
complaint-not-boolean = { $value } n'est ni oui ni non
complaint-phone = { $value } { $fault }
complaint-phone-expected = { $value } { $fault } ; écrivez un seul numéro, comme 06 39 98 00 01, ou comme +32 2 555 12 12 avec son indicatif de pays
complaint-email = { $value } { $fault } ; écrivez une seule adresse, comme jean.dupont@example.fr
complaint-not-title = { $value } n'est pas une civilité : M., Mme, Mr, Ms…
complaint-not-country = { $value } n'est pas un pays connu ici : écrivez son code, comme FR
complaint-not-digits = { $value } n'est pas fait que de chiffres ; écrivez des chiffres, des espaces peuvent les séparer
complaint-not-date = { $value } n'est pas une date connue ici : écrivez-la comme 2026-11-29 ou 2026-11-29 18:05
complaint-not-date-read = { $value } n'est pas une date connue ici : `reads` dans partners.toml dit { $reads } ; 2026-11-29 ou 2026-11-29 18:05 se lisent aussi
complaint-two-dates = { $value } est le { $day } si le jour vient en premier, et le { $month } si c'est le mois : dites-le dans partners.toml, { $word } = { "{" } from = "…", reads = "%d/%m/%Y" { "}" } ou "%m/%d/%Y"
complaint-not-postcode = { $value } n'est pas un code postal français ; écrivez cinq chiffres, comme 01000
complaint-unwanted-repair = { $repair } ; corrigez-le dans le fichier, ou n'utilisez pas --repair none
complaint-only-default = n'est donné que par --default : un consentement est la parole de la personne elle-même
complaint-no-consent = { $value } n'est pas un consentement
complaint-in-future = { $value } est dans le futur : personne n'a encore donné son accord
complaint-run-out = { $value } remonte à plus de { $within } : ce consentement n'est plus valable
complaint-not-named = { $value } ne nomme pas le partenaire ({ $partner }) : la personne a donné son accord à d'autres

phone-no-digit = ne contient aucun chiffre
phone-rounded = a été abrégé par un tableur et ses derniers chiffres sont perdus : exportez-le de nouveau avec cette colonne au format texte
phone-two = contient deux numéros de téléphone
phone-letters = contient des lettres
phone-digits = a { $count } chiffres, trop pour un seul numéro de téléphone
phone-sign = contient un signe qu'aucun numéro de téléphone n'a
phone-too-short = est trop court pour un numéro de téléphone
phone-too-long = est trop long pour un numéro de téléphone
phone-length = n'a pas la bonne longueur pour un numéro de téléphone
phone-no-such-country = commence par un indicatif qui n'est celui d'aucun pays
phone-no-country = n'indique pas son pays
phone-ambiguous = peut se lire de plusieurs façons
phone-no-number = n'est pas un numéro de téléphone
phone-foreign = est un numéro d'un autre pays (+{ $code }) ; seuls les numéros français sont acceptés ici, comme 06 39 98 00 01

email-empty = est vide
email-no-at = n'a pas de @
email-two-ats = a deux @ : il contient peut-être deux adresses
email-space = contient un espace ou un caractère de contrôle
email-comma = contient une virgule au lieu d'un point
email-not-ascii = contient un accent ou un signe que les adresses n'ont pas
email-local = n'a pas, avant le @, un nom possible dans une adresse
email-no-point = n'a pas de point après le @
email-domain = a, après le @, quelque chose qui ne peut pas être un domaine

put-right-zero = { $value } a été corrigé : le 0 enlevé par un tableur est remis
put-right-zero-and-decimal = { $value } a été corrigé : le 0 enlevé par un tableur est remis, et son « .0 » est enlevé
put-right-decimal = { $value } a été corrigé : le « .0 » ajouté par un tableur est enlevé
put-right-postcode = { $value } a été corrigé : { $code }
put-right-plain = { $value } a des signes ou des espaces typographiques que cette destination n'accepte pas : écrit { $plain }

doubt-unknown-number = ce numéro ({ $number }) n'appartient à aucune tranche attribuée dans son pays : vérifiez-le
doubt-passed-over = { $column } est rempli aussi, avec { $value }, et n'est pas envoyé

complaints-not-listed = { $column } : { $value } ne figure pas parmi : { $accepted }, …
complaints-missing = manque : { $names }
complaints-to-correct = à corriger : { $names }

unfit-empty = { $column } est vide
unfit-value = { $column } vaut { $value }
unfit-only = hors de ce que prend { $destination } (only) : { $values }
unfit-too-old = hors de ce que prend { $destination } (max_age : { $most } au plus) : { $column } vaut { $value }

unwritable-no-object = ce qui en a été lu n'est pas un objet
unwritable-empty = ce qui en a été lu est vide
unwritable-refused = son champ { $member } contient { $text }, que le serveur ne prendrait pas pour du texte au retour : corrigez-le d'abord là-bas
unwritable-lacks = il manque { $at } à son champ { $member }

### http

call-no-address = `{ $address }` n'est pas une adresse que l'on peut appeler : elle devrait ressembler à https://hôte/chemin
call-user-in-address = l'adresse du serveur { $host } contient un nom d'utilisateur ou un mot de passe : mettez-les plutôt dans `auth`
call-not-https = l'adresse { $address } n'est pas sécurisée : seul https est utilisé, et http sur cette machine (127.0.0.1, localhost)
call-socks-proxy = { $proxy } est un proxy SOCKS, que leadctl ne sait pas utiliser : indiquez un proxy HTTP dans HTTPS_PROXY
call-proxy-setting = la variable d'environnement { $name } n'est pas lisible comme adresse d'un proxy : elle devrait ressembler à http://proxy.example.fr:3128 (vide, elle n'en indique aucun)
call-authority = `ca` désigne { $file }, qui { $why }
call-header = l'en-tête `{ $name }` ne peut pas être envoyé : son nom ou sa valeur contient un saut de ligne ou un signe interdit dans un en-tête
call-credential = le secret de l'en-tête `{ $name }` ne peut pas être envoyé : il contient un saut de ligne, un accent ou un autre signe interdit dans un en-tête ; vérifiez comment il a été copié
call-no-place = le secret de `{ $target }` de `auth.body` n'a pas de place dans ce qui est envoyé : il n'y a pas d'objet à cet endroit
call-token = aucun jeton d'accès n'a pu être obtenu auprès du serveur { $host } : { $why }
call-own-certificate = `{ $word }` de auth.certificate désigne { $file }, qui { $why }
call-name-not-found = le nom { $host } est introuvable : vérifiez son orthographe et le réseau
call-proxy-not-found = le nom du proxy, { $host }, est introuvable : vérifiez son orthographe et le réseau
call-connect-timeout = aucune connexion n'a pu être établie avec { $place } en { $limit }
call-proxy-asks-for-user = { $proxy } demande un nom d'utilisateur et un mot de passe : mettez-les dans le réglage du proxy
call-proxy-refused = { $proxy } a refusé de se connecter à { $target }
call-no-tls = aucune connexion sécurisée n'a pu être établie avec { $place }, qui ne répond pas en https
call-no-authorities = cette machine n'a pas de liste d'autorités de certification reconnues : installez son paquet ca-certificates
call-certificate = le certificat du serveur { $host } n'est pas valide : { $why }
call-client-certificate = { $host } { $fault } : rien n'a été lu de la requête
call-connection-refused = { $place } ne répond pas (connexion refusée)
call-network-unreachable = { $place } est injoignable : vérifiez le réseau
call-closed-early = { $place } a fermé la connexion avant tout envoi
call-not-connected = la connexion avec { $place } n'a pas pu être établie
call-patience = la réponse n'était pas complète au bout de { $limit }
call-write-timeout = la requête n'a pas été prise en { $limit }
call-read-timeout = aucune réponse en { $limit }
call-cut = la connexion a été coupée avant la fin de la réponse
call-failed = l'échange a échoué en route
call-not-http = ce qui est revenu n'est pas une réponse HTTP
call-damaged = la réponse est revenue abîmée : ses parties ne vont pas ensemble
call-headers-too-large = les en-têtes de la réponse dépassaient { $size }
call-body-too-large = réponse de plus de { $size }
call-proxy = le proxy { $place }

certificate-not-valid-yet = il n'est pas encore valable (l'horloge de cette machine est-elle à l'heure ?)
certificate-expired = il a expiré (l'horloge de cette machine est-elle à l'heure ?)
certificate-other-name = il a été établi pour un autre nom
certificate-revoked = il a été révoqué
certificate-untrusted = il ne vient pas d'une autorité reconnue par cette machine
certificate-unverified = il n'a pas pu être vérifié

own-certificate-none = demande un certificat client
own-certificate-expired = demande un certificat client, et celui qu'il a reçu a expiré
own-certificate-revoked = demande un certificat client, et celui qu'il a reçu a été révoqué
own-certificate-untrusted = demande un certificat client, établi par une autorité qu'il reconnaît
own-certificate-refused = demande un certificat client, et n'accepte pas celui qu'il a reçu

certificate-file-empty = ne contient aucun certificat lisible (-----BEGIN CERTIFICATE-----)
certificate-file-no-key = ne contient aucune clé lisible (-----BEGIN PRIVATE KEY-----, sans mot de passe)
certificate-file-strange-key = contient une clé d'un type inconnu
certificate-file-other-key = n'est pas la clé de ce `cert`
certificate-file-unread = ne peut pas être lu : { $why }

size-mb = { $count } Mo
size-kb = { $count } ko
size-bytes = { COUNT($count) } octets

token-not-carried = le jeton donné ne peut figurer dans aucun en-tête
token-answered = réponse { $status }
token-answered-saying = réponse { $status }, { $said }
token-unknown-client = ce client y est inconnu, ou son secret est faux : vérifiez ce que désignent `client_id` et `secret` de auth.oauth2
token-refresh-over = le jeton de renouvellement n'est plus valable : demandez-en un nouveau au partenaire, et mettez-le là où l'indique `refresh` de auth.oauth2
token-not-this-way = ce client ne peut pas demander de jeton de cette façon : vérifiez `grant` de auth.oauth2, et ce que le partenaire a réglé
token-no-such-scope = ce `scope` de auth.oauth2 n'y est pas accordé
token-redirected = c'est une redirection, qui n'est pas suivie : écrivez l'adresse elle-même dans `token` de auth.oauth2
token-not-given-there = rien n'y donne de jetons : vérifiez `token` de auth.oauth2
token-not-in-answer = elle ne contient pas d'access_token : vérifiez `token` de auth.oauth2

### outcome

page-no-list = la réponse n'est pas une page de la liste : il n'y a pas de liste à { $at }
walk-nothing-new = la page { $page } n'a rien apporté de nouveau, les autres n'ont donc pas été lues ({ $all } étaient annoncées)
walk-too-long = elle a été lue jusqu'à la page { $page } : leadctl n'en lit pas plus, et elle continue

answer-packed = la réponse est arrivée compressée ({ $packed }), ce qui n'était pas demandé, et ne peut pas être lue
answer-packed-somehow = la réponse est arrivée compressée (d'une façon inconnue), ce qui n'était pas demandé, et ne peut pas être lue
answer-of-another = réponse { $status }, mais au sujet de quelqu'un d'autre : { $at } vaut { $shown }, pas { $meant }
answer = réponse { $status } : { $meaning }
answer-received = reçu ; la décision viendra plus tard
answer-refused = refusé, sans motif
answer-duplicate = le partenaire avait déjà ce lead
answer-not-understood = réponse { $status }, qu'aucune règle ne comprend
answer-proves-nothing = réponse { $status }, sans preuve que le partenaire a ce lead
answer-leaves-lead-open = le partenaire a peut-être ce lead
answer-leaves-contact-open = le contact est peut-être modifié, peut-être pas
answer-no-date = { $dates } : illisible comme date

approval-over = l'approbation a expiré
approval-over-said = l'approbation a expiré : { $said }
status-redirected = { $meaning } : la réponse indique { $to } ; si c'est juste, changez `base` ou `path`
status-page = une page, et non la réponse du partenaire ({ $meaning }) : un pare-feu ou un proxy s'interpose peut-être
status-2xx = accepté
status-3xx = renvoi vers une autre adresse (jamais suivi)
status-400 = la requête a été refusée
status-401 = la clé ou le mot de passe a été refusé
status-402 = le partenaire veut d'abord être payé
status-403 = l'accès a été refusé
status-404 = cette adresse n'existe pas
status-405 = cette adresse n'accepte pas ce genre de requête
status-407 = un proxy intermédiaire demande un mot de passe
status-408 = le partenaire a attendu trop longtemps
status-409 = conflit
status-410 = cette adresse n'existe plus
status-413 = trop volumineux
status-415 = ce type de contenu n'est pas accepté
status-425 = pas prêt pour cette requête
status-422 = le contenu a été refusé
status-429 = trop de requêtes
status-451 = refusé pour des raisons juridiques
status-5xx = une panne du côté du partenaire
status-other = une réponse inhabituelle

### ledger

ledger-missing = rien n'est encore enregistré : le fichier { $ledger } n'existe pas
ledger-missing-hint = le premier `leadctl send` le crée ; --ledger indique un autre fichier
ledger-not-ours = { $path } { $why }
ledger-not-ours-hint = indiquez un autre fichier avec --ledger ; celui-ci n'a pas été touché
ledger-put-right-hint = si vos leads y étaient enregistrés, remettez-le en état : un nouveau registre (--ledger indique un autre fichier) n'en connaît aucun, et les enverrait à nouveau. Sinon, indiquez un autre fichier avec --ledger
ledger-nameless = ne désigne aucun fichier
ledger-link = est un lien, alors que les envois s'enregistrent dans un fichier à part entière
ledger-no-file = n'est pas un fichier
ledger-no-folder = n'est pas un dossier
ledger-other-user = appartient à un autre utilisateur
ledger-no-ledger = n'est pas un registre écrit par leadctl
ledger-other-database = est une base de données, mais pas de leadctl
ledger-gone = le registre des envois, { $ledger }, a disparu, mais sa clé { $key } est encore là
ledger-gone-hint = un nouveau registre ne connaîtrait aucun des leads envoyés, et les enverrait tous à nouveau : déplacez { $ledger }-wal et { $ledger }-shm s'ils existent (ils vont avec l'ancien fichier, et en abîmeraient un autre), puis remettez les deux fichiers de votre dernier `leadctl backup`, sous les noms { $ledger } et { $key }
    pour repartir de zéro volontairement, envoyez avec --accept-older-ledger, après avoir renommé ce qui reste de l'ancien :
ledger-gone-rename = { $file } en { $file }.old
ledger-older = le registre des envois, { $ledger }, est plus ancien que le dernier envoi : des leads envoyés après le { $since } y manquent peut-être, et seraient envoyés à nouveau
ledger-older-gone = le registre des envois, { $ledger }, a disparu : un nouveau enverrait à nouveau tous ses leads
ledger-older-hint = remettez le plus récent (depuis une sauvegarde : leadctl restore FICHIER). Si c'est celui-ci, enregistrez ce qui a été envoyé depuis (leadctl send --record-only --note …), puis continuez avec --accept-older-ledger, une seule fois
ledger-at-work = le registre des envois, { $ledger }, est utilisé : une exécution est en cours
ledger-at-work-hint = attendez qu'elle se termine, ou arrêtez-la, puis relancez la même commande
ledger-damaged = le registre des envois est abîmé : { $told } ({ $ledger })
ledger-damaged-end = il lui manque la fin
ledger-damaged-sqlite = SQLite répond { $words }
ledger-damaged-hint = n'envoyez rien avant de l'avoir réparé, sinon des leads risquent de partir deux fois : déplacez { $ledger }, { $ledger }-wal, { $ledger }-shm et { $ledger }.key (gardez-les), puis remettez les deux fichiers de votre dernier `leadctl backup`
ledger-no-key = la clé du registre des envois, { $key }, { $how }
ledger-no-key-hint = sans elle, leadctl ne peut pas savoir quels leads ont été envoyés : remettez le fichier qui se trouvait à côté du registre (un `leadctl backup` le contient sous le nom FICHIER.key)
ledger-key-missing = est introuvable
ledger-key-none = ne contient pas de clé
ledger-key-foreign = est celle d'un autre registre
ledger-newer = le registre des envois, { $ledger }, a été écrit par un leadctl plus récent (version { $version } ; celui-ci connaît la version { $known })
ledger-newer-hint = mettez leadctl à jour ; rien n'a été modifié
ledger-not-shared = les envois ne peuvent pas être enregistrés sur ce type de disque : il en faut un que plusieurs programmes peuvent partager ({ $ledger })
ledger-not-shared-hint = choisissez un disque local avec --ledger
ledger-deleted = impossible d'écrire { $path } : un autre programme l'a supprimé
ledger-deleted-hint = vérifiez le disque, puis relancez la même commande : elle dit ce qui est incertain, et envoie le reste
ledger-traces-left = les données sont supprimées, mais il en reste des traces dans ces fichiers tant qu'un autre programme les utilise : { $path }, et ceux qui l'accompagnent
ledger-traces-left-hint = relancez la même purge quand aucun autre leadctl ne tourne
ledger-backup-there = { $path } existe déjà
ledger-backup-there-hint = indiquez un nouveau fichier : une sauvegarde n'écrase rien
ledger-no-backup = { $path } n'est pas une sauvegarde de leadctl
ledger-no-backup-hint = indiquez le fichier écrit par `leadctl backup`, avec sa .key à côté ; rien n'a été changé
ledger-itself = { $path } est le registre des envois lui-même, et non sa copie
ledger-itself-hint = indiquez une de ses sauvegardes
ledger-stopped = la partie de leadctl qui enregistre les envois s'est arrêtée
ledger-stopped-hint = relancez la même commande ; rien n'est envoyé deux fois
ledger-no-random-bytes = ce système n'a pas fourni d'octets aléatoires pour la clé du registre des envois
ledger-not-open = la tentative { $attempt } du lead { $lead } n'est pas ouverte : son résultat n'a pas pu être enregistré

ledger-file-no-space = plus de place sur le disque : impossible { $act } { $path }
ledger-file-no-space-hint = rien n'a été envoyé sans être enregistré ; libérez de la place et relancez la même commande
ledger-file-not-allowed = vous n'avez pas le droit { $act } { $path }
ledger-file-not-allowed-hint = donnez à cet utilisateur le droit d'écrire dans le fichier et dans son dossier. --ledger peut indiquer un autre fichier, mais un nouveau registre ne connaît aucun des leads envoyés, et les enverrait à nouveau
ledger-file-failed = impossible { $act } { $path } : { $why }
ledger-act-copy = de copier
ledger-act-create = de créer
ledger-act-create-folder = de créer le dossier
ledger-act-create-folder-in = de créer un dossier dans
ledger-act-lock = de verrouiller
ledger-act-look-at = de consulter
ledger-act-make-private = de rendre privé
ledger-act-open = d'ouvrir
ledger-act-read = de lire
ledger-act-remove = de supprimer
ledger-act-start-writing = de lancer l'écriture de
ledger-act-write = d'écrire

ledger-sql = { $what } ({ $ledger })
ledger-sql-damage = le registre des envois est abîmé : ce n'est pas ce que leadctl a écrit
ledger-sql-other = le registre des envois n'a pas pu être utilisé : { $why }
ledger-sql-disk-full = plus de place sur le disque : les envois n'ont pas pu être enregistrés
ledger-sql-read-only = le registre des envois est en lecture seule
ledger-sql-busy = un autre programme a gardé le registre des envois verrouillé trop longtemps
ledger-sql-busy-hint = attendez que l'autre leadctl ait terminé, puis relancez la même commande
ledger-sql-cannot-open = le registre des envois n'a pas pu être ouvert
ledger-sql-cannot-open-hint = vérifiez les droits du fichier et de son dossier
ledger-sql-disk-failed = le disque a fait défaut pendant la lecture ou l'écriture du registre des envois
ledger-sql-disk-failed-hint = vérifiez le disque (est-il plein, a-t-il été débranché ?), puis relancez la même commande

note-being-sent = en cours d'envoi depuis le { $since } ; sa réponse n'est pas encore enregistrée
note-blocked = bloqué depuis le { $day } : les leads de cette personne ne partent plus
note-withdrawn = consentement retiré le { $day } : les leads de cette personne ne partent plus tant qu'elle n'a pas consenti à nouveau
note-rival-in-doubt = { $destination } a peut-être déjà cette personne, et aucune autre destination du groupe ne doit l'avoir : le lead { $lead } y est incertain
note-rival = { $destination } a déjà cette personne, et aucune autre destination du groupe ne doit l'avoir : le lead { $lead } y est { $state }
note-interrupted = leadctl a été arrêté pendant son envoi ({ $at }) : le partenaire l'a peut-être reçu
note-by-hand = tranché à la main : { $what }
note-by-hand-because = tranché à la main : { $what } ({ $reason })
note-passed-over = le même que le lead { $lead }, qui est { $state } : jamais envoyé (il était { $was })
note-passed-over-message = le même que le lead { $lead }, qui est { $state } : jamais envoyé (il était { $was } : { $message })
note-never-again = plus jamais envoyé : le même que le lead { $lead }, qui est { $state }
note-placed = proposé à { $destination } par le parcours (lead { $lead })

word-no-lead = aucun lead ne porte le numéro { $lead }
word-in-flight = le lead { $lead } est en cours d'envoi ou de suivi en ce moment
word-of-change = le lead { $lead } est une modification de contact, et non un lead
word-too-late = le lead { $lead } a été envoyé le { $sent }, et pouvait être retourné jusqu'au { $until }
word-said-before = cela a déjà été dit du lead { $lead }, et il lui est arrivé autre chose depuis
word-none = il n'y a rien à annuler : le lead { $lead } est { $state }, et cet état ne vient pas de vous
word-cannot-approve = le lead { $lead } est { $state } : seul ce que le partenaire a peut être approuvé
word-cannot-reject-approved = le lead { $lead } est { $state } : ce qu'un partenaire rend ensuite est retourné
word-cannot-reject = le lead { $lead } est { $state } : seul ce que le partenaire a peut être refusé
word-cannot-return = le lead { $lead } est { $state } : seul ce que le partenaire a et a gardé peut être retourné
word-not-in-doubt = le lead { $lead } n'est pas incertain : il est { $state }
word-delivered = le partenaire l'a bien reçu
word-change-delivered = la modification a été faite
word-not-received = le partenaire ne l'a pas reçu ; le prochain envoi l'enverra
word-change-not-received = la modification n'a pas été faite ; relancez sa commande amend avec son fichier
word-approved = le partenaire l'a approuvé
word-rejected = le partenaire l'a refusé
word-returned = le partenaire l'a rendu
word-taken-back = ce qui en a été dit en dernier est annulé
word-short-not-received = non reçu
word-short-taken-back = annulé

reference-of-another-person = le lead { $lead }, d'une autre personne, a aussi cette référence : demandez au partenaire s'il a les deux
reference-of-another-lead = ce qui a été trouvé là est le lead { $lead }, cela ne prouve donc rien de celui-ci

### delivery

stop-unreachable = { $why } (essayé { $tries } fois)
stop-wait-too-long = { $said } : le partenaire demande d'attendre { $asked }, plus que cette exécution n'attend ({ $most })
stop-wait-past-deadline = { $said } : le partenaire demande d'attendre { $asked }, au-delà de l'échéance de cette exécution
stop-waits-too-many = { $said } (attente demandée { $times } fois de suite)
stop-window-used-up = le partenaire n'accepte plus de requêtes pendant { $pause }, plus que cette exécution n'attend ({ $most })
stop-unanswered = { $questions ->
    [one] { $questions } question
   *[other] { $questions } questions de suite
 } sans réponse utilisable : { $said }
stop-doubts = { $count ->
    [one] { $count } lead est resté incertain
   *[other] { $count } leads de suite sont restés incertains
 }
stop-refusals = { $count ->
    [one] { $count } lead a été refusé
   *[other] { $count } leads de suite ont été refusés de la même façon
 } : { $said }
stop-deadline = le temps donné par --deadline est écoulé
stop-interrupted = exécution interrompue

job-not-asked = question non posée : { $why }
job-not-tried = non essayé : { $why }
job-dealt-with = une autre exécution s'en est occupée entre-temps : { $state }
job-asked-by-another = une autre exécution se renseigne à son sujet
job-gone = non envoyé : il a été purgé ou sa personne bloquée entre-temps, ou c'était en fait un autre lead
job-read-anew = une autre exécution l'a relu entre-temps, il n'est donc pas envoyé tel quel
job-held-back = non envoyé : le lead { $doubt } a le même e-mail ou le même téléphone, et il est incertain : dites d'abord ce qu'il est devenu
job-kept-back = non envoyé : { $why }
job-unrecorded = son résultat n'a pas pu être enregistré ; le partenaire a dit : { $said }
job-not-amended = { $said } ; non modifié : { $why }

outcome-earlier-try = une tentative précédente est peut-être arrivée ; celle-ci, non : { $said }
outcome-not-there = le partenaire, interrogé, ne l'a pas ({ $said }) : il partira au prochain envoi
outcome-stays = demandé au partenaire le { $at } : { $said } ; le lead reste { $state }
if-ours-duplicate = c'est peut-être le nôtre : une tentative précédente de ce lead est restée sans réponse
if-ours-rejected = une tentative précédente de ce lead est restée sans réponse : s'il est refusé comme déjà présent, c'est peut-être le nôtre
approved = approuvé
approved-until = approuvé jusqu'au { $day }
approved-until-soon = approuvé jusqu'au { $day } ({ $soon })
soon-today = aujourd'hui
soon-tomorrow = demain
soon-in-days = dans { $days } jours

amend-not-possible = cette destination ne peut pas modifier de contacts
amend-already-there = déjà présent ; { $said }
amend-row-changes-nothing = cette ligne ne change rien : elle ne remplit rien de ce qui est envoyé
amend-nothing-to-change = rien à modifier : le contact est déjà ainsi
amend-changed = modifié : { $fields }
amend-unverified = il n'a pas pu être relu, on ne sait donc pas ce qui a été gardé
amend-not-kept = non gardé tel qu'envoyé : { $fields }
amend-of-another = la réponse montre { $shown } à { $at }, et non le contact { $meant }
amend-not-shown = la réponse ne montre pas le contact { $number } : elle n'a pas de numéro à { $at }
amend-no-contact = réponse { $status }, avec autre chose qu'un contact
amend-unread = le contact n'a pas pu être lu, rien n'a donc été modifié : { $why }

### output

own-file-folder = --output { $path } : c'est un dossier
own-file-folder-hint = indiquez un fichier de ce dossier
own-file-not-ours = --output { $path } : ce fichier existe déjà, et il n'est pas tel que leadctl l'a écrit
own-file-not-ours-hint = indiquez un autre fichier, ou déplacez celui-ci : il serait perdu
own-file-not-written = { $path } n'a pas pu être écrit : { $why }
own-file-not-written-hint = rien d'autre n'a changé : vous pouvez relancer la même commande

rejects-column-id = leadctl_id
rejects-column-state = leadctl_etat
rejects-column-message = leadctl_message
rejects-many-columns = il y a plus de 50 jeux de colonnes différents, et il faut un fichier pour chacun : indiquez un fichier .jsonl, qui les prend tous
rejects-sheet = leads
rejects-long-cell = une cellule dépasse les 32 767 caractères qu'un classeur accepte : indiquez un fichier .csv
rejects-many-rows = il y a plus de lignes ou de colonnes qu'un classeur n'en accepte : indiquez un fichier .csv
rejects-refused = --rejects { $path } : { $why }
rejects-not-written = les lignes à corriger n'ont pas pu être écrites dans { $path } : { $why }
rejects-not-written-hint = les lignes sont enregistrées : { $command }
rejects-elsewhere-hint = indiquez un fichier dans un autre dossier
rejects-dash = les lignes sont écrites dans un fichier, et `-` n'en est pas un
rejects-dash-hint = indiquez-en un, par exemple --rejects refus.csv
rejects-other-workbook = les lignes sont écrites en .xlsx, .csv ou .json, pas dans un tel classeur
rejects-other-workbook-hint = indiquez un fichier .xlsx
rejects-folder = c'est un dossier
rejects-not-ours = ce fichier existe déjà, et ce n'est pas un fichier des refus
rejects-not-ours-hint = indiquez un autre fichier : celui-ci serait perdu
rejects-open = ce fichier est ouvert dans un autre programme, comme Excel
rejects-open-hint = fermez-le, ou indiquez un autre fichier

text-and-others = { $count ->
    [one] { $names } et { $count } autre
   *[other] { $names } et { COUNT($count) } autres
 }

advice-with-commands = { $what } :

column-line = ligne
column-file-line = fichier:ligne
column-id = n°
column-lead = lead
column-state = état
column-sent = envoyé
column-destination = destination
column-reference = référence
column-message = message
column-contact = coordonnées
column-created = créé
column-ours = notre n°
column-about = détails
column-run = n°
column-started = début
column-command = commande
column-exit = code
column-outcome = résultat
table-note = { $title } : { $text }
table-as-line = comme la ligne { $line }
table-as-id = comme le n° { $id }
table-as-file = comme { $place }

run-killed = tuée : ce qu'elle envoyait est incertain, ce qu'elle n'avait pas encore envoyé est non envoyé
run-at-work = en cours
run-interrupted = interrompue ; { $leads }
run-unfinished = n'a pas pu finir ; { $leads }
run-stopped = arrêtée : une cause commune à tous les leads ; { $leads }
run-exit = code { $exit }

summary-no-leads = aucun lead
summary-leads = { $count ->
    [one] { $count } lead : { $states }
   *[other] { COUNT($count) } leads : { $states }
 }
summary-next = à faire :
summary-config = configuration { $config }
summary-recorded = configuration { $config } · enregistré dans { $ledger }
summary-recorded-first = configuration { $config } · enregistré dans { $ledger } (créé à l'instant : il ne connaît pas les leads envoyés par d'autres moyens)

duration-seconds = { $seconds } s
duration-minutes = { $minutes } min { $seconds } s
duration-hours = { $hours } h { $minutes } min

progress-of = { $done }/{ $total }
progress-of-about = { $done } sur environ { $total }
progress-waiting = attente
progress-reading = lecture
progress-next = { $pace }, le prochain dans { $left }
progress-about-seconds = environ { $count } s
progress-about-minutes = environ { $count } min
progress-about-hours = environ { $count } h
progress-rate-second = au plus { $count } par seconde
progress-rate-minute = au plus { $count } par minute
progress-rate-hour = au plus { $count } par heure
progress-rate-day = au plus { $count } par jour
progress-rate = au plus { $count } en { $time }
progress-waits = { $why } : { $left }
progress-waits-until = { $why } : { $left }, jusqu'à { $until }
progress-wait-asked = le partenaire demande d'attendre
progress-wait-quota = le partenaire n'en accepte pas plus pour l'instant
progress-wait-other-run = une autre exécution occupe la destination
progress-wait-decisions = rien n'est encore décidé, nouvelle demande plus tard
progress-wait-pace = la cadence de la destination
progress-wait-retry = nouvel essai d'un lead

lead-page-tried = essais
lead-page-never = aucun
lead-page-attempt = tentative { $number }
lead-page-retry = nouvel essai
lead-page-repeat = nouvel envoi
lead-page-find = recherche
lead-page-expire = expiration
lead-page-reason = motif
lead-page-answer = réponse
lead-page-sent = envoyé
lead-page-replied = réponse reçue
lead-page-unsent = non envoyé
lead-page-silent = sans réponse

status-sent = envoyés
status-sent-counts = { COUNT($today) } aujourd'hui, { COUNT($month) } ce mois-ci
status-in-all = en tout
status-oldest-open = plus ancien en cours
status-none = aucun
status-last-success = dernier succès
status-never = jamais
status-last-run = dernière exécution
status-to-do = à faire
status-nothing = rien
status-accepted = { $count ->
    [one] { COUNT($count) } accepté
   *[other] { COUNT($count) } acceptés
 }
status-waiting = { COUNT($count) } en attente
status-refused = { $count ->
    [one] { COUNT($count) } refusé
   *[other] { COUNT($count) } refusés
 }
status-route = parcours { $name }
status-where = où
status-nowhere = nulle part
status-nothing-to-do = Rien à faire.

crash-apology = leadctl est tombé en panne. Toutes nos excuses : la faute en revient au programme, pas à vous
crash-report = Le rapport est dans { $path } (il ne contient ni lead ni secret) : envoyez-le à la personne qui vous a donné leadctl.
crash-send-this = Envoyez ceci à la personne qui vous a donné leadctl :
crash-recorded = Ce qui est enregistré est intact : aucun lead n'est perdu, aucun n'est envoyé deux fois. Les leads en cours d'envoi comptent comme incertains.
crash-hint = pour voir où tout en est, et ce qu'il faut faire :

report-title-no-lead = Aucun lead pour l'instant
report-title-days = { $first ->
    [1] du 1er au { $last }
   *[other] du { $first } au { $last }
 }
report-title-period = du { $first } au { $last }
report-dated-sent = Chaque lead compte le jour de son envoi (ou de sa lecture, s'il n'a jamais été envoyé), fuseau horaire { $zone }.
report-dated-decided = Chaque lead compte le jour de la décision du partenaire, fuseau horaire { $zone }.
report-stood-at-end = Situation à la fin du { $day }.
report-stood-at = Situation au { $day } à { $time }.
report-meaning = Accepté : le partenaire a prouvé qu'il a le lead, ou l'a approuvé plus tard. Incertain : le partenaire l'a peut-être ; un tel lead n'est jamais facturé.
report-unpriced-note = { $count ->
    [one] { COUNT($count) } lead accepté n'a pas de prix chez son partenaire et ne compte dans aucun montant.
   *[other] { COUNT($count) } leads acceptés n'ont pas de prix chez leur partenaire et ne comptent dans aucun montant.
 }

report-by-destination = destination
report-by-source = source
report-by-state = état
report-by-day = jour
report-by-month = mois
report-by-route = parcours
report-of-day = { $day }/{ $month }/{ $year }
report-of-month = { $month }/{ $year }
report-none = non précisé
report-no = { $by } : non précisé
report-all = total

figure-read = lus
figure-not-sent = non envoyés
figure-sent = envoyés
figure-accepted = acceptés
figure-pending = en attente
figure-in-doubt = incertains
figure-rejected = refusés
figure-returned = retournés
figure-duplicate = doublons
figure-expired = expirés
figure-billable = facturables
figure-amount = montant
figure-cost = coût
figure-margin = marge
figure-accepted-of-sent = acceptés sur envoyés
figure-of-money = { $amount } €
figure-in-line = { COUNT($count) }
figure-of-money-in-line = { $sign }{ COUNT($whole) },{ $cents } €

report-head-reason = motif
report-head-leads = leads
report-head-decided = décidés
report-head-half = délai médian
report-head-ninth = 9 sur 10 en moins de
report-head-longest = le plus long
report-head-oldest = le plus ancien

book-report = Rapport
book-days = Jours
book-sources = Sources
book-refusals = Refus
book-decisions = Décisions
book-open = En cours
book-in-hours = { $name } (heures)
book-amount = #,##0.00 "€"
book-day = dd/mm/yyyy

lasted-below-second = < 1 s
lasted-seconds = { $time } s
lasted-minutes = { $time } min
lasted-hours = { $time } h
lasted-days = { $time } jours

page-report = Rapport des leads
page-nothing = Rien à compter
page-no-lead = Aucun lead sur cette période.
page-by = Par { $by }
page-decisions = De l'envoi à la décision
page-none-decided = Aucune décision après l'envoi.
page-open = Ce qui est en cours
page-none-open = Rien.
page-sources = Comparaison des sources
page-figures = Les chiffres
page-to-bill = À facturer
page-billable = { $count ->
    [one] pour { COUNT($count) } lead
   *[other] pour { COUNT($count) } leads
 }
page-accepted = Acceptés
page-share-of-sent = { $count ->
    [one] { $share } de { COUNT($count) } lead envoyé
   *[other] { $share } des { COUNT($count) } leads envoyés
 }
page-share-of-decided = { $count ->
    [one] { $share } de { COUNT($count) } décision
   *[other] { $share } des { COUNT($count) } décisions
 }
page-margin = Marge
page-less-cost = après { $cost } d'achat des leads
page-still-open = En cours
page-undecided = { $doubts ->
    [one] { COUNT($pending) } en attente, { COUNT($doubts) } incertain
   *[other] { COUNT($pending) } en attente, { COUNT($doubts) } incertains
 }
page-whereabouts = { $count ->
    [one] Où en est { COUNT($count) } lead
   *[other] Où en sont les { COUNT($count) } leads
 }
page-shares = La part de chaque état, détaillée ci-dessous
page-others = { $count ->
    [one] { $count } autre
   *[other] { COUNT($count) } autres
 }
page-accepted-by-day = Acceptés par jour et par destination
page-accepted-by-month = Acceptés par mois et par destination
page-none-accepted = Aucun lead accepté.
page-as-table = Les mêmes chiffres en tableau
page-refusals = Pourquoi des leads ont été refusés
page-none-refused = Aucun lead refusé.
page-no-reason = sans motif
page-other-reasons = { $count ->
    [one] { $count } autre motif
   *[other] { COUNT($count) } autres motifs
 }
page-part = { $name } : { $count }

evidence-kind = Consentement et destinataires
evidence-erased-person = Une personne dont les données ont été effacées
evidence-agreed = Ce que la personne a accepté
evidence-no-proof = Aucune preuve de consentement n'est conservée.
evidence-agreed-on = Consentement du { $at }
evidence-word = la réponse de la personne
evidence-where = où
evidence-partners-named = partenaires nommés
evidence-row = ligne d'origine
evidence-lead = lead
evidence-row-hash = SHA-256 de la ligne
evidence-wording-hash = SHA-256 du texte
evidence-zone = Les heures sont celles du fuseau { $zone }.
evidence-own-zone = Les heures sont celles de cet ordinateur.
evidence-erased-recipients = { $count ->
    [one] Les données de { $count } lead ont été effacées. La liste des destinataires est conservée { $time } après le dernier envoi.
   *[other] Les données de { COUNT($count) } leads ont été effacées. La liste des destinataires est conservée { $time } après le dernier envoi.
 }
evidence-erased-all = { $count ->
    [one] Les données de { $count } lead ont été effacées. Le consentement et la liste des destinataires sont conservés { $time } après le dernier envoi.
   *[other] Les données de { COUNT($count) } leads ont été effacées. Le consentement et la liste des destinataires sont conservés { $time } après le dernier envoi.
 }
evidence-over = { $count ->
    [one] Les données de { $count } lead ont été effacées, et le dernier envoi remonte à plus de { $time } : passé ce délai, ni le consentement ni la liste des destinataires ne sont conservés.
   *[other] Les données de { COUNT($count) } leads ont été effacées, et le dernier envoi remonte à plus de { $time } : passé ce délai, ni le consentement ni la liste des destinataires ne sont conservés.
 }
evidence-withdrawn = Le consentement a été retiré le { $at } ; leadctl l'a lu le { $read_at }.
evidence-blocked = Personne bloquée depuis le { $at } : ses données ne sont plus transmises à aucun partenaire.
evidence-no-longer = Le consentement ne vaut plus
evidence-tell-partners = Chaque partenaire ci-dessous a reçu les données de cette personne. Dites à chacun, en citant sa référence, que la personne ne doit plus être appelée et que ses données sont à effacer.
evidence-noes-before = Retraits précédents
evidence-recipients = Qui a reçu les données de cette personne
evidence-head-partner = partenaire
evidence-head-reference = référence
evidence-head-state = état
evidence-head-ask = comment vérifier
evidence-head-sent = transmis
evidence-head-decided = décidé
evidence-head-lead = lead
evidence-no-partner = Aucun partenaire.

### cli

page-title = { $title } :
page-usage = Usage
page-arguments = Arguments
page-options = Options
page-options-of-all = Options de toutes les commandes
page-examples = Exemples
page-command = COMMANDE
page-default = défaut :
page-values = valeurs :
page-values-listed = Valeurs possibles :
page-help = Afficher l'aide (en détail avec « --help »)
page-help-long = Afficher l'aide (en résumé avec « -h »)
page-version = Afficher la version
page-of-help = Afficher l'aide de leadctl, ou celle d'une commande
page-of-commands = La commande dont l'aide est demandée

refused-error = erreur :
refused-tip = conseil :
refused-more = Pour en savoir plus, essayez « { $flag } ».
refused-unknown = l'argument « { $argument } » n'existe pas ici
refused-command = la commande « { $command } » n'existe pas
refused-no-command = « { $command } » attend une commande, et il n'y en a pas
    { "  [commandes :" } { $all }]
refused-missing = il manque les arguments suivants :
refused-value-too-many = la valeur « { $value } » est de trop pour « { $argument } », qui n'en prend pas d'autre
refused-value-needed = il manque une valeur pour « { $argument } »
refused-value = la valeur « { $value } » ne convient pas pour « { $argument } »
refused-value-because = la valeur « { $value } » ne convient pas pour « { $argument } » : { $why }
refused-twice = l'argument « { $argument } » ne peut être donné qu'une fois
refused-with = l'argument « { $argument } » ne va pas avec « { $other } »
refused-with-several = l'argument « { $argument } » ne va pas avec :
refused-renamed = `{ $old }` s'écrit maintenant `{ $new }`
refused-similar-command = une commande au nom proche existe : « { $command } »
refused-similar-commands = des commandes au nom proche existent : { $commands }
refused-similar-argument = un argument au nom proche existe : « { $argument } »
refused-similar-value = une valeur proche existe : « { $value } »
refused-quoted = « { $text } »
refused-as-value = pour donner « { $argument } » comme valeur, écrivez « { $whole } »
refused-dashes = la commande « { $command } » existe ; pour l'employer, enlevez le « { $dashes } » qui la précède
refused-elsewhere = « { $option } » existe

typed-by = les chiffres se groupent selon ce qui ne concerne aucune personne, et { $typed } n'en fait pas partie ; choisissez parmi : { $names }
typed-lines = écrivez des lignes et des intervalles, par exemple 12,15-20
typed-number = écrivez un nombre entier
typed-number-from = écrivez un nombre entier à partir de { $first }
typed-number-between = écrivez un nombre entier de { $first } à { $last }
typed-nothing = il faut y dire quelque chose
typed-ending = indiquez un fichier qui se termine par { $endings }
typed-delimiter = il faut l'un de ces caractères : `,` `;` `|` ou tab
typed-encoding = cet encodage n'existe pas ; les plus courants sont utf-8, windows-1252, macintosh, cp850, utf-16le
typed-assignment = écrivez CHAMP=VALEUR, par exemple program=12
typed-state-in-doubt = le partenaire a peut-être ces leads : demandez-lui, puis tranchez (leadctl resolve ID --delivered ou --not-received), ou renvoyez un lead par son numéro (leadctl resend ID --force --note "pourquoi")
typed-month = { $typed } n'est pas un mois : écrivez par exemple 2026-11, novembre ou "novembre 2026" (pour d'autres périodes, il y a --since et --until)
typed-less-than-a-day = { $typed } fait moins d'un jour : écrivez des jours, des semaines, des mois ou des années, par exemple "13 mois"
typed-months-or-minutes = { $typed } peut être des mois ou des minutes : écrivez "{ $number } mois" ou { $number }min
typed-no-date = { $typed } n'est pas une date : écrivez un jour (2026-11-22, 22/11/2026, hier), un mois (novembre, 2026-11), ou il y a combien de temps (7j, "13 mois")

value-format-csv = Du texte délimité, quel que soit le délimiteur
value-format-json = Un objet, plusieurs, un tableau, ou un tableau sous une clé
value-format-jsonl = Un objet par ligne
value-format-xlsx = Un classeur Excel, avec ou sans macros
value-format-xls = Un classeur d'Excel 97 à 2003
value-format-xlsb = Un classeur Excel en forme binaire
value-format-ods = Un classeur de LibreOffice
value-format-html = Les tableaux d'une page web, que beaucoup de programmes nomment .xls ; et le XML d'Excel 2003
value-hidden-skip = Elles sont laissées de côté
value-hidden-send = Elles sont envoyées comme les autres
value-repair-none = Rien : ces valeurs sont refusées
value-repair-safe = Ce qui est sûr
value-repair-all = Aussi ce qui n'est que probable : du texte lu dans le mauvais encodage, du HTML ou des préfixes que toute la colonne n'a pas, les erreurs d'un tableur
value-dated-sent = Le jour de l'envoi ; sans envoi, le jour de la lecture
value-dated-decided = Le jour où le partenaire a décidé
value-state-delivered = le partenaire a prouvé qu'il a le lead
value-state-pending = reçu ; le partenaire décide plus tard
value-state-approved = la décision venue plus tard : accepté
value-state-expired = l'approbation venue plus tard a expiré
value-state-duplicate = le partenaire avait déjà ce lead
value-state-rejected = le partenaire l'a refusé
value-state-returned = le partenaire l'a rendu plus tard, comme le dit `resolve`
value-state-invalid = il enfreint les règles de la destination ; jamais envoyé
value-state-filtered = pas pour cette destination : un lead de test, ou une personne bloquée
value-state-held = à ne pas envoyer maintenant : sa destination est en pause, fermée à cette heure, ou plafond atteint
value-state-failed = essayé, et certainement pas reçu
value-state-unsent = jamais essayé : l'exécution s'est arrêtée avant
value-state-in-doubt = il a peut-être été reçu : seul le partenaire le sait
value-state-skipped = le même lead qu'un autre

### help

help-leadctl = Envoie vos leads aux API des partenaires : rien de perdu, rien d'envoyé deux fois
    .config = Le fichier TOML de vos réglages
    .config-long = [défaut : $LEADCTL_CONFIG, ./partners.toml, ou partners.toml dans le dossier de configuration]
    .ledger = Le fichier du registre des envois
    .ledger-long = [défaut : $LEADCTL_LEDGER, `ledger` sous [leadctl] dans la configuration, ou ledger.db dans le dossier de données]
    .format = La forme des résultats
    .json = Raccourci de --format json
    .quiet = N'afficher que ce qui demande une intervention et n'a pas été dit par une exécution précédente
    .verbose = Dire sur stderr ce qui se fait, un événement par ligne, sans les données de personne (LEADCTL_LOG=json écrit ces lignes en JSON, même sans l'option)
    .lang = La langue de leadctl [défaut : `lang` sous [leadctl] dans la configuration, sinon la vôtre]
    .no-progress = Pas de ligne de progression
    .color = Quand mettre des couleurs ; NO_COLOR est respecté
    .group-send = Envoyer et suivre
    .group-look = Consulter
    .group-setup = Configurer
    .group-keep = Gérer les données
    .heading-global = Options générales
    .heading-input = Options de lecture
    .heading-new = Pour un nouveau partenaire
    .start =
        Pour commencer :
          Que contient cet export ?
            leadctl check export.csv
          Essayer : un partenaire simulé, rien ne quitte cette machine
            leadctl send --to DEST --sandbox export.csv
          Écrire un partners.toml avec vos réglages, puis envoyer
            leadctl init DEST
            leadctl send --to DEST export.csv

        Pour en savoir plus :
            leadctl help send    tout sur une commande, avec des exemples
            leadctl --help       ses fichiers, ses codes de sortie, toutes les options
    .whole =
        Fichiers :
          partners.toml, vos réglages : le premier de --config FICHIER, $LEADCTL_CONFIG,
        { "  ./partners.toml" }, et leadctl/partners.toml dans votre dossier de configuration.
          Il se pose sur les partenaires fournis, et ne contient que ce qui diffère.

          ledger.db, le registre des envois : le premier de --ledger FICHIER,
          $LEADCTL_LEDGER, `ledger` sous [leadctl] dans partners.toml, et
          leadctl/ledger.db dans votre dossier de données.

        Codes de sortie :
          0    tout va bien
          1    n'a pas pu aller au bout
          2    commande, configuration ou secret à corriger
          3    des leads invalides ou refusés
          4    des leads incertains : le partenaire les a peut-être
          5    des leads en échec ou non envoyés, ou une autre exécution occupe la
               destination : relancez
          130  interrompu

help-values =
    .file = FICHIER
    .dest = DEST
    .name = NOM
    .url = URL
    .where = OÙ
    .n = N
    .dir = DOSSIER
    .month = MOIS
    .when = QUAND
    .field = CHAMP
    .value = VALEUR
    .day = JOUR
    .format = FORMAT
    .what = QUOI
    .char = SIGNE
    .which = CHOIX
    .duration = DURÉE
    .lines = LIGNES
    .text = TEXTE
    .column = COLONNE
    .id = ID
    .state = ÉTAT
    .person = PERSONNE
    .shell = SHELL
    .lang = LANGUE
    .color = COULEUR
    .dated = CHOIX

help-shared = Mots de plusieurs commandes
    .input-format = Le format de l'entrée [défaut : d'après le fichier]
    .sheet = La feuille d'un classeur
    .sheet-long = [défaut : celles dont les en-têtes sont connus, sinon la première]
    .hidden = Ce que deviennent les lignes, colonnes et feuilles masquées ou filtrées d'un classeur
    .hidden-long = [défaut : elles arrêtent le fichier]
    .header-row = La ligne qui porte les noms des colonnes [défaut : d'après le fichier]
    .delimiter = Le caractère entre les cellules : `,` `;` tab ou `|` [défaut : d'après le fichier]
    .encoding = L'encodage du texte, par exemple windows-1252, macintosh, cp850 [défaut : d'après le fichier]
    .defaults = Remplir un champ vide, pour chaque lead : --default program=12
    .source = Le nom de la source, gardé avec chaque lead [défaut : d'après les en-têtes]
    .repair = Ce qui est réparé dans les valeurs abîmées : rien, ce qui est sûr, ou aussi ce qui est probable
    .empty-ok = Une entrée sans leads ni noms de colonnes n'est pas un export raté
    .deadline = S'arrêter après cette durée, par exemple 9m [défaut : jamais]
    .wait-lock = Attendre cette durée qu'une autre exécution libère la destination [défaut : ne pas attendre]
    .accept-older-ledger = Continuer, une fois, avec un registre plus ancien que le dernier envoi
    .rejects = Écrire les lignes invalides et refusées dans ce fichier, pour les corriger
    .jobs = Leads envoyés en même temps [défaut : `jobs` de la destination, sinon 4]
    .ids = Des leads, par leur numéro (`history` le montre)
    .persons = Des adresses e-mail, des numéros de téléphone, ou des numéros de leads
    .to = La destination

help-send = Envoyer des leads à un partenaire
    .long = Lit un export (CSV, Excel, JSON), fait de chaque ligne ce que le partenaire prend, l'envoie et enregistre le résultat. Un lead déjà envoyé est ignoré : le même export peut donc être envoyé à nouveau, et un lead incertain n'est jamais renvoyé sans que vous le demandiez.
    .to = La destination, ou un parcours qui en comprend plusieurs
    .files = Les exports ; `-` est l'entrée standard [défaut : l'entrée standard]
    .inbox = Envoyer les fichiers de ce dossier
    .inbox-long = Les plus anciens d'abord, une fois que plus personne n'y écrit. Chacun est déplacé dans DOSSIER/done quand ses leads sont sur le disque, ou dans DOSSIER/failed avec la raison.
    .dry-run = Montrer les requêtes exactes, secrets masqués ; rien n'est envoyé ni enregistré
    .sandbox = Envoyer à un partenaire simulé sur cette machine ; rien n'est gardé
    .limit = N'envoyer que les N premiers nouveaux leads ; les autres restent non envoyés
    .lines = Seulement ces lignes de l'entrée, par exemple 12,15-20
    .max-new = Ne rien envoyer s'il y a plus de N nouveaux leads
    .strict = Ne rien envoyer si un seul lead est invalide
    .rejects-long = Dans la forme de l'entrée, ou en .xlsx, où les nombres gardent leurs zéros. Une fois corrigé, le fichier s'envoie comme un autre. Un ' rend une formule inoffensive ; il est retiré ensuite.
    .record-only = Enregistrer ces leads comme envoyés par un autre moyen, sans les envoyer
    .note = Pourquoi, pour mémoire
    .accept-new-key = Accepter que la clé (`key`) de la destination ait changé depuis l'envoi de ses leads
    .example-sandbox = Essayer : un partenaire simulé, rien ne quitte cette machine
    .example-dry-run = Voir les requêtes exactes, sans en envoyer aucune
    .example-deliver = Envoyer ; ce qui l'a déjà été est ignoré
    .example-rejects = Envoyer, et garder les lignes refusées pour les corriger dans Excel
    .example-cron = Pour cron : ne dire que ce qui demande une intervention

help-follow = Interroger les partenaires : leads en attente ou incertains
    .to = Seulement cette destination
    .wait = Redemander jusqu'à ce que tout soit décidé, au plus pendant cette durée, par exemple 2m [défaut : demander une fois]
    .example-once = Demander une fois à chaque partenaire
    .example-wait = Redemander à l'un d'eux, pendant deux minutes au plus

help-resend = Renvoyer des leads enregistrés, selon la table actuelle
    .to = La destination ou le parcours [défaut : toutes celles qui ont de tels leads]
    .state = Tous les leads dans ces états, par exemple failed,unsent
    .force = Envoyer, sous votre responsabilité, ce qui est incertain ou que le partenaire avait déjà
    .note = Pourquoi c'est sans risque, pour mémoire
    .dry-run = Montrer les requêtes exactes ; rien n'est envoyé
    .example-failed = Ce qu'un partenaire en panne n'a pas reçu
    .example-ids = Deux leads, par leur numéro
    .example-force = Un lead incertain, que le partenaire dit n'avoir jamais reçu

help-resolve = Dire ce qu'a dit un partenaire : doutes, décisions, retours
    .long = Un lead incertain a peut-être été reçu. Seul le partenaire le sait, et leadctl ne devine jamais : demandez-lui, et dites ici sa réponse. De même pour ce qu'un partenaire décide, ou rend, dans un e-mail ou un fichier. Quoi que vous disiez, le lead n'y est jamais renvoyé sans que vous le demandiez, sauf s'il n'a pas été reçu.
    .delivered = Le partenaire les a
    .not-received = Le partenaire ne les a pas
    .approved = Le partenaire les a finalement pris
    .rejected = Le partenaire les a refusés
    .returned = Le partenaire les a rendus, par exemple pour un faux numéro
    .undo = Ce qui en a été dit en dernier était faux : c'est annulé
    .from = Un fichier (CSV, Excel…) avec les colonnes outcome et id, reference, ou email et phone
    .to = La destination dont le fichier contient les réponses
    .hidden = Ce que deviennent les lignes et feuilles masquées ou filtrées d'un classeur
    .note = Qui l'a dit, ou pourquoi, pour mémoire
    .late = Aussi les retours qui arrivent plus tard que ne le dit `returns_within`
    .example-delivered = Le partenaire l'a
    .example-not-received = Le partenaire ne l'a pas : le prochain envoi l'enverra
    .example-returned = Ils ont été rendus
    .example-from = Ce que le fichier d'un partenaire dit de beaucoup de leads, dans sa colonne outcome
    .example-from-returned = Un fichier où tous sont retournés
    .example-undo = C'était une erreur

help-amend = Modifier des contacts que le partenaire a déjà
    .long = Ce qu'une ligne laisse vide reste tel quel. Une modification n'est pas un nouveau lead : relancer le même fichier refait les mêmes modifications, ce qui ne nuit à personne et termine celles qui étaient en échec ou incertaines.
    .reference = La colonne qui porte le numéro du partenaire pour chaque contact
    .clear = Champs à vider là où la ligne les laisse vides ; une cellule vide, à elle seule, ne change rien
    .files = Les fichiers ; `-` est l'entrée standard [défaut : l'entrée standard]
    .example-change = Modifier ce que le fichier indique, par le numéro du partenaire
    .example-clear = Vider le téléphone là où le fichier n'en a pas

help-status = Où en est chaque destination, et ce qu'il y a à faire
    .example-morning = Pour commencer la matinée

help-history = Ce qu'est devenu chaque lead ; avec un n°, chaque tentative
    .id = Un lead : chaque tentative
    .to = Seulement cette destination ou ce parcours
    .state = Seulement les leads dans ces états, par exemple failed,unsent
    .since = À partir de ce moment : un jour ou un mois, comme 2026-11-22, hier, novembre, ou il y a combien de temps, comme 7j
    .until = Jusqu'à la fin de ce moment
    .person = Seulement les leads de cette personne : un nom ou une partie du nom, une adresse e-mail ou un numéro de téléphone
    .limit = Au plus ce nombre [défaut : 50 dans un terminal, sinon tous]
    .runs = Plutôt les exécutions : quand, ce que chacune a fait et comment elle s'est terminée
    .columns = Aussi les colonnes de chaque lead, telles que sa ligne les avait : en CSV, un export pour une autre destination
    .output = Pour une personne : écrire dans ce fichier .html la page à montrer, avec ce qu'elle a accepté et qui a reçu ses données
    .example-in-doubt = Ce qui est incertain, à demander au partenaire
    .example-person = Les leads d'une personne
    .example-page = La page à montrer : ce qu'elle a accepté, et qui a reçu ses données
    .example-id = Chaque tentative pour un lead
    .example-day = Les leads d'un jour, pour un tableur
    .example-columns = Ce qu'a un partenaire, avec ses références : un export pour un autre

help-report = Ce que chaque partenaire a pris dans le mois, et sa valeur
    .long = Chaque lead compte une fois, le jour de son envoi (ou de sa lecture, s'il n'a jamais été envoyé), et la somme de chaque ligne est le nombre de leads lus. Ce qui est incertain n'est jamais facturé. Une purge ne change aucun chiffre.
    .month = Un mois, comme 2026-11 ou novembre
    .since = À partir de ce jour, comme 2026-11-22, hier, novembre [défaut : celui du premier lead]
    .until = Jusqu'à ce jour, compris [défaut : aujourd'hui]
    .by = Selon quoi les chiffres sont groupés : destination, source, state (état), day (jour), month (mois), route (parcours), ou un champ qui ne concerne aucune personne, comme program
    .dated = Le jour auquel un lead appartient
    .as-of = Tel qu'il était à la fin de ce jour, pour refaire une ancienne facture
    .output = L'écrire plutôt dans ce fichier : .html (une page à regarder et à imprimer), .xlsx ou .csv
    .example-month = Ce que chaque partenaire a pris en novembre, et ce que cela vaut
    .example-page = Le même en page, à regarder, à imprimer et à envoyer par e-mail
    .example-by = Le même par source et par programme, pour un tableur
    .example-decided = Selon le jour où les partenaires ont décidé
    .example-as-of = La facture de novembre telle qu'elle était le 5 décembre, quoi qu'il soit arrivé depuis

help-list = La liste du partenaire, et ce qui y vient de vous
    .state = Seulement ce qui est dans cet état, selon le mot du partenaire
    .since = Seulement ce qui a été créé depuis ce moment, comme 2026-11-01, novembre, 7j
    .defaults = Quelle liste, s'il y en a plusieurs : --default program=12
    .example-since = Ce que le partenaire a depuis novembre

help-partners = Les destinations, ou ce que l'une d'elles prend d'un lead
    .destination = La destination
    .toml = Sa table, avec la vôtre posée sur celle qui est fournie, et pour chaque ligne le fichier et la ligne d'où elle vient
    .fields = Les champs d'un lead, chacun avec les en-têtes de colonnes qui le donnent
    .example-all = Les destinations, et les tables que `init` sait écrire
    .example-one = Ce que prend l'une d'elles, sous quels en-têtes de colonnes
    .example-toml = Toute sa table, avec le fichier et la ligne d'où vient chaque mot
    .example-fields = Les champs d'un lead, pour qui écrit une table

help-init = Écrire un partners.toml, ou y ajouter un partenaire
    .long = Le fichier est celui que lit la commande suivante : --config FICHIER, $LEADCTL_CONFIG, ou partners.toml dans ce dossier. Dans un terminal, leadctl vous demande ce dont le partenaire a besoin et vérifie vos réponses ; ailleurs, ce que vous devez remplir est écrit en commentaire. Ce qui est déjà dans le fichier reste tel quel, et il ne contient jamais de secret.
    .destinations = Les partenaires à écrire, sous les noms que donne `leadctl partners` [défaut : la question vous est posée ; sans terminal, tous ceux qui sont fournis]
    .new = Commencer la table d'un partenaire qui n'est pas fourni
    .new-long = Dans un terminal, des questions vous sont posées ; ailleurs, les options ci-dessous disent ce qui lui est envoyé.
    .from-curl = Une commande curl de la documentation du partenaire ; `-` est l'entrée standard. Son secret n'est pas gardé
    .url = L'adresse à laquelle les leads sont envoyés
    .auth = Où va son secret : bearer, "basic IDENTIFIANT", "header NOM", "query NOM" ou "body CIBLE"
    .request = Un exemple du corps d'une requête : du JSON, ou a=b&c=d
    .answer = Un exemple de réponse qui dit oui : son JSON, ou tout ce que montre `curl -i`
    .example-partner = Un partenaire de `leadctl partners` ; dans un terminal, répondez aux questions
    .example-new = Un partenaire qui n'est pas fourni ; dans un terminal, répondez aux questions
    .example-from-curl = Le même, d'après la commande curl de sa documentation et une réponse

help-check = Vérifier vos réglages et vos leads, sans rien envoyer
    .long = Avec un fichier seul : ce qu'il contient, quelle colonne est quel champ, et à quelles destinations il conviendrait. Avec --to : chaque lead que cette destination refuserait. Sans fichier : votre configuration.
    .to = La destination ou le parcours [défaut : tous ceux que vous avez configurés]
    .files = Exports à vérifier
    .online = Interroger aussi le partenaire : une lecture qui ne change rien prouve l'adresse et la clé
    .example-export = Que contient cet export ?
    .example-config = Mon partners.toml est-il juste ?
    .example-to = Quels leads ce partenaire refuserait-il ?
    .example-online = L'adresse et ma clé sont-elles bonnes ? (une lecture qui ne change rien)

help-sandbox = Toutes les destinations, simulées sur cette machine
    .port = Le port à écouter [défaut : un port libre]
    .example-start = Des partenaires simulés, et le TOML qui y mène
    .example-send = Dans un autre terminal : leur envoyer

help-partner-settings = Les réglages d'un partenaire : les voir, ou les modifier
    .set = Les remplacer par ceux de ce fichier JSON, qui a la forme de ce qui est affiché
    .yes = Ne pas demander : pour les scripts
    .example-keep = Les garder dans un fichier
    .example-set = Les modifier : la différence est montrée, et la question vous est posée

help-schema = Le schéma JSON de partners.toml, pour les éditeurs
    .example-file = À côté de votre partners.toml, dont la première ligne le nomme

help-completions = Ce qui complète commandes, noms et fichiers avec Tab
    .shell = Le shell qui les demande
    .example-bash = bash : ajoutez cette ligne à ~/.bashrc
    .example-zsh = zsh : ajoutez cette ligne à ~/.zshrc
    .example-fish = fish : ajoutez cette ligne à ~/.config/fish/config.fish
    .example-powershell = PowerShell : ajoutez cette ligne au fichier que nomme $PROFILE

help-man = Les pages du manuel
    .output = Écrire une page par commande dans ce dossier [défaut : afficher la première page]
    .example-read = Lire la première page
    .example-write = Écrire une page par commande, là où `man leadctl-send` les trouve

help-block = Bloquer des personnes ; sans argument : qui est bloqué
    .from = Une liste (CSV, Excel…) d'adresses et de numéros, ou de leurs SHA-256 ; - pour l'entrée standard
    .purge = Effacer ce qui est gardé de ces personnes ; il n'en reste que des empreintes
    .note = Pourquoi, ou qui l'a demandé, pour mémoire
    .example-person = Une personne dont les leads ne doivent jamais partir
    .example-purge = De même, en effaçant ce qui est gardé de cette personne
    .example-note = Pourquoi, pour mémoire
    .example-list = Toute une liste, en CSV ou dans un classeur
    .example-who = Qui est bloqué ?

help-unblock = Débloquer ces personnes
    .from = Toutes les personnes de cette liste d'adresses et de numéros, ou de leurs SHA-256
    .example-person = Les leads de cette personne peuvent de nouveau partir
    .example-list = Toute une liste

help-purge = Effacer les données personnelles sans risque de second envoi
    .before = Les leads envoyés, ou sinon lus, pour la dernière fois avant ce moment : une date, comme 2026-01-01, ou il y a combien de temps, comme "13 mois"
    .person = Les leads d'une personne, à toutes les destinations : une adresse e-mail, un numéro de téléphone, un nom, ou le numéro d'un de ses leads
    .open = Aussi ceux d'avant cette date qui sont encore en cours
    .forget = Aussi les empreintes : un tel lead sera nouveau s'il revient
    .example-before = Ce qui est plus ancien que cette date
    .example-person = Une personne, à toutes les destinations

help-backup = Copier le registre des envois, et sa clé
    .file = La copie ; sa clé est écrite à côté
    .example-copy = Une copie que `leadctl restore` remet en place

help-restore = Remettre en place une telle copie et sa clé
    .file = La copie ; sa clé est à côté
    .example-lost = Après la perte d'un disque

### session

configuration-built-in = fournie avec leadctl
configuration-untrusted = la configuration { $path } a été trouvée ici, et { $why }
configuration-untrusted-hint = elle pourrait envoyer leads et secrets n'importe où. Regardez-la ; si elle est juste, indiquez-la : { $flag }
configuration-of-another-user = elle appartient à un autre utilisateur
configuration-written-by-others = { $others } peut la modifier
others-all = tout utilisateur de cette machine
others-group = un autre groupe d'utilisateurs
configuration-unread = le fichier de configuration { $path } ne peut pas être lu : { $why }
configuration-not-there = vérifiez son nom (--config ou $LEADCTL_CONFIG), ou laissez leadctl en écrire un pour commencer :
    { $command }
configuration-empty = la configuration { $path } est vide : le bac à sable a-t-il démarré ?
configuration-empty-hint = sans elle, les leads iraient aux vrais partenaires ; rien n'a été envoyé. Attendez que `leadctl sandbox` dise où il écoute, ou indiquez un autre fichier avec --config ou $LEADCTL_CONFIG
configuration-unread-hint = indiquez un fichier TOML avec --config ou $LEADCTL_CONFIG
configuration-not-utf8 = la configuration { $path } n'est pas en UTF-8
configuration-not-utf8-hint = enregistrez-la en UTF-8
configuration-mistakes = { $count ->
    [one] la configuration contient une erreur
   *[other] la configuration contient { $count } erreurs
 }

ledger-nowhere = aucun dossier connu où enregistrer les envois
ledger-nowhere-hint = indiquez un fichier avec --ledger FICHIER

destination-is-route = { $name } est un parcours, et il faut ici une destination
destination-is-route-hint = indiquez l'une de celles-ci : { $names }
destination-unknown = il n'y a pas de destination { $name }
destination-on-shelf = { $command } ajoute sa table à votre fichier
did-you-mean = vouliez-vous dire { $near } ?
destination-list = les destinations sont : { $names }   ({ $command })
destination-without-key = la destination { $destination } ne nomme pas de clé : leadctl ne pourrait pas reconnaître un lead déjà envoyé
destination-without-key-hint = ajoutez les champs qui distinguent deux leads : { $toml }
destination-moved = { $config } envoie les leads de la destination { $name } à { $ours }, et non à { $theirs }
destination-without-base = la destination { $name } n'a pas encore d'adresse : il manque `base`
destination-without-base-hint = écrivez-la dans votre partners.toml :
    { $toml }
    ({ $command } écrit le fichier)
destination-taken = { $who } envoie déjà à { $name } : les leads de cette exécution sont enregistrés, non envoyés (--wait-lock DURÉE fait attendre)
destination-waited-for = en attente : { $who } envoie déjà à { $name }

run-other = une autre exécution
run-other-process = une autre exécution (processus { $process })
run-other-since = une autre exécution (depuis le { $since })
run-other-process-since = une autre exécution (processus { $process }, depuis le { $since })

doubts-of-earlier-run = { $count ->
    [one] une exécution précédente a été arrêtée en plein envoi, et { COUNT($count) } lead est incertain (n° { $ids }) : { $command }
   *[other] une exécution précédente a été arrêtée en plein envoi, et { COUNT($count) } leads sont incertains (n° { $ids }) : { $command }
 }
unsent-of-earlier-run = { $count ->
    [one] { COUNT($count) } lead d'une exécution interrompue est enregistré, non envoyé : { $command }
   *[other] { COUNT($count) } leads d'une exécution interrompue sont enregistrés, non envoyés : { $command }
 }

secret-exposed = { $others } peut lire { $file }, qui contient le secret de la destination { $destination } ; pour le garder pour vous : { $command }
secret-empty = { $name } : le secret est vide
secret-empty-hint = sa place : { $place }, sur la première ligne
secret-garbled = { $name } : le secret contient un caractère qu'aucun en-tête ne peut porter
secret-garbled-hint = sa place : { $place } ; copiez-le de nouveau
secret-unset = { $destination } a besoin d'un secret : la variable d'environnement { $variable } n'est pas définie
secret-unset-hint = { $set }   (ou essayez sans secret : { $command })
secret-no-text-in-variable = la variable d'environnement { $variable } ne contient pas de texte lisible
secret-of-file = { $destination } garde son secret dans { $file }, qui { $why }
secret-of-program = { $destination } demande son secret à `{ $program }`, qui { $why }
secret-of-program-hint = lancez-le à la main : attend-il que quelqu'un tape un mot de passe ?
secret-unstarted = ne peut pas être lancé : { $why }
secret-unread = ne peut pas être lu : { $why }
secret-no-text = ne donne aucun texte lisible
secret-too-long = donne plus de 64 ko : un secret tient sur une ligne
secret-too-late = n'a pas répondu à temps (10 s au plus, et pas plus que --deadline)
secret-program-failed = { $destination } demande son secret à `{ $program }`, qui a échoué
secret-place-variable = la variable d'environnement { $variable }
secret-place-file = le fichier { $file }
secret-place-program = ce qu'affiche `{ $program }`

refresh-token-lost = { $destination } a donné un nouveau jeton de renouvellement à la place de celui qui est dans { $place } et qui n'est peut-être plus valable : demandez-en un autre au partenaire, et gardez-le là où leadctl peut l'écrire : { $toml }
refresh-token-unwritten = { $destination } a donné un nouveau jeton de renouvellement, qui ne peut pas être écrit dans { $place } : { $why }. Celui qui s'y trouve n'est peut-être plus valable : demandez-en un autre au partenaire

interrupts-unheard = leadctl ne peut pas entendre Ctrl-C : { $why }
log-not-understood = { $name } vaut { $value }, qui n'est pas compris
log-not-understood-hint = écrivez { $name }=json, ou ne la définissez pas
completions-unknown = leadctl ne sait rien compléter pour { $shell }
manual-unwritten = les pages ne peuvent pas être écrites dans { $folder } : { $why }
manual-name = NOM
manual-synopsis = SYNOPSIS
manual-description = DESCRIPTION
manual-commands = COMMANDES
manual-extra = COMPLÉMENTS
manual-version = VERSION

### sandbox

sandbox-no-destination = le bac à sable n'a pas de destination de ce nom
sandbox-nothing-there = il n'y a rien à cette adresse
sandbox-no-json = le corps n'est pas du JSON
sandbox-no-form = le corps n'est pas un formulaire
sandbox-no-object = le corps n'est pas un objet
sandbox-no-contact = ce contact n'existe pas
sandbox-no-lead = ce lead n'existe pas
sandbox-nobody = personne de ce nom
sandbox-follow-unshown = aucun exemple ne montre la réponse au sujet d'un lead
sandbox-find-unshown = aucun exemple ne montre la réponse au sujet d'une personne
sandbox-list-unshown = aucun exemple ne montre une page de la liste

sandbox-lead-refused = ce lead est refusé
sandbox-no-valid-key = clé non valable
sandbox-too-many-requests = trop de requêtes
sandbox-quota-used-up = le quota est épuisé
sandbox-internal-error = erreur interne
sandbox-lead-known = ce lead est déjà connu

sandbox-body-list-of-one = le corps doit être une liste d'un seul objet
sandbox-body-list = le corps doit être une liste
sandbox-body-object = le corps doit être un objet
sandbox-of-the-query = le paramètre { $name } de l'adresse { $wrong }
sandbox-must-be = doit être { $constant }
sandbox-is-required = est obligatoire
sandbox-one-is-required = il faut au moins l'un de ces champs : { $targets }
sandbox-no-hash = n'est pas un SHA-256
sandbox-not-accepted = n'est pas une valeur acceptée
sandbox-wrong-type = n'est pas du bon type
sandbox-too-long = est trop long
sandbox-no-match = ne correspond pas à { $pattern }
sandbox-contains = ne doit pas contenir { $refused }
sandbox-wrong-form = n'a pas la bonne forme

sandbox-token-unknown = ce jeton n'a pas été donné ici
sandbox-token-expired = ce jeton a expiré
sandbox-no-header = pas de secret dans l'en-tête { $name }
sandbox-no-authorization = pas de secret dans son en-tête
sandbox-no-query = pas de secret dans le paramètre { $name } de l'adresse
sandbox-no-target = pas de secret à { $target } dans le corps
sandbox-signature-late = la signature n'est pas de cet instant
sandbox-signature-wrong = la signature n'est pas celle de ce corps avec le secret « { $secret } »

sandbox-shows-timeout = le lead arrive, sa réponse se perd : il est incertain
sandbox-shows-html = une page web au lieu d'une réponse : le lead est incertain
sandbox-shows-duplicate = le partenaire a déjà ce lead (s'il sait le dire)
sandbox-shows-rejected = le partenaire refuse ce lead
sandbox-shows-wait = trop de requêtes : accepté au second essai
sandbox-shows-quota = le quota du partenaire est épuisé : l'exécution s'arrête
sandbox-shows-stop = le partenaire refuse la clé : l'exécution s'arrête
sandbox-shows-error = le partenaire tombe en panne : le lead est incertain
sandbox-shows-refused-later = le lead est refusé plus tard : voir leadctl follow
sandbox-shows-expired = l'approbation du lead a expiré : voir leadctl follow
sandbox-shows-undecided = le lead reste sans décision : voir leadctl follow

sandbox-serves = le bac à sable répond à { $origin } jusqu'à Ctrl-C ; rien ne quitte cette machine
sandbox-not-started = le bac à sable ne peut pas démarrer : { $why }
sandbox-port-taken = un autre programme utilise le port { $port }
sandbox-port-reserved = le port { $port } est réservé par ce système
sandbox-another-port = indiquez un autre port, au-dessus de 1023, ou retirez --port : un port libre sera trouvé
sandbox-page-save = # Chaque destination, simulée sur cette machine. Enregistrez ces lignes dans un
    # fichier, puis :
    #   leadctl --config FICHIER send --to DEST export.csv
    # N'importe quel secret convient (mais les signatures sont faites avec celui-ci) :
sandbox-page-addresses = # Adresses e-mail qui montrent un état :
sandbox-page-ledger = # Ce qui est envoyé ici n'est envoyé à personne : c'est enregistré dans un fichier à part
    # (sauf si --ledger ou LEADCTL_LEDGER en indique un autre).
sandbox-page-own = # dans votre propre fichier :

### pipeline

answered-recorded = enregistré comme envoyé par un autre moyen : { $note }
answered-by-holder = { $who } l'envoie tel qu'elle l'a lu
answered-goes-first = retenu par une exécution précédente : il passe en premier
answered-same-line = le même lead qu'à la ligne { $line }
answered-same-line-of = le même lead que dans { $file }, ligne { $line }
answered-in-flight = une autre exécution est en train de l'envoyer
answered-already = déjà { $state }
answered-already-since = déjà { $state } depuis le { $day }
answered-with-reference = { $stands }, référence { $reference }
answered-resend = { $stands } ; pour l'envoyer quand même : { $command }

left-out-line = ligne { $line } : « { $cells } »
left-out = { $count ->
    [one] { $file } : { $count } ligne n'est pas un lead, et est laissée de côté ({ $examples })
   *[other] { $file } : { $count } lignes ne sont pas des leads, et sont laissées de côté ({ $examples })
 }

beyond-limit = hors --limit : enregistré, non envoyé

default-unknown = --default { $field }=… : il n'y a pas de champ de lead « { $field } »
field-list-hint = { $command } liste les champs
standard-input = l'entrée standard

fresh-all-filtered = { $count ->
    [one] { $count } nouveau lead n'est pas pour { $to }, et aucun autre n'est arrivé : si ce n'est pas voulu, regardez `only`, `max_age` et `exclusive` dans sa table : { $table }
   *[other] { $count } nouveaux leads ne sont pas pour { $to }, et aucun autre n'est arrivé : si ce n'est pas voulu, regardez `only`, `max_age` et `exclusive` dans sa table : { $table }
 }

prepared-listed = bloqué : cette personne figure dans une liste d'opposition
prepared-untouched = { $complaints } (pas encore corrigé)
prepared-untouched-short = pas encore corrigé : { $complaints }

dry-run-ready = prêt
dry-run-end = { $ready ->
    [one] essai à blanc : { $ready } prêt à partir, rien n'a été envoyé
   *[other] essai à blanc : { $ready } prêts à partir, rien n'a été envoyé
 }
dry-run-end-others = essai à blanc : { $ready ->
    [one] { COUNT($ready) } prêt
   *[other] { COUNT($ready) } prêts
 } à partir, rien n'a été envoyé ; { $others ->
    [one] { COUNT($others) } autre
   *[other] { COUNT($others) } autres
 } : { $states }

remark-default = { $rows ->
    [one] { $rows } ligne n'a pas de { $column } : { $value } lui est donné
   *[other] { $rows } lignes n'ont pas de { $column } : { $value } leur est donné
 }
remark-repaired = { $rows ->
    [one] réparé dans { $rows } ligne ({ $examples })
   *[other] réparé dans { $rows } lignes ({ $examples })
 }
remark-assumed = { $rows ->
    [one] supposé dans { $rows } ligne ({ $examples })
   *[other] supposé dans { $rows } lignes ({ $examples })
 }
remark-passed-over = { $rows ->
    [one] pas la seule colonne remplie dans { $rows } ligne ({ $examples })
   *[other] pas la seule colonne remplie dans { $rows } lignes ({ $examples })
 }
remark-doubt = { $rows ->
    [one] douteux dans { $rows } ligne, sans que cela empêche l'envoi ({ $examples })
   *[other] douteux dans { $rows } lignes, sans que cela empêche l'envoi ({ $examples })
 }
remark-filtered = { $rows ->
    [one] { $rows } ligne écartée ({ $examples })
   *[other] { $rows } lignes écartées ({ $examples })
 }
remark-refused = { $rows ->
    [one] refusé dans { $rows } ligne ({ $examples })
   *[other] refusé dans { $rows } lignes ({ $examples })
 }
remark-missing = { $rows ->
    [one] manque dans { $rows } ligne ({ $examples })
   *[other] manque dans { $rows } lignes ({ $examples })
 }
remark-unusable = { $rows ->
    [one] rien d'utilisable dans { $rows } ligne ({ $examples })
   *[other] rien d'utilisable dans { $rows } lignes ({ $examples })
 }
remark-other-columns = autres colonnes
remark-empty = vide, mais exigé
remark-example = ligne { $line } : { $message }
remark-example-also = { $count ->
    [one] ligne { $line } : { $message } ; aussi ligne { $others }
   *[other] ligne { $line } : { $message } ; aussi lignes { $others }
 }

list-unreadable = le fichier { $list }, liste d'opposition, ne peut pas être lu : { $why }
list-being-written = la liste d'opposition { $list } est en cours d'écriture en ce moment
list-unreadable-hint = indiquez un fichier lisible ; personne n'a été bloqué ni débloqué
list-row-unreadable = une ligne de cette liste ne peut pas être lue : { $fault }
list-row-unreadable-hint = corrigez cette ligne ; personne n'a été bloqué ni débloqué
list-names-nobody = la liste d'opposition { $list } ne nomme personne : aucune de ses lignes ne contient une adresse e-mail, un numéro de téléphone, ou leur SHA-256
list-names-nobody-hint = une liste vide n'est sans doute pas ce que vous vouliez ; personne n'a été bloqué ni débloqué
list-refreshed = { $list } : { $contacts } en opposition à présent ({ $added } de plus, { $removed } de moins qu'avant)
list-needed-hint = rien n'est envoyé sans elle, car elle peut nommer quelqu'un dont les leads ne doivent pas partir : remettez-la en état, ou retirez-la de block_files dans votre partners.toml
list-unread = { $count ->
    [one] { $list } : ni adresse ni numéro lisible dans { $count } ligne (ligne { $lines }) : qui s'y trouve n'est pas bloqué
   *[other] { $list } : ni adresse ni numéro lisible dans { $count } lignes (lignes { $lines }) : qui s'y trouve n'est pas bloqué
 }
list-unread-freed = { $count ->
    [one] { $list } : ni adresse ni numéro lisible dans { $count } ligne (ligne { $lines }) : qui s'y trouve n'est pas débloqué
   *[other] { $list } : ni adresse ni numéro lisible dans { $count } lignes (lignes { $lines }) : qui s'y trouve n'est pas débloqué
 }
list-contacts = { $count ->
    [one] { $count } adresse ou numéro
   *[other] { $count } adresses et numéros
 }

ending-unwritten = les résultats n'ont pas pu être écrits : { $why }
ending-unwritten-hint = chaque résultat est enregistré : { $command }
ending-interrupted = arrêté à votre demande ; ce qui reste à faire est enregistré
ending-stopped = l'exécution s'est arrêtée : { $why }
ending-then = { $what } : { $command }
ending-left-out = les leads avec { $values } ont été laissés de côté : { $why }
ending-paused = { $to } est en pause (paused = true dans sa table) : ses leads sont retenus, et le prochain envoi commencera par eux une fois cette ligne retirée

next-held-by-run = des leads sont en cours d'envoi en ce moment, par { $who } : rien à faire pour eux avant la fin, puis { $status }
next-rehearsed = c'était une répétition sur cette machine : rien n'a été envoyé, rien n'est gardé. Pour de vrai
next-put-right = réglez ce que le partenaire refuse, puis vérifiez-le
next-resend-refused = quand le partenaire acceptera à nouveau des leads, renvoyez ceux qu'il a refusés
next-write-rejects = écrivez les lignes à corriger dans un fichier, corrigez-les, puis envoyez ce fichier
next-correct = { $files ->
    [one] corrigez les lignes dans le fichier, puis envoyez-le
   *[other] corrigez les lignes dans les fichiers, puis envoyez-les
 }
next-resend-rejected = ce qui a été refusé auparavant s'envoie quand même ainsi
next-ask-again = le reste n'est pas encore décidé ; redemandez plus tard
next-follow = le partenaire décide plus tard ; demandez-lui ses décisions
next-send-stored = envoyez les leads non envoyés
next-send-failed = renvoyez les leads en échec
next-repeat = relancez la même commande : ce qui est fait deux fois ne nuit à personne, et les doutes se lèvent
next-correct-and-repeat = corrigez les lignes invalides et refusées, puis relancez la même commande
next-find-doubts = leads incertains : cherchez-les dans la liste du partenaire
next-repeat-doubts = leads incertains, là où renvoyer est sans risque : renvoyez-les
next-resolve-doubts = leads incertains : demandez au partenaire s'il les a, puis dites-le pour chacun (--delivered ou --not-received)
next-resolve-doubts-by = leads incertains : vérifiez s'ils sont arrivés ({ $ask }), puis dites-le pour chacun (--delivered ou --not-received)
next-held = le prochain envoi enverra les leads retenus ; pour les envoyer tout de suite
next-held-nightly = le prochain envoi que le plafond et les horaires permettent commencera par les leads retenus ; une ligne pour chaque nuit
next-changes = les modifications de contacts ne sont pas des leads : relancez leur commande amend avec son fichier

amend-not-declared = les contacts ne peuvent pas être modifiés chez { $to } : sa table n'a pas de [{ $to }.amend]
amend-clear-needed = --clear { $name } : { $target } est nécessaire à { $to } et ne peut pas être vidé
amend-clear-unknown = --clear { $name } : { $to } ne reçoit rien de ce nom
columns-conflict-hint = { $command } montre comment chaque colonne a été comprise

run-stopping = arrêt : les leads en route sont d'abord terminés, les autres sont enregistrés (une fois de plus pour quitter aussitôt)
run-held = enregistré, non envoyé : { $who } envoie déjà à { $to }
run-reader-failed = leadctl a échoué pendant la lecture du fichier
run-no-thread = impossible d'envoyer autant de leads à la fois ici : { $why }
run-no-thread-hint = demandez-en moins, par exemple --jobs 4

file-unknown-columns = aucune colonne de ce fichier n'est connue de la destination { $to }, aucun de ses leads ne peut donc être envoyé ; il faut : { $needed }
file-unfilled = { $count ->
   *[other] il manque à la destination { $to }, pour chaque lead : { $needed }
 }
file-with-columns = { $file }, dont les colonnes sont : { $headers }
file-add-column = ajoutez une colonne pour ce qui manque, ou renommez celle qui le contient ; les noms acceptés :
file-default-once = ou, si une même valeur convient à tous les leads du fichier :
file-default-always = ou, si elle convient à tous les fichiers, dans partners.toml, sous [{ $to }.defaults] (écrivez aussi cette ligne si elle n'y est pas) :

rows-of-source = { $facts } · source { $source }
rows-nameless-column = colonne { $number } (par exemple « { $value } »)
rows-nameless = { $count ->
    [one] { $file } : cette colonne n'a pas d'en-tête, elle n'est donc pas envoyée à { $to } : { $columns }
   *[other] { $file } : ces colonnes n'ont pas d'en-tête, elles ne sont donc pas envoyées à { $to } : { $columns }
 }
rows-short = { $count ->
    [one] { $file } : { $count } ligne est plus courte que les en-têtes (ligne { $line }) : les cellules manquantes sont lues comme vides
   *[other] { $file } : { $count } lignes sont plus courtes que les en-têtes (la première, ligne { $line }) : les cellules manquantes sont lues comme vides
 }
rows-none-nor-names = { $file } : aucun lead, et aucun nom de colonne non plus : l'export a-t-il échoué ? (--empty-ok dit que cela peut arriver)
rows-none = { $file } : aucun lead
rows-none-of-lines = { $file } : aucun lead : --lines ne désigne aucune ligne qui en contient un
rows-encoding = { $file } : encodage { $encoding } ; pour en imposer un autre : --encoding NOM
rows-nuls = { $count ->
    [one] { $file } : { $count } octet à la fin n'est que NUL : vérifiez que rien ne manque après la dernière ligne
   *[other] { $file } : { $count } octets à la fin ne sont que NUL : vérifiez que rien ne manque après la dernière ligne
 }
rows-hidden = { $file } : masqué ou filtré, et laissé de côté : { $what }
rows-lost-sheets = { $file } : ce classeur annonce la feuille { $sheets }, mais elle ne s'y trouve pas : des leads manquent-ils ?
rows-empty-sheet = { $file } : la feuille { $sheet } est vide ; des lignes se trouvent dans { $others } : indiquez-en une, --sheet { $first }
rows-other-sheets = { $count ->
    [one] { $file } : la feuille { $sheets } est lue ; il y a aussi { $others } (--sheet NOM)
   *[other] { $file } : les feuilles { $sheets } sont lues ; il y a aussi { $others } (--sheet NOM)
 }
rows-no-reference-column = { $file } : il n'y a pas de colonne { $column }, que --ref indique ; les en-têtes lus sont : { $headers }
rows-columns-change-nothing = { $count ->
    [one] { $file } : cette colonne ne change rien chez { $to } : { $columns }
   *[other] { $file } : ces colonnes ne changent rien chez { $to } : { $columns }
 }
rows-columns-not-sent = { $count ->
    [one] { $file } : cette colonne n'est pas envoyée à { $to } : { $columns }
   *[other] { $file } : ces colonnes ne sont pas envoyées à { $to } : { $columns }
 }
rows-unfilled = { $count ->
    [one] { $file } : aucune colonne ne remplit ce champ de la destination { $to } : { $targets }
   *[other] { $file } : aucune colonne ne remplit ces champs de la destination { $to } : { $targets }
 }
rows-taken-from = { $field } est pris dans « { $given } », donc « { $header } » n'est pas utilisé
rows-taken-for-second = « { $header } » est pris pour un second ({ $field })

rejects-not-json = --rejects { $rejects } : les lignes du fichier { $file } ({ $format }) sont réécrites en CSV
rejects-changes = { $count ->
    [one] { $count } modification de contact n'est pas dans ce fichier, qui est à envoyer comme leads : corrigez le fichier d'où elle vient et relancez la commande amend
   *[other] { $count } modifications de contacts ne sont pas dans ce fichier, qui est à envoyer comme leads : corrigez le fichier d'où elles viennent et relancez la commande amend
 }
rejects-several = les lignes dont les colonnes diffèrent sont dans des fichiers séparés, pour que chacune soit relue comme avant
rejects-written = { $count ->
    [one] { $count } ligne à corriger écrite dans { $path }
   *[other] { $count } lignes à corriger écrites dans { $path }
 }
rejects-written-of-workbook = { $count ->
    [one] { $count } ligne à corriger écrite dans { $path } en CSV (UTF-8, `;`) ; dans un fichier .xlsx, les numéros gardent leurs zéros
   *[other] { $count } lignes à corriger écrites dans { $path } en CSV (UTF-8, `;`) ; dans un fichier .xlsx, les numéros gardent leurs zéros
 }
rejects-kept = le fichier { $path } précédent est gardé sous le nom { $kept }
rejects-changed = { $path } a été modifié depuis que leadctl l'a écrit : avec ces modifications, il est gardé sous le nom { $kept } ; envoyez aussi ce fichier, si elles n'ont pas encore été envoyées

withdrawn-place = { $file } ligne { $line }
withdrawn-recipients = des partenaires ont quelqu'un qui a retiré son consentement ({ $rows }), et doivent en être informés ; pour savoir lesquels, par une adresse ou un numéro :
withdrawn-unclear = { $count ->
    [one] { $count } ligne retire peut-être un consentement par lequel des partenaires ont la personne, mais ne se lit pas comme un non :
   *[other] { $count } lignes retirent peut-être un consentement par lequel des partenaires ont la personne, mais ne se lisent pas comme un non :
 }
withdrawn-others = { $count ->
    [one] et { $count } autre
   *[other] et { $count } autres
 }
withdrawn-unclear-hint = Corrigez-y le mot ou la date, ou faites-les connaître à partners.toml : un mot dans not = ["…"] de `given`, une date par at = { "{" } from = "…", reads = "%d/%m/%Y" { "}" }. Qui ne veut plus être appelé est bloqué tout de suite par :

### commands: send, resend, follow, routes

destination-told = { $name } : { $what }
send-no-file-sent = rien n'a été envoyé, d'aucun fichier : l'un d'eux doit d'abord être corrigé
send-held-first = { $leads ->
    [one] une exécution réelle enverrait d'abord { $leads } lead retenu : { $command }
   *[other] une exécution réelle enverrait d'abord { COUNT($leads) } leads retenus : { $command }
 }
send-same-lead-above = le même lead figure déjà plus haut

guard-not-sent = non envoyé ({ $option })
guard-nothing-sent = rien n'est envoyé ({ $option }) : { $why }
guard-would-send-nothing = une exécution réelle n'enverrait rien ({ $option }) : { $why }
guard-first-invalid = { $count ->
    [one] { $count } lead invalide, { $file } ligne { $line } ({ $why })
   *[other] { COUNT($count) } leads invalides, à commencer par { $file } ligne { $line } ({ $why })
 }
guard-advice-strict = corrigez les lignes invalides, puis envoyez de nouveau le fichier (ou sans --strict)
guard-new-leads = { $count ->
    [one] { $count } nouveau lead
   *[other] { COUNT($count) } nouveaux leads
 }
guard-advice-max-new = vérifiez les nouveaux leads (--dry-run), puis envoyez-les avec un --max-new plus élevé

inbox-unusable = --inbox { $folder } : { $why }
inbox-unusable-hint = indiquez le dossier où les exports sont déposés
inbox-left-as-destination-is-taken = { $folder } : { $who } envoie en ce moment à { $destination }, ses fichiers sont donc laissés à la prochaine exécution (--wait-lock DURÉE fait attendre)
inbox-left-to-another-run = { $folder } : une autre exécution prend ses fichiers, ils sont donc laissés à la prochaine (--wait-lock DURÉE fait attendre)
inbox-no-place-for-rejects = --rejects { $path } : dans le dossier d'arrivée, la prochaine exécution prendrait ces lignes pour un export
inbox-cant-move = les fichiers ne peuvent pas y être déplacés, rien n'a donc été envoyé : { $why }
inbox-cant-move-hint = les fichiers sont déplacés en changeant leur nom : il faut un dossier ordinaire, sur le même disque que le dossier d'arrivée, où l'écriture est permise
inbox-link = c'est un lien, et seuls les fichiers sont envoyés : un autre programme pourrait le faire mener n'importe où
inbox-link-hint = déposez le fichier lui-même dans le dossier d'arrivée
inbox-written-to-while-read = { $file } a été modifié pendant sa lecture : la prochaine exécution le relira, sans renvoyer ce qui est parti
inbox-failed-file =
    { $file } n'a pas pu être utilisé, ou pas jusqu'au bout.

    Pourquoi : { $why }
inbox-failed-where = Où : { $place }
inbox-failed-to-do = À faire : { $hint }
inbox-failed-then =
    Remettez-le ensuite dans { $folder } : la prochaine exécution le prendra, sans renvoyer ce qui est déjà parti.
    Pour l'examiner d'abord :
    { $command }
inbox-file-not-moved = { $file } n'a pas pu être déplacé : { $why }
inbox-files-done = { $count ->
    [one] { $count } fichier est dans { $folder }
   *[other] { COUNT($count) } fichiers sont dans { $folder }
 }
inbox-files-failed = { $count ->
    [one] { $count } fichier est dans { $folder }, avec un .txt qui dit pourquoi
   *[other] { COUNT($count) } fichiers sont dans { $folder }, avec un .txt qui dit pourquoi
 }
inbox-files-both = { $done } ; { $failed }
inbox-no-folder = ce dossier n'existe pas
inbox-is-no-folder = ce n'est pas un dossier
inbox-on-another-disk = il est sur un autre disque

inbox-left-folder = c'est un dossier, et seuls les fichiers placés directement dans le dossier d'arrivée sont lus
inbox-left-unfinished = son nom dit qu'il n'est pas encore complet
inbox-left-open = quelqu'un l'a ouvert dans un tableur (ou le tableur a planté et a laissé son fichier ~)
inbox-left-not-plain = ce n'est pas un fichier ordinaire
inbox-left = { $path } est laissé où il est : { $why }
inbox-left-being-written = il est encore en cours d'écriture

pipe-nothing-given = aucun lead : indiquez un fichier, ou donnez un export par l'entrée standard
pipe-not-kept = l'entrée standard n'a pas pu être gardée sur le disque, rien n'a donc été envoyé : { $why }
pipe-unread = rien de l'entrée standard n'a été lu ni gardé : corrigez cela, puis redonnez le même export
pipe-of-another-version = { $path } contient les leads d'une exécution interrompue, que cette version ne sait pas lire
pipe-give-again = redonnez cet export : { $command }
pipe-destination-gone = cette destination n'existe plus
pipe-destination-gone-hint = si sa table a changé de nom, écrivez formerly = ["{ $name }"] dans la nouvelle : la prochaine exécution les reprendra
pipe-left = une exécution précédente a été arrêtée avant d'avoir pris ce que l'entrée standard lui donnait pour « { $destination } », et c'est toujours gardé dans { $path } : { $why }. À faire : { $hint }. Pour tout jeter : rm { $data } { $note }
pipe-taken-in = repris d'une exécution interrompue
pipe-cut-short = une exécution précédente vers { $destination } a été arrêtée avant d'avoir lu toute l'entrée standard ; redonnez cet export (ce qui est déjà parti est ignoré) : { $command }
pipe-recorded = { $count ->
    [one] une exécution précédente a été arrêtée avant d'avoir enregistré ce que l'entrée standard lui donnait : { $count } lead l'est maintenant, comme envoyé par un autre moyen ({ $note })
   *[other] une exécution précédente a été arrêtée avant d'avoir enregistré ce que l'entrée standard lui donnait : { COUNT($count) } leads le sont maintenant, comme envoyés par un autre moyen ({ $note })
 }
pipe-unsent = { $count ->
    [one] une exécution précédente a été arrêtée avant d'avoir envoyé ce que l'entrée standard lui donnait ; { $count } lead est enregistré, non envoyé : { $next }
   *[other] une exécution précédente a été arrêtée avant d'avoir envoyé ce que l'entrée standard lui donnait ; { COUNT($count) } leads sont enregistrés, non envoyés : { $next }
 }
pipe-invalid = { $count ->
    [one] de ce que l'entrée standard a donné à une exécution précédente, { $count } lead est invalide : { $command }
   *[other] de ce que l'entrée standard a donné à une exécution précédente, { COUNT($count) } leads sont invalides : { $command }
 }
pipe-not-all-used = ce que l'entrée standard a donné n'a pas pu servir en entier ; c'est gardé dans { $path } ; corrigez ce qui ne va pas, envoyez ce fichier, puis supprimez-le : { $command }
pipe-kept-to-be-recorded = rien n'a été enregistré ; ce que l'entrée standard a donné est gardé, et la prochaine exécution l'enregistrera
pipe-kept-unsent = rien n'a été envoyé ; ce que l'entrée standard a donné est gardé, et la prochaine exécution le reprendra comme non envoyé

stored-kept-nothing = rien n'en a été gardé tant que rien ne devait partir sur cette personne : envoyez de nouveau son fichier
stored-purged = ses données ont été purgées : il n'y a plus rien à envoyer
file-written = fichier écrit : { $path }

key-new-in-a-real-run = les leads envoyés gardent l'ancienne clé jusqu'à ce qu'une exécution réelle leur donne la nouvelle : montrés ici comme prêts, ils y seront ignorés
key-changed = la clé de la destination { $destination } était « { $then } » quand ses leads ont été envoyés, et c'est maintenant « { $now } » : des leads déjà envoyés pourraient l'être de nouveau
key-changed-hint = remettez l'ancienne clé, ou acceptez la nouvelle : { $command }
key-with-numbers = { $fields }, numéros { $country }
formerly-unknown-but-near = `formerly` de la table { $name } nomme « { $former } », dont rien n'est enregistré (vouliez-vous dire « { $near } » ?) : ce qui a été envoyé sous ce nom ailleurs serait envoyé de nouveau
formerly-unknown = `formerly` de la table { $name } nomme « { $former } », dont rien n'est enregistré : ce qui a été envoyé sous ce nom ailleurs serait envoyé de nouveau
formerly-carried-over = { $count ->
    [one] { $count } lead de la table « { $former } » est maintenant rattaché à « { $name } », comme le dit `formerly`
   *[other] { COUNT($count) } leads de la table « { $former } » sont maintenant rattachés à « { $name } », comme le dit `formerly`
 }
key-destination-is-taken = { $who } envoie en ce moment à { $destination } : ce qui identifie ses leads ne peut pas changer pendant ce temps
key-destination-is-taken-hint = relancez la même commande quand ce sera fini
key-is-new = { $changed ->
    [one] la clé de la destination { $destination } est désormais « { $key } » : { $changed } lead enregistré est reconnu par elle
   *[other] la clé de la destination { $destination } est désormais « { $key } » : { COUNT($changed) } leads enregistrés sont reconnus par elle
 }
key-is-new-but-kept = la clé de la destination { $destination } est désormais « { $key } » : { $changed ->
    [one] { $changed } lead enregistré est reconnu
   *[other] { COUNT($changed) } leads enregistrés sont reconnus
 } par elle ; { $kept ->
    [one] { $kept } garde son ancienne clé (ses données ont été purgées) et pourrait être envoyé de nouveau
   *[other] { COUNT($kept) } gardent leur ancienne clé (leurs données ont été purgées) et pourraient être envoyés de nouveau
 }
key-turned-out-the-same = { $leads ->
    [one] { $leads } lead jamais envoyé se révèle être le même qu'un autre ; ignoré désormais, il dit au profit duquel : { $command }
   *[other] { COUNT($leads) } leads jamais envoyés se révèlent être les mêmes que d'autres ; ignorés désormais, chacun dit au profit duquel : { $command }
 }

asking-address-lacks = il manque { $fields } dans l'adresse de cet appel
asking-address-lacks-hint = écrivez-le sous [{ $destination }.defaults], ou donnez-le ici : { $command }
asking-nobody-has-it = aucune destination n'en a : docs/partners.md dit comment une table l'indique
asking-these-have-it = { $count ->
    [one] la destination qui en a : { $destinations }
   *[other] les destinations qui en ont : { $destinations }
 }

resend-no-lead-in-state = aucun lead n'est dans cet état
resend-of-another = le lead { $lead } appartient à { $other }, pas à { $to }
resend-in-flight = il est en ce moment même en cours d'envoi ou de suivi
resend-change = une modification de contact, pas un lead : relancez sa commande amend
resend-same-as = le même que le lead { $lead }, qui est { $state } : il n'est pas envoyé en plus de celui-là
resend-in-doubt = incertain : le partenaire l'a peut-être. S'il ne l'a vraiment pas : { $command }
resend-in-doubt-short = incertain ; s'il ne l'a vraiment pas :
resend-already = déjà { $state } : il n'est pas renvoyé. Si le partenaire l'a bel et bien perdu : { $command }
resend-already-short = déjà { $state } ; s'il l'a bel et bien perdu :

follow-stopping = arrêt : ce qui est déjà demandé se termine d'abord (une fois de plus pour quitter aussitôt)
follow-destination-gone = { $leads ->
    [one] { $leads } lead de la destination « { $name } » est encore à suivre, mais aucune n'a plus ce nom : si sa table a changé de nom, écrivez formerly = ["{ $name }"] dans la nouvelle
   *[other] { COUNT($leads) } leads de la destination « { $name } » sont encore à suivre, mais aucune n'a plus ce nom : si sa table a changé de nom, écrivez formerly = ["{ $name }"] dans la nouvelle
 }
follow-cant-be-asked = { $leads ->
    [one] { $leads } lead en attente, mais on ne peut rien demander à { $name } : sa table n'a pas de [{ $name }.follow]
   *[other] { COUNT($leads) } leads en attente, mais on ne peut rien demander à { $name } : sa table n'a pas de [{ $name }.follow]
 }
follow-no-question = on ne peut rien demander à son sujet
follow-no-reference = rien demandé : le partenaire ne lui a pas donné de référence
follow-value-unknown = rien demandé : sa valeur « { $name } » n'a pas été enregistrée à l'envoi
approvals-end-within-a-week = { $count ->
    [one] { $count } autre approbation chez { $name } prend fin d'ici une semaine
   *[other] { COUNT($count) } autres approbations chez { $name } prennent fin d'ici une semaine
 }
approval-ends = l'approbation du lead { $lead } ({ $label }, référence { $reference }) prend fin le { $when }
approval-ends-on-and-soon = { $day }, { $soon }
approval-of-somebody = sans nom
approval-reference-unknown = inconnue

doubt-ask-partner = interrogez le partenaire
doubt-for-a-person = { $known } ; { $ask }, puis : { $command } (ou --not-received)
doubt-for-a-person-short = { $known } ; à faire :
doubt-change = { $known } ; une modification de contact, qui peut être faite deux fois : relancez sa commande amend avec son fichier
doubt-purged = ses données ont été purgées, on ne peut donc pas le chercher
doubt-not-to-be-searched = il lui manque une valeur pour le chercher dans la liste du partenaire
doubt-not-to-be-asked = il lui manque une valeur pour le demander au partenaire
doubt-destination-is-taken = pas renvoyé pour l'instant : une autre exécution envoie à { $name }
doubt-list-not-searched = la recherche dans la liste n'a pas été possible ({ $why })
doubt-found-but = trouvé dans la liste sous le numéro { $entry }, mais { $why }
searched-list = cherché dans la liste du partenaire le { $at } ({ $besides }) : { $result }
searched-one-page = sa seule page
searched-all-pages = ses { $all } pages
searched-pages = { $read ->
    [one] { $read } page sur { $all }
   *[other] { $read } pages sur { $all }
 }
searched-back-to = en remontant au { $day }
searched-undated = { $count ->
    [one] { $count } entrée sans date lisible
   *[other] { COUNT($count) } entrées sans date lisible
 }
searched-nothing-there = rien dedans
searched-found-nothing = introuvable, ce qui ne prouve rien
searched-found-several = { $count } entrées pourraient lui correspondre
searched-found-shared = une entrée pourrait lui correspondre, ou correspondre à un autre lead incertain

route-record-only = --record-only : { $route } est un parcours ; laquelle de ses destinations a ces leads ?
route-record-only-hint = indiquez cette destination : { $command }
route-ends = où ont abouti les leads du parcours { $route }
route-on-its-way = { $to } : une autre exécution l'envoie en ce moment
route-ended-after = { $to } : { $state } (avant : { $before })
route-held = retenu partout : { $answers }
route-for-nobody = pour personne : { $answers }
route-taken-by-nobody = aucun preneur : { $answers }
route-answer = { $to } { $state }
route-answer-and-why = { $to } { $state }, { $why }
route-answers-between = { "\u00A0; " }
route-advice-nobody = { $leads ->
    [one] { $leads } lead n'a trouvé aucun preneur, voyez pourquoi
   *[other] { COUNT($leads) } leads n'ont trouvé aucun preneur, voyez pourquoi
 }

### commands: look (status, history, report, list, partners)

partners-one = { $partners } montre ce qu'une destination prend et quelles colonnes elle accepte
partners-shelf = { $init } écrit la table d'un partenaire connu qui n'est pas encore une destination : { $names }
partners-new = { $init } commence la table d'un partenaire qui n'est pas fourni
partners-catalogue = catalogue
partners-takes-only = seulement si
partners-takes = prend
partners-age = des leads de { $age } au plus
partners-cap = plafond
partners-hours = horaires
partners-exclusive = exclusif
partners-group = { $group } : les leads d'une personne vont là, ou bien à { $others }
partners-base = base
partners-no-base = manquante : écrivez-la dans votre partners.toml ({ $init })
partners-call = appel
partners-paused = en pause
partners-secret = secret
partners-secret-there = { $place } (en place)
partners-secret-missing = { $place } (il manque)
partners-secret-asked = { $place } (demandé à l'envoi)
partners-no-secret = aucun
partners-pace = cadence
partners-at-most = { $pace } au plus
partners-no-key = pas encore de clé : `leadctl send` en demande une
partners-key = { $count ->
    [one] même { $fields } : jamais envoyé deux fois
   *[other] mêmes { $fields } : jamais envoyé deux fois
 }
partners-key-between = { ", " }
partners-same-lead = même lead
partners-again-after = à nouveau après
partners-returns-within = retour sous
partners-repeat = renvoi
partners-safe = sans risque après une réponse perdue
partners-safe-with = sans risque après une réponse perdue, avec { $fields }
partners-needs-one-of = au moins
partners-consent = consentement
partners-default = par défaut
partners-in-doubt = incertain
partners-taken = Ce qui est pris
partners-taken-if-there = Pris s'il y est
partners-needed = Nécessaire à chaque lead
partners-answers = Ce que ses réponses signifient
partners-sent = envoyé comme { $target }
partners-sent-query = envoyé comme paramètre { $name } de l'adresse
partners-sent-header = envoyé dans l'en-tête { $name }
partners-sent-address = { $target } de l'adresse
partners-sent-label = { $sent }, « { $label } »
partners-one-of = au choix : { $values }
partners-default-value = { $value } si une ligne n'en a pas
partners-columns = colonnes : { $headers }

list-none = n'a pas de liste que leadctl puisse lire
list-stopping = arrêt après cette page (une fois de plus pour quitter aussitôt)
list-cut-short = la liste de la destination { $name } n'est peut-être pas entière : { $why }
list-read = { $entries ->
    [one] { COUNT($entries) } entrée lue
   *[other] { COUNT($entries) } entrées lues
 }, sur { $pages ->
    [one] { COUNT($pages) } page
   *[other] { COUNT($pages) } pages
 }
list-no-word = { $option } : les entrées de la liste n'ont pas de champ { $word } (destination { $to })
list-say-where = [{ $to }.list] dit où il se trouve : { $word } = "/…"
partner-list-unread = la liste n'a pas pu être lue : { $why }

rows-blocked = (bloqué)
rows-purged = (purgé)
rows-nothing-sent = rien n'a encore été envoyé : il n'y a pas de registre à l'emplacement { $path }
rows-no-such-lead-hint = { $command } les liste
rows-place = { $file }, ligne { $line }

status-kept-pipe = des leads venus de l'entrée standard n'ont pas pu servir, et ne sont enregistrés nulle part ailleurs ; corrigez ce qui ne va pas dans le fichier, envoyez-le, puis supprimez-le : { $command }
status-no-destination = « { $name } » n'est plus une destination : la table qui a pris sa place le dit par formerly = ["{ $name }"]
status-correct = { $count ->
    [one] { $count } lead refusé ou invalide ces 7 derniers jours : écrivez les lignes dans un fichier, corrigez-les, envoyez ce fichier
   *[other] { COUNT($count) } leads refusés ou invalides ces 7 derniers jours : écrivez les lignes dans un fichier, corrigez-les, envoyez ce fichier
 }
status-one-reference = { COUNT($leads) } leads de plusieurs personnes ont la même référence { $reference } : demandez au partenaire s'il les a tous
status-more-references = { $others ->
    [one] { COUNT($leads) } leads de plusieurs personnes ont la même référence { $reference }, et il en va de même pour { $others } autre référence : demandez au partenaire s'il les a tous
   *[other] { COUNT($leads) } leads de plusieurs personnes ont la même référence { $reference }, et il en va de même pour { COUNT($others) } autres références : demandez au partenaire s'il les a tous
 }
status-at-work = { $who } est en cours
status-sending = { $count ->
    [one] { $who } est en cours : { $count } lead part en ce moment, et reste incertain jusqu'à la réponse
   *[other] { $who } est en cours : { COUNT($count) } leads partent en ce moment, et restent incertains jusqu'à la réponse
 }

history-nothing-to-correct = aucun fichier n'a été écrit : aucun de ces leads n'est invalide ou refusé avec sa ligne encore enregistrée
history-no-lead = aucun lead ne correspond
history-no-run = aucune exécution ne correspond
history-columns-table = --columns all est fait pour un fichier ou un programme, pas pour un tableau
history-more = … { COUNT($count) } de plus (--limit N en montre autant que vous voulez)
history-title = lead { $id } · { $lead }
history-purged = (ses données ont été purgées)
history-offer = { $to } { $state } (lead { $id })
history-state = { $state } : { $message }
history-way = { $route } : { $offers }
history-label-state = état
history-label-route = parcours
history-label-email = e-mail
history-label-phone = téléphone
history-label-from = provenance
history-label-source = source
history-label-read = lu
history-label-sent = envoyé
history-label-decided = décidé
history-label-expires = expire
history-label-partner = partenaire
history-label-reference = référence
history-label-ask = comment vérifier
history-settle = quand le partenaire vous aura dit s'il a ce lead
history-no-page = aucun lead n'est enregistré pour « { $person } » : aucune page n'a été écrite
history-no-page-hint = une personne dont les données ont été purgées ne se retrouve que par son adresse ou son numéro

report-day-not-over = --as-of { $day } : ce jour n'est pas terminé, d'autres leads peuvent arriver : ce rapport ne pourra pas être refait à l'identique
report-file-refused = { $path } ne peut pas contenir ce rapport : { $why }
report-no-lead = aucun lead sur cette période
report-unpriced = { $count ->
    [one] { COUNT($count) } lead accepté n'a pas de prix et ne compte dans aucun montant
   *[other] { COUNT($count) } leads acceptés n'ont pas de prix et ne comptent dans aucun montant
 } : `price` n'existait pas encore alors, ou aucun de ses `when` ne s'applique
report-recorded = { $count ->
    [one] enregistré comme envoyé par un autre moyen (--record-only), et compté à ce jour-là : { $count } lead
   *[other] enregistrés comme envoyés par un autre moyen (--record-only), et comptés à ce jour-là : { COUNT($count) } leads
 }
report-period-reversed = cette période finit avant de commencer : du { $since } au { $until }
report-period-reversed-hint = les deux jours sont compris
report-beyond-calendar = { $day } est hors de tout calendrier

### commands: set up (init, check, sandbox, partner-settings)

init-nothing-ships = le catalogue intégré ne peut pas être lu
init-wrote = { $path } est écrit, pour : { $names }
init-schema = facultatif, pour que votre éditeur complète les mots : { $command }
init-next-fill-in = à faire : complétez-le, puis : { $check }
init-next-dry-run = à faire : voyez les requêtes exactes d'un export, aucune n'est envoyée :
init-next-put-right = à faire : corrigez cela, puis :
init-next = à faire : { $command }
init-left = encore à compléter, dans le fichier : { $left }

init-file-opening = # Ce qui diffère du catalogue intégré de leadctl, et rien d'autre.
    # Enlevez le # d'une ligne et écrivez votre valeur entre les guillemets ; retirez
    # les tables des partenaires avec qui vous ne travaillez pas. Puis : leadctl check
init-file-language = la langue de chaque exécution, même planifiée
init-file-unreadable = { $path } ne peut pas être lu : { $why }
init-file-mistake = rien n'a été ajouté à un fichier qui contient une erreur : { $first }
init-file-put-right = corrigez-la d'abord : { $check }
init-file-has = [{ $name }] est déjà dans { $path }, et reste tel quel
init-file-other = modifiez-le ({ $check } dit ce qui lui manque encore), ou écrivez un autre fichier :
init-file-unsound = ce qui serait écrit ne pourrait pas être relu, rien n'a donc été écrit : { $first }
init-file-no-folder = { $path } ne peut pas être écrit : son dossier n'existe pas
init-file-make-folder = créez d'abord le dossier, ou indiquez un autre endroit avec --config FICHIER
init-file-unwritable = { $path } ne peut pas être écrit : { $why }

init-base = l'adresse à laquelle les leads sont envoyés
init-user = à remplacer par votre identifiant
init-secret-outside = # Le secret reste hors de ce fichier :  { $variable }
init-defaults = pour chaque lead dont la ligne ne dit rien d'autre
init-field-set = déjà donné ; ou une colonne « { $column } »
init-field-needed = obligatoire ; ou une colonne « { $column } »
init-field = ou une colonne « { $column } »

init-ask = { $words } :
init-word = à vous de donner : { $word }
init-which-partner = Quel partenaire ? { $names } ; ou un nom de votre choix pour un autre
init-did-you-mean = Vouliez-vous dire { $near } ?
init-another-name = { $partner } est déjà dans votre fichier. Un nom pour une autre destination du même partenaire (une par client, programme ou catégorie), ou rien pour en rester là
init-secret-where = Où est gardé le secret de la destination { $name } ? Il n'est jamais dans le fichier lui-même. Au choix :
init-secret-env = une variable d'environnement (celle-ci si vous ne tapez rien)
init-secret-file-typed = file CHEMIN
init-secret-file = la première ligne d'un fichier lisible par vous uniquement
init-secret-command-typed = command MOTS
init-secret-command = ce qu'un programme affiche : un gestionnaire de mots de passe, par exemple
init-secret-place = env, file ou command
init-secret-no-place = Ce n'est pas un endroit. Si c'était le secret : il n'a pas été gardé.

init-curl-unusable = la commande curl ne convient pas : { $why }
init-curl-whole = collez toute la commande de la page du partenaire, de curl jusqu'à la fin
init-request-no-json = l'exemple de corps de requête n'est pas du JSON : { $why }
init-request-other = corrigez-le, ou prenez un autre exemple
init-no-name = « { $name } » ne peut pas être le nom d'un partenaire dans le fichier
init-name-form = seulement des lettres sans accent, des chiffres, - et _, comme mon-crm
init-name-taken = il y a déjà une destination [{ $name }]
init-name-other = choisissez un autre nom, ou regardez-la :
init-nothing-said = rien ne dit ce qui est envoyé à ce partenaire
init-say-it = indiquez un fichier qui contient une commande curl de sa page (--from-curl FICHIER, - pour l'entrée standard), ou donnez --url, --auth, --request et --answer ; dans un terminal, leadctl pose les questions
init-nothing-written = rien n'a été écrit : { $why }
init-unanswered = une question est restée sans réponse
init-terminal-unreadable = le terminal ne peut pas être lu : { $why }
init-wrote-new = [{ $name }] est écrit dans { $path }
init-left-comments = encore à compléter, en commentaires dans le fichier : { $open }
init-secret-not-there = son secret n'est pas dans le fichier : { $variable }

init-ask-address = Son adresse pour les leads (https://…), ou une commande curl de sa page
init-ask-credential = Comment vous reconnaît-il ? bearer, basic IDENTIFIANT, header NOM, query NOM, body CIBLE, ou rien
init-ask-request = Un exemple de corps de requête (JSON, ou a=b&c=d) ; puis une ligne vide
init-ask-answer = Un exemple de réponse (son JSON, ou tout ce que montre curl -i) ; puis une ligne vide
init-no-credential = écrivez bearer, "basic IDENTIFIANT", "header NOM", "query NOM" ou "body CIBLE", jamais le secret lui-même

curl-open-quote = un guillemet n'y est pas fermé
curl-no-curl = elle ne commence pas par curl
curl-no-address = elle ne donne aucune adresse
curl-upload = elle envoie un fichier ou un formulaire en plusieurs parties ({ $option }), ce que leadctl ne sait pas faire
curl-body-in-file = son corps est dans un fichier ({ $file }) : mettez le texte lui-même à sa place

init-key = les champs qui font le lead d'une personne
init-fields = cible = champ du lead : leadctl partners { $name }
init-base-shared = l'origine commune à ses adresses
init-constant-or-field = une constante comme dans l'exemple, ou un champ du lead : "…"
init-one-is-enough = un seul de ce genre suffit ?

check-at = à la destination { $name } :
check-along-route = vers quelle destination irait chaque lead : { $dry_run }
check-configuration = { $whole ->
    [one] { COUNT($whole) } destination sur { COUNT($all) } prête à l'envoi
   *[other] { COUNT($whole) } destinations sur { COUNT($all) } prêtes à l'envoi
 }, { $examples } ; rien n'a été envoyé · configuration { $config }
check-examples = { $count ->
    [one] { COUNT($count) } exemple vérifié
   *[other] { COUNT($count) } exemples vérifiés
 }
check-next-init = à faire : { $init } écrit un partners.toml avec ce que vous devez compléter
check-nothing = rien n'a été envoyé ni enregistré
check-judged = { $count ->
    [one] { COUNT($count) } lead
   *[other] { COUNT($count) } leads
 } : { $ready ->
    [one] { COUNT($ready) } prêt
   *[other] { COUNT($ready) } prêts
 }, { $invalid ->
    [one] { COUNT($invalid) } invalide
   *[other] { COUNT($invalid) } invalides
 } ; rien n'a été envoyé ni enregistré
check-judged-filtered = { $count ->
    [one] { COUNT($count) } lead
   *[other] { COUNT($count) } leads
 } : { $ready ->
    [one] { COUNT($ready) } prêt
   *[other] { COUNT($ready) } prêts
 }, { $invalid ->
    [one] { COUNT($invalid) } invalide
   *[other] { COUNT($invalid) } invalides
 }, { $filtered ->
    [one] { COUNT($filtered) } écarté
   *[other] { COUNT($filtered) } écartés
 } ; rien n'a été envoyé ni enregistré
check-next-correct = à faire : corrigez ces lignes, ou envoyez les autres : { $send }

check-next-rows = à faire : { $check } montre chaque ligne qui n'est pas prête
check-next-columns = à faire : { $partners } montre les colonnes qu'une destination accepte
check-standard-input = entrée standard
check-rows = { $count ->
    [one] { COUNT($count) } ligne
   *[other] { COUNT($count) } lignes
 }
check-recognised = reconnu : { $about } (source { $name })
check-other-sheets = autres feuilles, non lues : { $others } (--sheet NOM)
check-first-lead = Le premier lead (ligne { $line }), tel qu'il est compris
check-destinations = Destinations
check-before-sending = Avant d'envoyer
check-encoding = encodage : { $encoding } ; pour en imposer un autre : --encoding NOM
check-more-damage = et d'autres colonnes sont abîmées
check-unused = { $count ->
    [one] cette colonne n'est envoyée à personne : { $columns }
   *[other] ces colonnes ne sont envoyées à personne : { $columns }
 }
check-unfilled = { $count ->
    [one] aucune colonne ne remplit ce champ de la destination { $name } : { $fields }
   *[other] aucune colonne ne remplit ces champs de la destination { $name } : { $fields }
 }
check-nothing-wrong = rien à corriger
check-columns = Colonnes
check-column-for = pour { $names }
check-column-unused = pas utilisée
check-column-empty = (vide)
check-file-refused = ce fichier serait refusé
check-no-row-ready = aucune ligne n'est prête
check-all-rows-ready = { $ready ->
    [one] la ligne est prête
   *[other] les { COUNT($ready) } lignes sont prêtes
 }
check-rows-ready = { $ready ->
    [one] { COUNT($ready) } ligne sur { COUNT($rows) } prête
   *[other] { COUNT($ready) } lignes sur { COUNT($rows) } prêtes
 }
check-missing = rien ne donne { $fields }
check-more = et d'autres :

check-state-ok = ok
check-state-wrong = erreur
check-state-incomplete = incomplet
check-state-refused = refusé
check-state-unproven = non vérifié
check-of = { $what } : { $told }
check-secret-missing = le secret manque ; sa place : { $place }
check-secret-write = écrivez-le là, sur la première ligne
check-secret-command = le secret est { $place } ; il est demandé à l'envoi
check-certificate-theirs = demandez-le à qui gère le serveur du partenaire
check-certificate-ours = le partenaire connaît le certificat, et sa clé a été faite avec lui
check-no-success = aucune règle ne dit à quoi se reconnaît un succès : chaque lead reste incertain. Ajoutez-en une à [{ $name }.send] avec then = "delivered"
check-from-rows = chaque ligne doit donner { $fields }, qu'aucune valeur par défaut ne donne
check-no-example-success = aucun exemple ne montre un succès : une réponse { $status } vide serait lue comme { $would_be }. Écrivez la réponse du partenaire comme exemple : [[{ $name }.examples]] avec means = "delivered"
check-no-example-duplicate = aucun exemple ne montre un doublon : une réponse { $status } vide serait lue comme { $would_be }. Écrivez la réponse du partenaire comme exemple : [[{ $name }.examples]] avec means = "duplicate"
check-no-example-refusal = aucun exemple ne montre un refus : une réponse { $status } vide serait lue comme { $would_be }. Écrivez la réponse du partenaire comme exemple : [[{ $name }.examples]] avec means = "rejected"
check-example = l'exemple « { $about } »
check-example-status = l'exemple de statut { $status }
check-example-correct = corrigez l'exemple, ou les règles de [{ $name }.{ $call }]
check-example-inherited = il est hérité : donnez à [{ $name }] ses propres `examples`, ou retirez-les avec examples = false
check-example-means = doit être lu comme { $means }, mais est lu comme { $read }
check-unreachable = injoignable
check-example-reference = sa référence doit être « { $reference } », mais « { $read } » est lu
check-example-no-reference = sa référence doit être « { $reference } », mais aucune n'est lue
check-example-message = son message doit contenir « { $message } », mais « { $read } » est lu
check-example-no-date = `{ $word }` trouve « { $at } », qui n'est pas une date lisible, comme 2027-01-31, 2027-01-31 10:00:00 ou 31/01/2027

check-not-asked = pas interrogé : { $why }
check-nothing-to-ask = rien ne peut être demandé sans envoyer un lead : l'adresse et la clé ne sont donc pas vérifiées
check-answered = { $base } a répondu, l'adresse et le secret sont bons
check-mandatory = un contact doit y avoir { $all }
check-mandatory-unread = ce secret ne donne pas le droit de lire ce qu'un contact doit y avoir ; l'envoi n'en a pas besoin
check-mandatory-unsent = aucun champ n'est envoyé comme { $unsent } : ajoutez-le à [{ $name }.fields], sinon chaque lead est refusé
check-lacking = { $file } : il manque à { $count ->
    [one] { COUNT($count) } lead
   *[other] { COUNT($count) } leads
 } { $target }, que la destination { $name } rend obligatoire : { $count ->
    [one] ligne
   *[other] lignes
 } { $lines }
check-lacking-column = { $file } : il manque à { $count ->
    [one] { COUNT($count) } lead
   *[other] { COUNT($count) } leads
 } { $target } (colonne { $column }), que la destination { $name } rend obligatoire : { $count ->
    [one] ligne
   *[other] lignes
 } { $lines }

settings-none = ne déclare pas de réglages
settings-file-no-json = ce fichier n'est pas du JSON : une virgule, un guillemet ou une accolade est en trop ou manque près d'ici
nothing-changed = rien n'a été modifié
settings-answer-begins = la réponse commence par « { $text } »
settings-answer-empty = la réponse est vide
settings-answer-other = { $name } a répondu { $status }, mais sans ses réglages : { $came }
settings-address = son adresse est-elle la bonne ? [{ $name }] a base = "{ $base }"
settings-file-wrong = { $path } contient des erreurs, et rien n'a été modifié
settings-start-from = partez de ce qui y est : { $look } > settings.json
settings-same = rien à modifier : les réglages sont déjà ceux de ce fichier
settings-no-terminal = rien n'a été modifié : il n'y a pas de terminal où vous poser la question
settings-sure = si c'est bien voulu : { $sure }
settings-question = Modifier cela chez { $name } ? [o/N]
settings-not-kept = { $name } a répondu { $status } à la modification, mais à la relecture elle n'y est pas
settings-unknown = impossible de demander à { $name } si la modification est faite ({ $why })
settings-look = elle est peut-être faite, peut-être pas ; regardez : { $look }
settings-left = pas modifié :
settings-again = relancez la même commande : la refaire ne nuit à personne
settings-changed = modifié chez { $name }
settings-changed-after-all = modifié quand même chez { $name } : à la relecture, c'est fait
settings-no-object = le fichier ne contient pas d'objet entre { "{" } et { "}" }
settings-is-missing = { $place } manque
settings-must-be = { $place } doit être { $kind }
settings-no-number = { $name } doit être un nombre
settings-too-small = { $name } vaut { $number }, mais doit être supérieur à { $other }
settings-too-big = { $name } vaut { $number }, mais doit être inférieur à { $below }
settings-entry-without = { $name } n'a pas de `{ $by }`
settings-entry-twice = { $name } y est deux fois
settings-entry-unknown = { $name } ne fait pas partie des entrées du partenaire
settings-member-missing = { $name } : `{ $member }` manque ; une entrée s'envoie en entier, ou pas du tout
settings-member-flag = { $name } : `{ $member }` doit être true ou false
settings-not-there = absent
settings-not-sent = pas envoyé
settings-difference = { $at } : { $from } → { $to }

### commands: keep (resolve, amend, block, purge, backup, restore)

resolve-placed-twice = le lead { $lead } est { $state } chez { $destination }, et aussi { $other_state } chez { $other_destination } (lead { $other }) : l'un des deux doit le rendre
resolve-in-flight-hint = attendez la fin de cette exécution ; rien n'a été modifié
resolve-lists-leads = pour lister les leads :
resolve-late-hint = si le partenaire peut le retourner quand même :
resolve-undo-hint = s'il a été retourné par erreur :
resolve-lists-doubts = pour lister les leads incertains :
resolve-shows-history = pour voir ce qui s'est passé :
resolve-nothing-new = rien de nouveau : il est déjà { $state }
resolve-told = { $rows ->
    [one] { $rows } ligne
   *[other] { COUNT($rows) } lignes
 } : { $said ->
    [one] { $said } enregistrée
   *[other] { COUNT($said) } enregistrées
 }, { $nothing_new ->
    [one] { $nothing_new } déjà connue
   *[other] { COUNT($nothing_new) } déjà connues
 }, { COUNT($not_done) } sans suite
resolve-silent-rows = { $rows ->
    [one] { $rows } autre ligne ne donne aucun résultat
   *[other] { COUNT($rows) } autres lignes ne donnent aucun résultat
 }
resolve-file-late-hint = si le partenaire peut retourner quand même ce qui est trop tardif :
resolve-file-hint = ce qui est enregistré le reste ; corrigez les autres lignes, ou tranchez-les une à une, par exemple :
resolve-unknown = aucun lead enregistré ne correspond à ces valeurs
resolve-contradicted = aucun lead ne correspond à toute la ligne (destination, référence, e-mail ou téléphone différents : { $leads })
resolve-ambiguous = ce peut être n'importe lequel de ces leads : { $leads }

answers-contradict = le lead { $lead } y figure deux fois : { $one } à la ligne { $line }, et { $other } à la ligne { $other_line }
answers-contradict-hint = gardez la bonne ligne ; rien n'a été modifié
answers-empty = le fichier est vide
answers-row-hint = corrigez la ligne, ou supprimez-la ; rien n'a été modifié
answers-row-unreadable = cette ligne est illisible : { $why }
answers-word-unknown = { $column } contient « { $cell } » : il faut { $accepted }
answers-outcomes = remis, non reçu, approuvé, refusé ou retourné (delivered, not received, approved, rejected, returned)
answers-yes-or-no = oui ou non
answers-no-id = « { $id } » n'est le numéro d'aucun lead
answers-row-of-whom = cette ligne ne dit pas de quel lead il s'agit
answers-lack-lead = il faut une colonne qui dise de quel lead il s'agit : id, référence, ou e-mail et téléphone ; celles du fichier sont { $columns }
answers-destination = indiquez la destination dont ce sont les réponses
answers-destination-hint =
    sans elle, seuls les numéros de leads de leadctl (id) suffisent
    { $command }
answers-lack-outcome = il faut une colonne « résultat » (ou « reçu » : oui ou non) ; celles du fichier sont { $columns }
answers-lack-outcome-hint = ou dites la même chose de toutes ses lignes, par exemple avec --returned
answers-said-twice = la colonne { $column } dit ce qu'est devenu chaque lead, et la commande aussi
answers-said-twice-hint = supprimez l'une des deux indications ; rien n'a été modifié

backup-written = le registre des envois est copié dans { $file }, sa clé dans { $file }.key : gardez-les ensemble (leadctl --ledger { $typed } status les lit)
restored = { $file } est maintenant le registre des envois, à l'emplacement { $path }
restore-kept-aside = ce qui s'y trouvait est gardé sous { $files }
restore-is-older = le registre restauré ne sait rien de ce qui a été envoyé après la copie : enregistrez-le d'abord (leadctl send --record-only --note …), puis envoyez avec --accept-older-ledger, une seule fois

amend-again-then = relancez alors la même commande
amend-no-changes = aucune modification : indiquez un fichier, ou donnez-le par l'entrée standard

purge-future = { $day } est encore à venir : rien n'a été effacé
purge-future-hint = indiquez un jour passé, ou l'âge des leads : --before "13 mois"
purge-before = données personnelles effacées pour { $count ->
    [one] { COUNT($count) } lead
   *[other] { COUNT($count) } leads
 } d'avant le { $day } ; { $kept }
purge-before-open = données personnelles effacées pour { $count ->
    [one] { COUNT($count) } lead
   *[other] { COUNT($count) } leads
 } d'avant le { $day } (dont { COUNT($open) } encore en cours) ; { $kept }
purge-left = { $count ->
    [one] { COUNT($count) } lead de cette période laissé tel quel (en attente, incertain, retenu, en échec ou non envoyé)
   *[other] { COUNT($count) } leads de cette période laissés tels quels (en attente, incertains, retenus, en échec ou non envoyés)
 } : { $command }
purge-blocked = ce qui avait été tapé { $count ->
    [one] d'{ COUNT($count) } personne bloquée est effacé
   *[other] de { COUNT($count) } personnes bloquées est effacé
 } aussi : seules des empreintes empêchent encore l'envoi
purge-proofs-kept = pour { $count ->
    [one] { COUNT($count) } lead
   *[other] { COUNT($count) } leads
 }, ce que la personne a accepté et la liste des destinataires sont conservés { $keep } après le dernier envoi (keep_proof) ; pour le montrer :
purge-proofs-dropped = la preuve du consentement de { $count ->
    [one] { COUNT($count) } lead
   *[other] { COUNT($count) } leads
 } a été conservée { $keep } après le dernier envoi, et vient d'être effacée
purge-forgotten = leurs empreintes sont effacées aussi : s'ils reviennent, ils seront envoyés à nouveau
purge-known = ils ne seront toujours pas envoyés deux fois
purge-person-unknown = rien n'est enregistré sur cette personne
purge-person-unsent = données personnelles effacées pour { $count ->
    [one] { COUNT($count) } lead
   *[other] { COUNT($count) } leads
 } ; aucun partenaire n'en a reçu
purge-person-sent = données personnelles effacées pour { $count ->
    [one] { COUNT($count) } lead
   *[other] { COUNT($count) } leads
 } ; demandez aux partenaires ci-dessus d'effacer { $told ->
    [one] celui qu'ils ont reçu, par sa référence
   *[other] les { COUNT($told) } qu'ils ont reçus, par leurs références
 }
purge-being-sent = { $count ->
    [one] { COUNT($count) } lead est
   *[other] { COUNT($count) } leads sont
 } en cours d'envoi en ce moment : purgez à nouveau quand cette exécution sera finie
purge-pipe-kept = des lignes venues de l'entrée standard sont encore gardées dans { $path }, et peuvent contenir ce qui est purgé : regardez-y, et supprimez le fichier une fois ses leads envoyés, ou seulement ces lignes ({ $command })
purge-file-written = { $path } a été écrit par leadctl et peut contenir ce qui est purgé : supprimez-le, ou refaites-le

block-done = { $who } : les leads de cette personne ne partent plus, quel que soit l'export : { $contacts }
block-list-done = la liste { $list } bloque { $contacts }, quel que soit l'export ({ $new ->
    [one] dont { COUNT($new) } nouveau
   *[other] dont { COUNT($new) } nouveaux
 })
block-whoever = les personnes de la liste { $list }
unblock-by-hand = { $who } : blocage à la main levé pour { $contacts }
unblock-nobody = { $who } : aucun blocage
unblock-done = { $who } : les leads peuvent de nouveau partir ({ $contacts })
unblock-filtered = les leads écartés pour cette raison seront envoyés quand leur fichier sera relu
unblock-still = { $who } : blocage maintenu par la liste { $list }, lue à chaque exécution (block_files) ; retirez-en la ligne
unblock-still-some = blocage maintenu en partie par la liste { $list }, lue à chaque exécution (block_files) ; retirez-en les lignes
block-nobody = personne n'est bloqué ({ $block })
block-list-unread = la liste { $list } (block_files) n'a pas encore été lue dans son état actuel : la prochaine exécution la lira avant d'envoyer
block-column-blocked = bloqué
block-column-contacts = coordonnées
block-column-leads = leads
block-column-who = qui
block-column-note = note
block-list-each-run = liste { $name }, lue à chaque exécution
block-list = liste { $name }

person-nobody = « { $text } » ne désigne personne
person-as-in = comme jean.dupont@example.fr, "06 39 98 00 01", "Jean Dupont", ou le numéro d'un lead
person-no-contact = « { $text } » ne donne ni adresse e-mail ni numéro de téléphone, et beaucoup portent le même nom
person-name-a-contact = indiquez une adresse, un numéro de téléphone, ou le numéro de l'un de ses leads
person-lead = { $label }, { $file } ligne { $line } :
person-several = « { $text } » figure dans les lignes de { COUNT($count) } personnes : rien n'a été fait
person-which = désignez la bonne par une adresse, un numéro de téléphone ou le numéro d'un lead :
person-french-number = { $text } est pris pour un numéro français : celui d'un autre pays se trouve avec l'indicatif de ce pays, comme --person +32…

### commands: notify

notify-address-missing = { "[" }leadctl.notify] { $word } : l'adresse manque, sa place est { $place }
notify-what-is-new = nouveautés
notify-posted-again = la prochaine exécution renverra la même notification
notify-failed = notification, { $word } : { $why }
notify-metrics-not-written = impossible d'écrire { $path } : { $why }
notify-no-address = ce qui est gardé comme adresse n'en est pas une qu'on puisse appeler (https://…)
notify-refused = réponse { $status }, la notification n'a donc pas été prise
notify-no-answer = pas de réponse à temps (10 s)
notify-command-not-run = `{ $command }` ne peut pas être lancé : { $why }
notify-command-failed = `{ $command }` a échoué
notify-command-endless = `{ $command }` ne s'est pas terminé à temps (10 s)

notify-text =
    leadctl
    { $news }
    À faire :
    { $command }
notify-leads = { $to } : { $leads } ({ $ids })
notify-stop-not-begun = une exécution n'a pas pu commencer ; rien n'a été envoyé
notify-stop-wrong = l'exécution s'est arrêtée : le partenaire refuse tous les leads (clé, droits ou adresse)
notify-stop-unreachable = l'exécution s'est arrêtée : le partenaire est injoignable
notify-stop-quota = l'exécution s'est arrêtée : le partenaire n'en prend plus pour l'instant
notify-stop-doubts = l'exécution s'est arrêtée : trop de leads incertains de suite
notify-stop-refusals = l'exécution s'est arrêtée : trop de leads refusés de suite, de la même façon
notify-stop-ledger = l'exécution s'est arrêtée : ce qu'elle fait ne peut pas être enregistré (le disque est-il plein ?)

### errors

error-label = erreur :
hint-label = conseil :
warning-label = attention :

io-open-elsewhere = il est ouvert dans un autre programme, comme Excel : fermez-le
io-not-found = il n'existe pas
io-no-folder = son dossier n'existe pas
io-no-folder-hint = créez le dossier, ou indiquez un fichier dans un autre
io-permission = accès refusé
io-folder = c'est un dossier, pas un fichier
io-full = le disque est plein
