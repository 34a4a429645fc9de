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

date-weekday-short = { $number ->
    [1] Mon
    [2] Tue
    [3] Wed
    [4] Thu
    [5] Fri
    [6] Sat
   *[7] Sun
 }
date-weekday = { $weekday } { $day }

### lead

value-quoted = "{ $value }"
list-and = { $items } and { $last }
list-or = { $items } or { $last }

state-delivered = delivered
state-pending = pending
state-approved = approved
state-expired = expired
state-duplicate = duplicate
state-rejected = rejected
state-returned = returned
state-invalid = invalid
state-filtered = filtered
state-held = held
state-failed = failed
state-unsent = unsent
state-in-doubt = in doubt
state-skipped = skipped

state-count-delivered = { $count } delivered
state-count-pending = { $count } pending
state-count-approved = { $count } approved
state-count-expired = { $count } expired
state-count-duplicate = { $count } duplicate
state-count-rejected = { $count } rejected
state-count-returned = { $count } returned
state-count-invalid = { $count } invalid
state-count-filtered = { $count } filtered
state-count-held = { $count } held
state-count-failed = { $count } failed
state-count-unsent = { $count } unsent
state-count-in-doubt = { $count } in doubt
state-count-skipped = { $count } skipped

held-paused = paused
held-cap-until = beyond the cap until { $until }
held-cap = beyond the cap in all
held-hours-until = outside the hours until { $until }
held-hours = outside the hours
held = { $why }: kept, to be sent later

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

