# What leadctl says in English. An id begins with what it is about; `$name` is a value,
# and COUNT($number) shows one with its thousands apart. The rest of the syntax:
# https://projectfluent.org/fluent/guide/

### numbers and dates

number-thousands = { "\u202F" }
number-percent = { $percent } %
number-decimal = .

date-month-short = { $number ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
 }
date-day = { $day } { $month } { $year }
date-day-of-year = { $day } { $month }
date-timed = { $day } { $time }

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

