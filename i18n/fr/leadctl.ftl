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

### lead

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

