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

