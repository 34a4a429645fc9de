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

date-told-today = today { $time }
date-cell-today = today %H:%M
date-cell-of-year = %-d %b %H:%M
date-cell = %-d %b %Y
date-cell-minute = %-d %b %Y %H:%M

date-month-long = { $number ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
 }
date-month-of-year = { $month } { $year }
date-month-brief = { $number ->
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

list-together = { $first }; { $then }
of-said = { $what }: { $said }

note-mended = { $value } { $damage }: read as { $mended }
note-blanked = { $value } { $damage }: read as blank
note-damaged = { $value } { $damage }; { $todo }
note-name-split = first and last name were split from the full name
note-joined = the texts of several columns were joined
lead-test-said = a test lead, as its { $column } says: { $value }
lead-test = a test lead, as its platform says
lead-line = line { $line }

damage-lost-letters = has lost letters (�)
damage-misread = was read in the wrong encoding
damage-accents-apart = has accents apart from their letters
damage-not-calculated = stands for a formula that was never calculated
damage-error-word = is a spreadsheet's error, not a value
damage-kept-as-text = is written so that a spreadsheet keeps it as text
damage-html = is written in HTML
damage-prefixed = has a prefix that an advertising platform wrote
damage-marks = holds marks that nobody sees
damage-nothing = is a word for nothing
damage-perhaps-nothing = may be a word for nothing
damage-rounded = is a rounded number: its last digits are lost
damage-lost-zero = has lost its first 0
damage-quantity = was written as a quantity

damaged-correct-or-export = correct it, or export the file again as UTF-8
damaged-export-or-repair = export the file again as UTF-8, or let --repair all put it right
damaged-save-workbook = open the workbook in Excel and save it
damaged-correct-formula = correct the formula in the spreadsheet, or let --repair all read it as blank
damaged-html-in-part = not all of its column is: correct it, or let --repair all read it
damaged-prefix-in-part = not all of its column has: correct it, or let --repair all take it off
damaged-format-as-text = format this column as Text in the spreadsheet and export again; digits that are shown as E+ can't be recovered
damaged-taken-for-name = taken for a name
damaged-correct-in-file = correct it in the file, or leave out --repair none

columns-several-mean = the columns { $columns } all mean { $field }: which one is it? Rename the others, or remove them
columns-same-name = { $columns } are called the same: which one is meant? Rename the others, or remove them
columns-one = { $name } (column { $number })

place-no-key = `{ $text }` is neither a key nor a place in a document (write "{ $pointer }")
money-no-amount = { $text } is no amount: write it as in "35.00", with two decimals at most
stored-lead-unreadable = the stored lead can't be read: { $why }

### config

language-unknown = `{ $name }` is no language that is spoken here ({ $known })
language-none = a text has no language here (write one of them: { "{" } en = "…", fr = "…" { "}" })

mistake-meant-word = did you mean `{ $near }`?
mistake-meant-name = did you mean "{ $near }"?
mistake-known-words = the words are: { $words }
mistake-ledger-elsewhere = `ledger` stands in a table of its own, at the top of the file: [leadctl]
mistake-called-columns = it is called `columns` now
mistake-called-echo = it is called `echo` now: echo = { "{ \"/id\" = \"reference\" }" }
mistake-beside-value = stands beside a constant `value` (keep one of them: a constant is sent as it is)
mistake-beside-template = stands beside `template` (keep one of them: a template names its lead fields itself, as in { "{email}" })
mistake-no-source = says neither `from`, `template` nor `value` (name the lead field that it takes: from = "…")
mistake-must-be = must be { $expected }, not { $found }
mistake-one-of = one of: { $words }
mistake-cant-be = can't be "{ $found }" ({ $hint })
mistake-needs = needs `{ $word }`

mistake-in-field = a field
mistake-in-place = a place
mistake-in-pause = a pause
mistake-in-price = a price
mistake-in-test = a test
mistake-in-secret = a secret
mistake-in-secret-place = a secret's place
mistake-in-statement = a statement
mistake-in-rule = a rule
mistake-in-example = an example
mistake-in-destination = a destination
mistake-in-call = a call
mistake-in-check = a check
mistake-in-route = a route
mistake-in-source = a source
mistake-in-replacements = a list of what stands for what

mistake-file-built-in = partners.toml (built in)
toml-unquoted = string values must be quoted, expected literal string
toml-open-text = invalid basic string, expected `"`
toml-open-literal = invalid literal string, expected `'`
toml-open-heading = unclosed table, expected `]`
toml-open-list = unclosed array, expected `]`
toml-open-table = unclosed inline table, expected `{ "}" }`
toml-no-value = key with no value, expected `=`
toml-too-much = unexpected key or value, expected newline, `#`
toml-key-letters = invalid unquoted key, expected letters, numbers, `-`, `_`
toml-empty-key = unquoted keys cannot be empty, expected letters, numbers, `-`, `_`
toml-no-comma = extra assignment between key-value pairs, expected `,`
toml-extra-comma = extra comma in array, expected value
toml-true = invalid boolean, expected `true`
toml-false = invalid boolean, expected `false`
toml-backslash = missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\`, `"`, `x`, `u`, `U`
toml-backslash-u = too few unicode value digits, expected unicode hexadecimal value
toml-duplicate = duplicate key
toml-other = { $parser }
mistake-backslash = { $mistake } (a path with \ stands between single quotes, as in 'C:\leads\ledger.db')
mistake-twice = { $mistake } (`{ $key }` stands in line { $line } already: write both together, or remove one)

value-short-text = the text "{ $text }"
value-long-text = a text
value-date = a date without quotes
value-list = a list
value-empty-table = an empty table
value-table = a table

mistake-this-table = this table
value-text = a text between quotes
value-smaller = a smaller number
value-other-number = another number
value-count = a whole number from 0 up
value-boolean = true or false
value-number = a number
value-named = names with values: { "{ … }" }
mistake-no-table = must be a table: { "{ … }" }
mistake-nested-target = { $hint }; a nested target stands between quotes: "{ $target }" = …
mistake-unknown-word = `{ $word }` is not a word of { $table } ({ $hint })
mistake-key-alone = a key without a value
mistake-asked-for = `{ $word }` stands where { $table } is asked for: [{ "{ … }" }]

mistake-duration = `{ $text }` is not a duration: write a number and a unit, as in 30s, 2m, 1h, 180d
mistake-period = `{ $text }` is no time by the calendar: write it in days, months or years, as in 90 days, 24 months, 5y
mistake-rate = `{ $text }` is not a rate: write it as 55/min, 950/h, 9/s or 100/10s
period-years = { $count ->
    [one] 1 year
   *[other] { $count } years
 }
period-months = { $count ->
    [one] 1 month
   *[other] { $count } months
 }
period-weeks = { $count ->
    [one] 1 week
   *[other] { $count } weeks
 }
period-days = { $count ->
    [one] 1 day
   *[other] { $count } days
 }
measure-seconds = { $seconds } s
measure-minutes = { $minutes } min
measure-hours = { $hours } h { $minutes }
measure-days = { $days } days

mistake-no-zones = this machine has no list of them: install the package tzdata
mistake-zone-as-in = write a region and a city, as in Europe/Paris
mistake-zone = `{ $name }` is no time zone ({ $hint })
mistake-country-as-in = as in "FR", "BE", "CH"
mistake-country = `country` must be the two letters of a country, not "{ $text }" ({ $hint })

asks-is = { $field } is { $values }
asks-filled = { $field } is filled
asks-empty = { $field } is empty
asks-matches = { $field } matches { $pattern }
asks-date = { $field } is its date
asks-names = { $field } names { $partners }
asks-within = no more than { $within } ago
mistake-lead-test = what `{ $field }` must be can't be { $value } (a text, a list of texts, "present", "absent", or { "{ match = '…' }" })
field-labelled = { $field } ("{ $label }")

mistake-cap = `{ $text }` is no cap (write it as 30/day, 200/week, 400/month or 1000/total; to send nothing for now: paused = true)
mistake-hours = `{ $text }` names no hours (write it as Mon-Fri 09:00-19:00, Sat 10:00-12:00,14:00-17:00, Mon,Wed or not 2026-12-25; over midnight it is two: Fri 22:00-24:00 and Sat 00:00-02:00)

mistake-date-form = `{ $text }` is no form of a date (write unix, unix-ms, rfc3339, or a pattern such as %Y-%m-%d or %d/%m/%Y %H:%M)
mistake-slash-body = `/` is no place in an answer (the whole of it is `body`)
mistake-answer-part = `{ $text }` is not a part of an answer (write status, body, header:NAME or a place such as /data/id)
mistake-pointer = `{ $text }` is not a place in an answer: it must begin with /, as in /data/id
mistake-slash-whole = `/` is no place in an answer (the whole of it is "")
mistake-pattern = the pattern `{ $text }` can't be read: { $reason }

mistake-target-segment = the target "{ $text }" has an empty segment (a dot parts two names: "properties.email"; a dot in a name is written '\.')
mistake-target-number = the target "{ $text }" has a number between its dots (a list is written "{ $written }")
mistake-template-constant = the template "{ $text }" holds no placeholder (write one, as in { "{email}" }, or value = "{ $text }" for a constant)
mistake-template-brace = the template "{ $text }" has a brace without its other half (a placeholder is written { "{email}" }, a brace that is sent { "{{ or }}" })
mistake-template-nameless = the template "{ $text }" has a placeholder without a name (a placeholder is written { "{email}" }, a brace that is sent { "{{ or }}" })

mistake-address = `{ $word }` { $mistake }: "{ $shown }"
address-none = is no address (as in https://api.example.fr)
address-space = has a space in it (an address has none)
address-user = must hold no user or password (use `auth`)
address-fragment = must end before the # (what follows it is never sent)
address-placeholder = must hold no { "{placeholder}" } (put it in the `path` of each call)
address-host-letters = has a host that is not written as the network writes it (accented names have a form that begins with xn--: a browser's address bar gives it)
address-letter = holds a letter that an address can't hold (write it encoded, as in %C3%A9 for é)
address-host = names no host, or a host that can't be one (as in https://api.example.fr:8443)
address-port = has a port that is none (a number from 1 to 65535)
address-https = must begin with https:// (http:// is for this machine only)

mistake-path = the path "{ $path }" { $mistake }
path-slash = must begin with / (the host stands in `base`)
path-brace = has a brace without its other half (a placeholder is written { "{program}" })
path-fragment = has a #: what follows it is never sent (write %23 for the character itself)
path-colon = has a placeholder in another notation: nothing fills :{ $name } (write { "{" }{ $name }{ "}" })
path-letter = holds a space or a letter that an address can't hold (write "{ $written }")

header-name-as-in = "{ $name }" can't be a header's name (letters, digits and dashes alone: as in X-Api-Key)
header-name-perhaps = "{ $name }" can't be a header's name (letters, digits and dashes alone: perhaps "{ $near }"?)
mistake-header = the header `{ $name }` { $mistake }
header-ours = is written by leadctl itself (remove it)
header-of-auth = is the one of `auth` already (remove it here)
header-secret = carries a secret, which is never written in this file (auth.header = { "{" } name = "{ $name }", secret = "NAME_OF_AN_ENVIRONMENT_VARIABLE" { "}" })
header-of-form = tells of what is sent, which is a form (remove it, or write application/x-www-form-urlencoded; charset=utf-8)
header-of-json = tells of what is sent, which is JSON (remove it, or name a kind of JSON, such as application/vnd.api+json; a form is sent with body = "form" in the call)
header-of-nothing = tells of what is sent, which is nothing (remove it)
header-letter = holds a letter that no header can carry (write it without accents)

mistake-user-colon = `user` holds a colon, which ends the user's name when it is sent (write the name alone: the password is what `secret` names)
mistake-secret-place = the name of a secret's place is empty, or holds braces or blanks (write it as the partner does: "api_key")
mistake-scheme = `scheme` is one word, such as "Bearer" (the token follows it by itself)
mistake-prefix = `prefix` holds a sign that no header can carry (letters, digits and =:, alone)
mistake-literal-secret = a secret is never written in this file (write the name of an environment variable, or { "{ file = \"…\" }" }, or { "{ command = [\"…\"] }" })

mistake-check-type = a check of `at` needs `type`
mistake-check-empty = a check that checks nothing (write { "{ at, type }" }, { "{ ascending, above, below }" } or { "{ each, by }" })
json-object = an object between { "{ and }" }
json-list = a list between [ and ]
json-text = a text between quotes
json-number = a number
json-boolean = true or false
mistake-safe-to-repeat = `safe_to_repeat` names no field (write false where a repeat is never safe, true where it always is, or the fields that make it so: ["email"])

mistake-from-nothing = `from` names no lead field (write its name between the quotes, or remove the whole line)
accepts-numbers = a number in { $ranges }
accepts-pattern = must match { $pattern }
accepts-length = { $max } characters at most
accepts-without = without { $texts }
mistake-range = `{ $text }` is no range of numbers (write "1-4", the smaller one first, "50-" for 50 and more, or "7")
type-integer = a whole number
type-number = a number
type-boolean = yes or no
format-phone = a phone number, sent as +33639980001
format-phone-national = a phone number, sent as its own country dials it, 0639980001 (foreign ones with +)
format-phone-french = a French phone number, overseas included
format-email = an e-mail address
format-title = M. or Mme (Mr, Monsieur, Madame, Mlle, Ms… too)
format-country = a country, by name or code, sent as FR
format-country-name = a country, by name or code, sent as France
format-lower = any text, sent in lower case
format-upper = any text, sent in capitals
format-digits = digits; spaces, dots and dashes are dropped
format-postcode = a postcode
format-date = a date, as in 2026-11-29

means-delivered = the partner has the lead
means-pending = received; the partner decides later
means-approved = accepted by the partner
means-expired = the partner's approval ran out
means-duplicate = the partner already had this lead: it is not sent again
means-rejected = this lead is refused; the others go on
means-wait = the partner asks to wait; the lead is tried again
means-stop = wrong for every lead: the run stops, the rest stays unsent, somebody must act
means-stop-for-now = a quota is used up: the rest stays unsent, run again later
means-in-doubt = the partner may have the lead: never sent again unasked
means-not-processed = not taken in; the lead is tried again
mistake-expects-nothing = what is expected is empty, which never holds (where the partner gives an empty list: "…/*" = "absent")
mistake-statuses = `status` can't be { $value } (a number from 100 to 599, "2xx", "4xx", "5xx", or a list of these)
mistake-status = the `status` of an answer is from 100 to 599 (as in status = 201)

mistake-alone-in-group = `exclusive` of [{ $name }]: no other destination is of the group "{ $group }"
mistake-alone-in-group-hint = write the same at each of them
mistake-too-many-destinations = these are { $count } destinations, and one file may hold { $most } (write several files, and name one with --config)
mistake-long-chain = { "[" }{ $name }] extends a table that extends another, and so on: { $most } may follow on one another (let it extend the one that it differs from)
mistake-circle = `extends` goes in a circle: { $circle }
mistake-extends = `extends` names "{ $parent }", which is no destination
mistake-extends-hint = write one's name between quotes
mistake-ledger-moved = `ledger` stands in a table of its own now
mistake-ledger-moved-hint = write [leadctl], and ledger = "PATH" below it
mistake-no-destination-table = `{ $name }` is a destination: it must be a table, not { $found }
mistake-no-destination-table-hint = write [{ $name }], and its words below
mistake-no-destination = `{ $name }` is neither a destination of the catalogue nor a whole new one
mistake-no-destination-hint = a new destination needs `extends`, or `base`, [….fields] and [….send]

mistake-route-name = the route `{ $name }` is named like a destination
mistake-route-name-hint = --to must say which one is meant: give it another name
mistake-route-empty = the route `{ $name }` names no destinations
mistake-route-empty-hint = write first = ["…", "…"], all or split
mistake-route-none = `{ $way }` is empty
mistake-route-none-hint = name destinations
mistake-route-next-on = `next_on`: of `all`, each destination gets the lead anyway
mistake-route-next-on-hint = it goes with first and split
mistake-route-ways = `{ $way }` beside another way to choose
mistake-route-ways-hint = keep one of first, all and split
mistake-route-twice = "{ $name }" stands there twice
mistake-route-twice-hint = once is enough
mistake-route-in-route = "{ $name }" is a route, and a route leads to destinations
mistake-route-in-route-hint = name its destinations here
mistake-route-unknown = there is no destination "{ $name }"
mistake-route-unknown-hint = write one's name
mistake-share-zero = the share of "{ $name }" is 0
mistake-share-zero-hint = leave it out, or give it 1 or more

mistake-base-query = `base` has a query, and the path of [{ $call }] would follow it (end `base` before the ?, and write it in each call: query = { "{ key = \"value\" }" })
mistake-jobs = `jobs` must be from 1 to 256
mistake-no-time = `{ $word }` must be longer than nothing
mistake-default-empty = the default of `{ $field }` is empty (write its value between the quotes, or remove the line)
mistake-price-always = a `price` without `when` holds for every lead, and those before it never count (the last that holds is paid: write this one first)
mistake-billable-without-price = `billable_on` says when a lead is paid for, and no `price` says what (add price = "35.00", or remove it)
mistake-only-empty = a table of `only` that asks nothing holds for every lead (write what it asks: only = [{ "{ zip = { match = '^69' } }" }])
mistake-is-header = that is a column header of the lead field "{ $name }": write its name
mistake-add-column = add it to [columns]
mistake-lead-field = { "[" }{ $name }] names "{ $field }", which is no lead field ({ $hint })
mistake-settings-body = `settings.body` is JSON, always (remove it)
mistake-question-body = `{ $call }.body` is nothing: a question sends none (remove it)
mistake-question-method = `{ $call }.{ $word }` must be GET, or not there (a question changes nothing)
mistake-amend-constant = `{ $target }` of `amend.constants` is always sent, so no lead fills it (write its value, or template = "{ "{ref}" }" for the contact's number)
mistake-amend-path = `amend.path` doesn't say which contact is changed (write { "{ref}" } where the partner's number for the contact stands)
mistake-rule-always = without `when`, every answer would be "{ $then }", a failure too
mistake-rule-always-hint = say which answers: when = { "{ status = 201 }" }
mistake-follow-whom = { "[" }{ $name }.follow] does not say which lead it asks about (put { "{reference}" } in its path: the partner's number for the lead)
mistake-follow-unknown = the path of [{ $name }.follow] has { "{" }{ $unknown }{ "}" }, which [{ $name }.send] does not have (a lead is asked about where it was sent: use the placeholders of `send`, and { "{reference}" })
mistake-follow-rules = { "[" }{ $name }.follow] has no rules: no answer would decide about a lead (rules = [{ "{ when = { \"/status\" = \"approved\" }, then = \"approved\" }" }, …])
mistake-pages-twice = `page`, `offset` and `cursor` are three ways to ask for the next page (keep the one that this partner knows)
mistake-list-rules = no rule of [{ $name }.list] says how a page is recognised (rules = [{ "{ when = { status = 200 }, then = \"delivered\" }" }])
mistake-on-duplicate = `on_duplicate = "amend"` can't be done here (it needs [….amend], and a rule for duplicates with a `reference`)
mistake-formerly-itself = write the name that the table had before
mistake-formerly-built-in = go on sending with [{ $former }]
mistake-formerly-there-too = remove the table [{ $former }] if [{ $name }] takes its place
mistake-formerly-there = `formerly` of [{ $name }] names [{ $former }], which is still there ({ $place }): its leads would be sent again by it ({ $hint }, or remove it from `formerly`)
mistake-formerly-twice = `formerly` of [{ $name }] names [{ $former }], and so does that of [{ $rival }] (what was sent under it can belong to one of them, or remove it from `formerly`)
mistake-example-of = `of = "{ $of }"` names no call of [{ $name }]: the example would prove nothing
mistake-example-of-hint = it needs a table of its own, [{ $name }.{ $of }]
mistake-test-values = `test_values`: with nothing but a `*` every lead would be a test
mistake-test-values-hint = write what a test lead's cell begins with
mistake-no-pairs = `{ $word }` is of leads that are lists of names and values, and no `pairs` says where these stand
mistake-no-pairs-hint = add pairs = { "{ at = \"…\", name = \"…\", value = \"…\" }" }
mistake-header-means = `{ $header }` means "{ $field }", which is no lead field

mistake-find-rules = { "[" }{ $name }.find] has no rules: no answer would end a doubt (rules = [{ "{ when = { status = 404 }, then = \"not_processed\" }" }, …])
mistake-find-both = `{ $word }` of [{ $name }.find] searches the list, and `path` asks for the person (keep one of the two)
mistake-find-created = `created` of [{ $name }.find] is for an answer about one person, which no `path` asks for (in a list it stands under [{ $name }.list])
mistake-may-be-empty = `may_be_empty` of [{ $name }.find] names { $at }, which `match` does not have
mistake-find-nothing = { "[" }{ $name }.find] does not say what must agree (match = { "{ \"/phone\" = \"phone\", \"/name\" = [\"first_name\", \"last_name\"] }" }, or path = "/contacts/{ "{email}" }" with rules)
mistake-find-list = { "[" }{ $name }.find] needs [….list] with `created`
mistake-find-follow = { "[" }{ $name }.find] needs [….follow]
mistake-find-unknown = { "[" }{ $name }.find] can't fill { "{" }{ $unknown }{ "}" } of [{ $name }.list]: [….send] does not have it
mistake-find-sent = `sent` of [{ $name }.find] names { $target }, which is not sent
mistake-find-sent-hint = name a target of `fields`
mistake-echo-of-no-lead = `echo` of [{ $call }] compares an answer that is about no lead
mistake-echo-of-no-lead-hint = it belongs into send, follow or amend
mistake-echo-reference = `echo` of [{ $call }] compares { $at } with the reference, which only that answer gives
mistake-echo-reference-hint = name a lead field that is sent, as in "email"
mistake-echo-unsent = `echo` of [{ $call }] names "{ $field }", which is not sent
mistake-echo-unsent-hint = name a lead field that `fields` sends, or "reference"

mistake-consent = `{ $word }` of `consent` { $mistake }
consent-one-date = is one date for everybody, which proves nothing (name the column that has each person's: at = "consent_at")
consent-two-sources = has both `from` and `value` (keep one of them)
consent-no-source = says neither `from` nor `value` (name the column that has it: from = "…")
consent-empty = is empty (write it between the quotes, or remove the line)
consent-reads = has `reads`, which is for the date alone (write it into `at`)
mistake-consent-date = `reads` says { $form }, which names no day (as in %d/%m/%Y)
mistake-consent-default = `{ $field }` is what a person says ([{ $name }.consent]): a default can't say it for them (remove the line)
mistake-consent-yes = `is` says no word that means yes (as in is = ["oui", "1"])
mistake-consent-both = "{ $word }" means both yes and no (remove it from `is` or `not`)

mistake-auth-empty = `auth` must hold one of header, bearer, basic, query, body, path, oauth2, hmac, certificate, or several of them (or write auth = false where nobody asks who calls)
mistake-auth-header-twice = two parts of `auth` write the header { $name } (keep one of them; bearer, basic and oauth2 all write Authorization)
mistake-auth-path = `auth.path` fills { "{" }{ $name }{ "}" }, which no path has (write it where the secret stands: path = "/hooks/{ "{" }{ $name }{ "}" }")
mistake-auth-path-twice = `{ $name }` is filled by `auth.path` already (remove it here: a secret comes from no lead)
mistake-auth-query-twice = `{ $name }` is sent by `auth.query` already (remove it here)
mistake-auth-body-twice = `auth.body` sends `{ $own }`, and [{ $name }.fields] sends `{ $target }` (keep one of them)
mistake-grant-secret = `auth.oauth2` needs `secret` for this grant: where the client's secret is kept
mistake-grant-without-refresh = `auth.oauth2` has a `refresh` token, which its grant doesn't use (write grant = "refresh_token", or remove `refresh`)
mistake-grant-refresh = `auth.oauth2` needs `refresh` for this grant: where the refresh token is kept (refresh = { "{ file = \"partner.token\" }" })
mistake-secret-in-fields = the constant of `{ $target }` is a secret, which is never written in this file (auth.body = { "{" } target = "{ $target }", secret = "NAME_OF_AN_ENVIRONMENT_VARIABLE" { "}" })
mistake-secret-in-path = the constant of `{ $name }` is a secret, which is never written in this file (auth.path = { "{" } name = "{ $name }", secret = "NAME_OF_AN_ENVIRONMENT_VARIABLE" { "}" })
mistake-secret-in-query = `{ $place }` carries a secret, which is never written in this file (auth.query = { "{" } name = "{ $name }", secret = "NAME_OF_AN_ENVIRONMENT_VARIABLE" { "}" })

mistake-query-of-lead = `query.{ $name }` of [{ $call }] takes its value from a lead, which only `send` has at hand (write what is known then into its path: path = "/leads?id={ "{reference}" }")
mistake-from-template = `{ $word }` takes "{ $from }", which is no lead field (write template = "{ $from }" for a text that lead fields fill)
mistake-constant-braces = `{ $word }` holds { "{" }{ $name }{ "}" } in a constant, which nothing fills: it would be sent with its braces
mistake-constant-default = a default is one text for every lead: write it out
mistake-constant-template = write "{ $word }" = { "{" } template = "{ $text }" { "}" }; in a template, a brace that is sent is written twice
mistake-constant-path = write what is known then into its path: path = "/leads?id={ "{reference}" }"
mistake-body-of-get = { "[" }{ $call }] goes by GET, which sends no body (say method = "POST", or write the values into `query`)
mistake-body-none = { "[" }{ $call }] sends no body, so nothing of `fields` would be sent (write it into `query`, as in query = { "{ email = { from = \"email\" } }" }, or say body = "form" or "json")
mistake-body-empty = { "[" }{ $call }] sends nothing of a lead (say what is: fields = { "{ email = \"email\", name = \"last_name\" }" })
mistake-body-wrapped-form = { "[" }{ $call }] sends a form, which is no list (remove `wrap`)
mistake-target-twice = `{ $target }` and `{ $rival }` are one place (remove one of them)
mistake-target-inside = `{ $target }` can't stand inside `{ $rival }`, which is a value
mistake-target-object-list = `{ $target }` and `{ $rival }` make an object and a list of one place (write both with a number in brackets, or neither)
mistake-of-value = `{ $word }` of `{ $name }` { $mistake }
value-date-without-form = needs the form that is sent (as = "%Y-%m-%d", or unix, unix-ms, rfc3339)
value-no-date = is for dates alone (add format = "date")
value-no-day = says { $form }, which names no day (as in %d/%m/%Y)
value-blank-required = stands beside `required` (keep one of them: a lead without it is sent, or not)
value-join-one = stands between the parts of a template, and there is one (write a list: template = ["{ "{course}" }", "{ "{callback}" }"])
value-parts-unjoined = has several parts: say what stands between them (join = " ", or "\n" for a line of its own)
mistake-ranges = `{ $range }` and `{ $other }` of `{ $name }` hold the same numbers (let one end before the other begins, or remove it: "{ $other }" = false)

### input

input-unreadable = this file can't be read: { $why }
input-is-folder-hint = name the file in it that holds the leads
input-scratch = this file is read by way of { $folder }, which failed: { $why }
input-scratch-hint = free some space there, or name another folder: TMPDIR=/some/folder
input-scratch-hint-windows = free some space there, or name another folder in the variable TEMP
input-damaged = this can't be read as an { $format }: it is damaged
input-damaged-hint = open it in Excel, which may mend it, and save it as .xlsx; or get it again
input-two-encodings = the letters of this file can be read in two ways, one as likely as the other: { $readings }
input-two-encodings-hint = say which one is right: { $flags }
input-no-encoding = the letters of this file make no words in any usual encoding: { $readings }
input-no-encoding-hint = name its encoding, such as --encoding windows-1251, or export it as UTF-8
input-reading = as { $encoding } ({ $words })
input-lost-json = from here on this can't be read as JSON: its leads are missing
input-lost-json-hint = get the whole file again, or put right what is told of the row before
input-strange = no leads can be read: it is { $what }
input-protected = it is protected by a password
input-protected-hint = open it with its password, and save it without one
input-several-exports = this archive holds several exports: { $names }
input-several-exports-hint = unpack it, and name those that are meant:
input-no-export = this archive holds no export: { $names }
input-no-export-empty = this archive holds no export: it is empty
input-no-export-hint = exports are .csv, .xlsx, .xls, .xlsb, .ods, .json, .jsonl or .html
input-cut-archive = this can't be unpacked to its end: { $why }
input-cut-archive-hint = get the whole file again
input-too-large = unpacked, this is more than 2 GB: it is no export
input-too-large-hint = is it the right file? If it is, unpack it and split it
input-long-table = this table is written column by column, and longer than 4 MB
input-long-table-hint = have it written row by row, as a list of objects (pandas: orient="records"), or as CSV
input-no-json = no leads can be read: it isn't JSON that starts with { "{" } or [{ "{" }
input-no-json-hint = a lead is an object, such as [{ "{" }"email": "lea@example.fr"{ "}" }]; if it is a CSV file, say so with --input-format csv
input-hidden = hidden or filtered out in this workbook: { $what }
input-hidden-hint = who filters or hides mostly means the rest to stay: show it again, or say what is meant:
    --hidden skip   leaves it out
    --hidden send   sends it with the others
input-hidden-sheet = the sheet "{ $name }"
input-lost-sheets = this workbook lists the sheet { $sheets }, but nothing of it is there
input-lost-sheets-hint = open it in Excel, which may mend it, or get it again; to read another of its sheets, name it: --sheet NAME
input-error-cell = a cell of this sheet holds { $word }, which can't be read
input-error-cell-hint = put that cell right in Excel, or empty it
input-page-encoding = this page holds bytes that are not { $encoding } text, as which it is read
input-page-encoding-hint = name its encoding, such as --encoding windows-1252
input-unknown-sheet = this workbook has no sheet named "{ $wanted }"
input-unknown-sheet-hint = its sheets are: { $sheets }

input-header = the row of column names can't be read: { $why }
input-header-is-lead = the first row is already a lead (it holds "{ $value }"): the column names are missing
input-header-is-lead-hint = add a first line that names each column, such as Nom;Prénom;E-mail;Téléphone
input-no-header-there = there is no row on this line that could name the columns
input-no-header-there-hint = the line is the file's own, blank lines counted; --header-row names another
input-no-header = no row of column names is found: the first row says only "{ $first }", and the rows below it have more cells
input-no-header-hint = say on which line the column names stand, as in --header-row { $line }
input-leads-above = here stands a lead, above the row of column names (line { $header })
input-leads-above-hint = move the column names to the first line; if the lines above them are no leads, say so: --header-row { $header }

input-open-quote = a quote (") opens a cell of this row and is never closed: close it at the end of the cell, or remove it
input-open-quote-line = a quote (") opens a cell on line { $line } and is never closed: close it at the end of the cell, or remove it
input-stray-quote = a cell of this row opens with a quote (") that does not close where the cell ends: write quotes inside a cell twice (""), or remove them
input-stray-quote-line = a cell opens with a quote (") on line { $line } that does not close where the cell ends: write quotes inside a cell twice (""), or remove them
input-row-too-long = this row is longer than 1 MB, so it is no lead: was the file damaged?
input-row-too-few = this row has { $cells } where the first line names { $columns }: is it cut short?
input-row-too-many = this row has { $cells } where the first line names { $columns }: a cell that holds { $delimiter } needs quotes around it
input-row-encoding = this row holds bytes that are not { $encoding } text, { $place }: save the file again as UTF-8, or name its encoding with --encoding
input-cell-too-long = the cell in column { $column } is longer than 256 kB, so this row is no lead: was the file damaged?
input-cell-nul = the cell in column { $column } holds a NUL character, so this row is no lead: was the file damaged?
input-no-object = a lead is written { "{" }…{ "}" } in JSON, and here stands: { $what }
input-json-syntax = this isn't valid JSON (line { $line }, { $place })
input-json-unbalanced = this isn't valid JSON: its quotes or brackets don't match, so its end is unknown
input-json-cut-object = the input ends inside this object: get the whole file again
input-json-cut-list = the input ends before the { $closing } that closes its list or page: leads may be missing after the last one, so get the whole file again
input-row-wider = this row has { $cells } where the table has { $columns }: which ones are meant?
input-no-pairs = this lead has no list of answers ("{ $key }"): is it only the notice that there is one?
input-key-twice = the key "{ $key }" stands twice in this object: which one is meant?
input-empty-object = this object is empty

input-rows = { $count ->
    [one] { $count } row
   *[other] { $count } rows
 }
input-columns = { $count ->
    [one] { $count } column
   *[other] { $count } columns
 }
input-cells = { $count ->
    [one] { $count } cell
   *[other] { $count } cells
 }
input-a-tab = a tab
input-at-start = at its start
input-after = after "{ $before }"

input-format-csv = CSV
input-format-json = JSON
input-format-json-lines = JSON Lines
input-format-excel = Excel workbook
input-format-opendocument = OpenDocument workbook
input-format-page = web page with a table
input-is-document-hint = no leads can be read from a document: export them from where they come from, as .xlsx or CSV
input-is-archive-hint = unpack it, and name the file in it that holds the leads
input-is-image-hint = no leads can be read from an image: export them from where they come from, as .xlsx or CSV
input-is-tables-hint = export the table that holds the leads, as .xlsx or CSV
input-is-old-workbook-hint = open it in Excel and save it as .xlsx
input-is-mhtml = a web archive or e-mail (MHTML)
input-is-older-workbook = a workbook older than Excel 97
input-is-bare-workbook = a workbook without its cover
input-is-apple-hint = in Numbers: File, Export To, Excel
input-is-pdf = a PDF document
input-is-rtf = an RTF document
input-is-rar = a RAR archive
input-is-7-zip = a 7-Zip archive
input-is-compressed = compressed ({ $format })
input-is-tar = a tar archive
input-is-image = an image ({ $format })
input-is-sqlite = a database (SQLite)
input-is-access = an Access database
input-is-parquet = a Parquet file
input-is-vcard = contact cards (vCard)
input-is-sylk = a SYLK spreadsheet (.slk)
input-is-word = a Word document ({ $extension })
input-is-presentation = a PowerPoint presentation
input-is-old-presentation = a PowerPoint presentation (.ppt)
input-is-apple = a Numbers, Pages or Keynote document
input-is-e-book = an e-book
input-is-android = an Android program
input-is-outlook = an Outlook message (.msg)
input-is-owner-file = only the sign that somebody has a workbook open
input-is-owner-file-hint = name the workbook itself, without ~$
input-is-page = a web page or XML without a table
input-is-page-hint = is it a page that asks for a password? Get the export again, as .xlsx or CSV

input-encoding-dos = DOS code page { $page }
input-encoding-sure = { $encoding } (sure)
input-encoding-sure-by = { $encoding } (sure, as in { $words })
input-encoding-likely = { $encoding } (likely)
input-encoding-likely-by = { $encoding } (likely, as in { $words })

input-facts-sheet = sheet { $sheet }
input-facts-sheets = sheets { $sheets }
input-facts-tabs = tabs between cells
input-facts-delimiter = { $delimiter } between cells
input-facts-header = headers on line { $line }
input-facts-titles = headers on line { $line }; above them stands { $above } (--header-row overrules)

### mapping

complaint-empty = is empty, but this destination needs it
complaint-no-column = no column gives it, but this destination needs it
complaint-no-column-labelled = no column gives it ({ $label }), but this destination needs it
complaint-none-filled = at least one of these must be filled
complaint-nothing-used = nothing of this row is sent to { $destination }: none of its columns that are filled is one that it takes
complaint-out-of-reach = this is no lead: it has no e-mail address, no number, no first name and no street, which other rows here have
complaint-not-in-address = { $value } can't stand in an address
complaint-not-in-header = { $value } holds a letter that no header can carry (write it without accents)
complaint-not-listed = { $value } is not one of: { $accepted }
complaint-too-long = { $length } characters, but { $max } at most are accepted
complaint-contains = must not contain { $text }
complaint-contains-blank = holds a character that this destination can't take
complaint-not-expected = { $value } is not accepted; write { $expects }
complaint-no-match = { $value } is not accepted: it must match { $pattern }
complaint-not-text = { $value } is not a text
complaint-not-integer = { $value } is not a whole number
complaint-not-number = { $value } is not a number
complaint-not-boolean = { $value } is neither yes nor no
complaint-phone = { $value } { $fault }
complaint-phone-expected = { $value } { $fault }; write one number such as 06 39 98 00 01, or +32 2 555 12 12 with its country code
complaint-email = { $value } { $fault }; write one address such as jean.dupont@example.fr
complaint-not-title = { $value } is no title: M., Mme, Mr, Ms…
complaint-not-country = { $value } is no country that is known here: write its code, as in FR
complaint-not-digits = { $value } is not made of digits only; write digits, spaces may part them
complaint-not-date = { $value } is no date that is known here: write it as in 2026-11-29 or 2026-11-29 18:05
complaint-not-date-read = { $value } is no date that is known here: `reads` in partners.toml says { $reads }; 2026-11-29 or 2026-11-29 18:05 is read too
complaint-two-dates = { $value } is { $day } where the day comes first, and { $month } where the month does: say which in partners.toml, { $word } = { "{" } from = "…", reads = "%d/%m/%Y" { "}" } or "%m/%d/%Y"
complaint-not-postcode = { $value } is not a French postcode; write five digits such as 01000
complaint-unwanted-repair = { $repair }; correct it in the file, or leave out --repair none
complaint-only-default = is only what --default says: a consent is the person's own word
complaint-no-consent = { $value } is no consent
complaint-in-future = { $value } is in the future: nobody has agreed yet
complaint-run-out = { $value } is more than { $within } ago: this consent has run out
complaint-not-named = { $value } does not name { $partner }: the person agreed to others

phone-no-digit = holds no digit
phone-rounded = was shortened by a spreadsheet and its last digits are lost: export it again with that column formatted as text
phone-two = holds two phone numbers
phone-letters = holds letters
phone-digits = has { $count } digits, too many for one phone number
phone-sign = holds a sign that no phone number has
phone-too-short = is too short for a phone number
phone-too-long = is too long for a phone number
phone-length = is not of the right length for a phone number
phone-no-such-country = begins with a country code that no country has
phone-no-country = does not say its country
phone-ambiguous = can be read in several ways
phone-no-number = is not a phone number
phone-foreign = is a number from another country (+{ $code }); only French numbers are taken here, such as 06 39 98 00 01

email-empty = is empty
email-no-at = has no @
email-two-ats = has two @: it may hold two addresses
email-space = holds a space or a control character
email-comma = holds a comma instead of a point
email-not-ascii = holds an accent or a sign that addresses don't have
email-local = has no name before the @ that an address can have
email-no-point = has no point after the @
email-domain = has something after the @ that can't be a domain

put-right-zero = { $value } was put right: the 0 that a spreadsheet took away is put back
put-right-zero-and-decimal = { $value } was put right: the 0 that a spreadsheet took away is put back, and its “.0” taken away
put-right-decimal = { $value } was put right: the “.0” that a spreadsheet added is taken away
put-right-postcode = { $value } was put right: { $code }
put-right-plain = { $value } has typographic signs or spaces that this destination does not take: written { $plain }

doubt-unknown-number = no number like { $number } is known to be in use in its country: check it
doubt-passed-over = { $column } is filled too, with { $value }, and is not sent

complaints-not-listed = { $column }: { $value } is none of: { $accepted }, …
complaints-missing = missing: { $names }
complaints-to-correct = to correct: { $names }

unfit-empty = { $column } is empty
unfit-value = { $column } is { $value }
unfit-only = not for { $destination }, which takes only others: { $values }
unfit-too-old = not for { $destination }, which takes leads of { $most } at most: { $column } is { $value }

unwritable-no-object = what was read of it is no object
unwritable-empty = what was read of it is empty
unwritable-refused = its { $member } holds { $text }, which the server would not take as text when it is sent back: correct it there first
unwritable-lacks = its { $member } has no { $at }

### http

call-no-address = `{ $address }` is not an address that can be called: it should look like https://host/path
call-user-in-address = the address of { $host } holds a user name or a password: put them in `auth` instead
call-not-https = { $address } is not secure: only https is used, and http on this machine (127.0.0.1, localhost)
call-socks-proxy = { $proxy } is a SOCKS proxy, which is not supported: set HTTPS_PROXY to an HTTP one
call-proxy-setting = the environment variable { $name } cannot be read as the address of a proxy: it should look like http://proxy.example.fr:3128 (an empty one means none)
call-authority = `ca` names { $file }, which { $why }
call-header = the header `{ $name }` cannot be sent: its name or value holds a line break or a sign that no header may hold
call-credential = the secret for the header `{ $name }` cannot be sent: it holds a line break, an accent or another sign that no header may hold; check how it was copied
call-no-place = the secret for `{ $target }` of `auth.body` has no place in what is sent: no object stands there
call-token = no access token could be had from { $host }: { $why }
call-own-certificate = `{ $word }` of auth.certificate names { $file }, which { $why }
call-name-not-found = the name { $host } could not be found: check its spelling and the network
call-proxy-not-found = the name of the proxy, { $host }, could not be found: check its spelling and the network
call-connect-timeout = no connection to { $place } could be made within { $limit }
call-proxy-asks-for-user = { $proxy } asks for a user name and a password: put them in the proxy setting
call-proxy-refused = { $proxy } refused to connect to { $target }
call-no-tls = no secure connection could be made with { $place }: it does not answer as https does
call-no-authorities = this machine has no list of trusted certificate authorities: install its package ca-certificates
call-certificate = the certificate of { $host } is not valid: { $why }
call-client-certificate = { $host } { $fault }: nothing was read of the request
call-connection-refused = nothing answers at { $place } (connection refused)
call-network-unreachable = { $place } cannot be reached: check the network
call-closed-early = { $place } closed the connection before anything was sent
call-not-connected = the connection to { $place } could not be made
call-patience = the answer was not complete within { $limit }
call-write-timeout = the request was not taken within { $limit }
call-read-timeout = no answer within { $limit }
call-cut = the connection was cut before the answer was complete
call-failed = the exchange failed on the way
call-not-http = what came back is not an HTTP answer
call-damaged = the answer came back damaged: its parts do not fit together
call-headers-too-large = the answer's headers were more than { $size }
call-body-too-large = answered more than { $size }
call-proxy = the proxy { $place }

certificate-not-valid-yet = it is not valid yet (is this machine's clock right?)
certificate-expired = it has expired (is this machine's clock right?)
certificate-other-name = it was made for another name
certificate-revoked = it was revoked
certificate-untrusted = it was not made by an authority that this machine trusts
certificate-unverified = it could not be verified

own-certificate-none = asks for a client certificate
own-certificate-expired = asks for a client certificate, and the one it got has expired
own-certificate-revoked = asks for a client certificate, and the one it got was revoked
own-certificate-untrusted = asks for a client certificate, made by an authority that it trusts
own-certificate-refused = asks for a client certificate, and does not take the one it got

certificate-file-empty = holds no certificate that can be read (-----BEGIN CERTIFICATE-----)
certificate-file-no-key = holds no key that can be read (-----BEGIN PRIVATE KEY-----, without a password)
certificate-file-strange-key = holds a key of an unknown kind
certificate-file-other-key = is not the key of this `cert`
certificate-file-unread = can't be read: { $why }

size-mb = { $count } MB
size-kb = { $count } kB
size-bytes = { $count } bytes

token-not-carried = gives a token that no header can carry
token-answered = it answered { $status }
token-answered-saying = it answered { $status }, { $said }
token-unknown-client = it does not know this client, or its secret is wrong: look at what `client_id` and `secret` of auth.oauth2 name
token-refresh-over = the refresh token is no longer good: ask the partner for a new one, and put it where `refresh` of auth.oauth2 says
token-not-this-way = this client may not ask for a token in this way: look at `grant` of auth.oauth2, and at what the partner set up
token-no-such-scope = it does not give this `scope` of auth.oauth2
token-redirected = that is a redirect, which is not followed: write the address itself in `token` of auth.oauth2
token-not-given-there = nothing gives tokens there: look at `token` of auth.oauth2
token-not-in-answer = there is no access_token in it: look at `token` of auth.oauth2

### outcome

page-no-list = the answer is not a page of the list: it has no list at { $at }
walk-nothing-new = page { $page } brought nothing new, so the others were not read ({ $all } were announced)
walk-too-long = it was read up to page { $page }: leadctl reads no more, and it goes on

answer-packed = the answer came packed ({ $packed }), which was not asked for, and can't be read
answer-packed-somehow = the answer came packed (in an unknown way), which was not asked for, and can't be read
answer-of-another = answered { $status }, but about somebody else: { $at } is { $shown }, not { $meant }
answer = answered { $status }: { $meaning }
answer-received = received; the decision comes later
answer-refused = refused, without a reason
answer-duplicate = the partner already had this lead
answer-not-understood = answered { $status }, which no rule understands
answer-proves-nothing = answered { $status } without the proof that it has this lead
answer-leaves-lead-open = the partner may have this lead
answer-leaves-contact-open = the contact may or may not be changed
answer-no-date = { $dates } can't be read as a date

approval-over = the approval has run out
approval-over-said = the approval has run out: { $said }
status-redirected = { $meaning }: it says { $to }; if that is right, change `base` or `path`
status-page = a page, not the partner's answer ({ $meaning }): a firewall or a proxy may stand in between
status-2xx = accepted
status-3xx = sent elsewhere (never followed)
status-400 = the request was refused
status-401 = the key or password was refused
status-402 = the partner wants to be paid first
status-403 = access was refused
status-404 = this address does not exist
status-405 = this address takes no such request
status-407 = a proxy in between wants a password
status-408 = the partner waited too long
status-409 = conflict
status-410 = this address is gone
status-413 = too large
status-415 = this kind of content is not accepted
status-425 = not ready for this request
status-422 = the content was refused
status-429 = too many requests
status-451 = refused for legal reasons
status-5xx = a fault on the partner's side
status-other = an unusual answer

### ledger

ledger-missing = nothing is recorded yet: there is no file { $ledger }
ledger-missing-hint = the first `leadctl send` makes it; --ledger names another file
ledger-not-ours = { $path } { $why }
ledger-not-ours-hint = name another file with --ledger; this one was not touched
ledger-put-right-hint = if your leads were recorded there, put it right: a new record (--ledger names another file) knows none of them, and would send them again. If they were not, name another file with --ledger
ledger-nameless = names no file
ledger-link = is a link, and what is sent is recorded in a file of its own
ledger-no-file = is not a file
ledger-no-folder = is not a folder
ledger-other-user = belongs to another user
ledger-no-ledger = is not a record that leadctl wrote
ledger-other-database = is a database, but not one of leadctl
ledger-gone = the record of what was sent, { $ledger }, is gone, and its key { $key } is still there
ledger-gone-hint = a new record would know none of the leads that were sent, and send them all again: move { $ledger }-wal and { $ledger }-shm away if they are there (they belong to the old file, and would spoil another one), then put back both files of your last `leadctl backup`, as { $ledger } and { $key }
    to begin anew on purpose, send with --accept-older-ledger, once what is left of the old one is renamed:
ledger-gone-rename = { $file } to { $file }.old
ledger-older = the record of what was sent, { $ledger }, is older than what was sent from it: leads that were sent after { $since } may be missing, and would be sent again
ledger-older-gone = the record of what was sent, { $ledger }, is gone: a new one would send all its leads again
ledger-older-hint = put the newest one back (a backup: leadctl restore FILE). If this is the newest that there is, record what was sent since (leadctl send --record-only --note …), and go on with --accept-older-ledger, once
ledger-at-work = the record of what was sent, { $ledger }, is in use: a run is at work
ledger-at-work-hint = wait until it is done, or stop it, then run the same command again
ledger-damaged = the record of what was sent is damaged: { $told } ({ $ledger })
ledger-damaged-end = its end is missing
ledger-damaged-sqlite = { $words } says SQLite
ledger-damaged-hint = send nothing until it is repaired, or leads may go out twice: move { $ledger }, { $ledger }-wal, { $ledger }-shm and { $ledger }.key away (keep them), then put back both files of your last `leadctl backup`
ledger-no-key = the key to the record of what was sent, { $key }, { $how }
ledger-no-key-hint = without it leadctl cannot tell which leads were sent: put back the file that lay beside the record (a `leadctl backup` holds it as FILE.key)
ledger-key-missing = is missing
ledger-key-none = does not hold a key
ledger-key-foreign = belongs to another record
ledger-newer = a newer leadctl wrote the record of what was sent, { $ledger } (version { $version }, this leadctl knows { $known })
ledger-newer-hint = update leadctl; nothing was changed
ledger-not-shared = what is sent cannot be recorded on this kind of disk: it needs one that several programs can share ({ $ledger })
ledger-not-shared-hint = choose a local disk with --ledger
ledger-deleted = could not write { $path }: another program deleted it
ledger-deleted-hint = look at the disk, then run the same command again: it tells what is in doubt, and sends the rest
ledger-traces-left = the data is dropped, but traces stay in these files while another program uses them: { $path }, and those beside it
ledger-traces-left-hint = run the same purge again once no other leadctl is at work
ledger-backup-there = { $path } is there already
ledger-backup-there-hint = name a new file: a backup overwrites nothing
ledger-no-backup = { $path } is no backup that leadctl made
ledger-no-backup-hint = name the file that `leadctl backup` wrote, with its .key beside it; nothing was changed
ledger-itself = { $path } is the record of what was sent itself, and no copy of it
ledger-itself-hint = name a backup of it
ledger-stopped = the part of leadctl that records what is sent stopped
ledger-stopped-hint = run the same command again; nothing is sent twice
ledger-no-random-bytes = this system gave no random bytes for the key to the record of what was sent
ledger-not-open = attempt { $attempt } of lead { $lead } is not open: its outcome could not be recorded

ledger-file-no-space = no space left on the disk: could not { $act } { $path }
ledger-file-no-space-hint = nothing was sent that is not recorded; free some space and run the same command again
ledger-file-not-allowed = not allowed to { $act } { $path }
ledger-file-not-allowed-hint = give this user the right to write to the file and its folder. Another file may be named with --ledger, but a new record knows none of the leads that were sent, and would send them again
ledger-file-failed = could not { $act } { $path }: { $why }
ledger-act-copy = copy
ledger-act-create = create
ledger-act-create-folder = create the folder
ledger-act-create-folder-in = create a folder in
ledger-act-lock = lock
ledger-act-look-at = look at
ledger-act-make-private = make private
ledger-act-open = open
ledger-act-read = read
ledger-act-remove = remove
ledger-act-start-writing = start a thread to write
ledger-act-write = write

ledger-sql = { $what } ({ $ledger })
ledger-sql-damage = the record of what was sent is damaged: it is not what leadctl wrote
ledger-sql-other = the record of what was sent could not be used: { $why }
ledger-sql-disk-full = no space left on the disk: what is sent could not be recorded
ledger-sql-read-only = the record of what was sent is read-only
ledger-sql-busy = another program kept the record of what was sent locked for too long
ledger-sql-busy-hint = wait until the other leadctl is done, then run the same command again
ledger-sql-cannot-open = the record of what was sent could not be opened
ledger-sql-cannot-open-hint = look at the rights of the file and of its folder
ledger-sql-disk-failed = the disk failed while the record of what was sent was read or written
ledger-sql-disk-failed-hint = look at the disk (is it full, was it unplugged?), then run the same command again

note-being-sent = being sent since { $since }; its answer is not recorded yet
note-blocked = blocked since { $day }: this person is never to be sent
note-withdrawn = consent taken back on { $day }: this person is not to be sent until they agree anew
note-rival-in-doubt = { $destination } may have this person already, and no other of its group is to: lead { $lead } is in doubt there
note-rival = { $destination } has this person already, and no other of its group is to: lead { $lead } is { $state } there
note-interrupted = leadctl was stopped while it was being sent ({ $at }): the partner may have it
note-by-hand = decided by hand: { $what }
note-by-hand-because = decided by hand: { $what } ({ $reason })
note-passed-over = the same lead as { $lead }, which is { $state }: never sent (it was { $was })
note-passed-over-message = the same lead as { $lead }, which is { $state }: never sent (it was { $was }: { $message })
note-never-again = never sent again: the same lead as { $lead }, which is { $state }
note-placed = { $destination } has it by the route (lead { $lead })

word-no-lead = there is no lead with the number { $lead }
word-in-flight = lead { $lead } is being sent or asked about at this moment
word-of-change = lead { $lead } is a change of a contact, no lead
word-too-late = lead { $lead } was sent on { $sent }, and could be returned until { $until }
word-said-before = that was said of lead { $lead } before, and more happened to it since
word-none = lead { $lead } is { $state }, and not by a word of yours
word-cannot-approve = lead { $lead } is { $state }: only what the partner has can be approved
word-cannot-reject-approved = lead { $lead } is { $state }: what a partner gives back after that is returned
word-cannot-reject = lead { $lead } is { $state }: only what the partner has can be rejected
word-cannot-return = lead { $lead } is { $state }: only what the partner has and kept can be returned
word-not-in-doubt = lead { $lead } is not in doubt: it is { $state }
word-delivered = the partner has it
word-change-delivered = the change was made
word-not-received = the partner did not receive it; the next send sends it
word-change-not-received = the change was not made; run its amend command with its file again
word-approved = the partner approved it
word-rejected = the partner refused it
word-returned = the partner gave it back
word-taken-back = the last word about it is taken back
word-short-not-received = not received
word-short-taken-back = undo

reference-of-another-person = lead { $lead }, another person's, has this reference too: ask the partner whether it has both
reference-of-another-lead = what was found there is lead { $lead }, so it proves nothing of this one

### delivery

stop-unreachable = { $why } (tried { $tries } times)
stop-wait-too-long = { $said }: the partner asks to wait { $asked }, longer than this run waits ({ $most })
stop-wait-past-deadline = { $said }: the partner asks to wait { $asked }, past the deadline of this run
stop-waits-too-many = { $said } (asked to wait { $times } times in a row)
stop-window-used-up = the partner allows no more requests for { $pause }, longer than this run waits ({ $most })
stop-unanswered = { $questions } questions in a row got no usable answer: { $said }
stop-doubts = { $count } leads in a row ended in doubt
stop-refusals = { $count } leads in a row were refused in the same way: { $said }
stop-deadline = the time given by --deadline has passed
stop-interrupted = interrupted: the leads in flight are finished first

job-not-asked = not asked: { $why }
job-not-tried = not tried: { $why }
job-dealt-with = another run has dealt with it meanwhile: { $state }
job-asked-by-another = another run is asking about it
job-gone = not sent: it was purged or its person blocked meanwhile, or it turned out to be another lead
job-read-anew = another run read it anew meanwhile, so it is not sent as it was
job-held-back = not sent: lead { $doubt } has the same e-mail or phone and is in doubt: first say what became of that one
job-kept-back = not sent: { $why }
job-unrecorded = its outcome could not be recorded; the partner said: { $said }
job-not-amended = { $said }; not amended: { $why }

outcome-earlier-try = an earlier try may have arrived; this one did not: { $said }
outcome-not-there = the partner was asked for it and does not have it ({ $said }): the next send sends it
outcome-stays = asked on { $at }: { $said }; it stays { $state }
if-ours-duplicate = it may be our own: an earlier try of this lead got no answer
if-ours-rejected = an earlier try of this lead got no answer: if it is refused as already there, that may be our own
approved = approved
approved-until = approved until { $day }
approved-until-soon = approved until { $day }, { $soon }
soon-today = today
soon-tomorrow = tomorrow
soon-in-days = in { $days } days

amend-not-possible = this destination can't change contacts
amend-already-there = already there; { $said }
amend-row-changes-nothing = this row changes nothing: it fills nothing that is sent
amend-nothing-to-change = nothing to change: the contact says so already
amend-changed = changed: { $fields }
amend-unverified = it could not be read again, so what was kept is not known
amend-not-kept = not kept there as it was sent: { $fields }
amend-of-another = the answer shows { $shown } at { $at }, not the contact { $meant }
amend-not-shown = the answer doesn't show the contact { $number }: it has no number at { $at }
amend-no-contact = answered { $status } with something else than a contact
amend-unread = the contact could not be read, so nothing was changed: { $why }

### output

own-file-folder = --output { $path }: it is a folder
own-file-folder-hint = name a file in it
own-file-not-ours = --output { $path }: this file is there already, and it is not as leadctl wrote it
own-file-not-ours-hint = name another file, or take this one away: it would be lost
own-file-not-written = { $path } could not be written: { $why }
own-file-not-written-hint = nothing else was changed: the same command may be typed again

rejects-column-id = leadctl_id
rejects-column-state = leadctl_state
rejects-column-message = leadctl_message
rejects-many-columns = there are more than 50 different sets of columns, and each needs a file of its own: name a .jsonl file, which takes them all
rejects-sheet = leads
rejects-long-cell = a cell is longer than the 32,767 characters that a workbook takes: name a .csv file
rejects-many-rows = there are more rows or columns than a workbook takes: name a .csv file
rejects-refused = --rejects { $path }: { $why }
rejects-not-written = the rows to correct could not be written to { $path }: { $why }
rejects-not-written-hint = the rows are recorded: { $command }
rejects-elsewhere-hint = name a file in another folder
rejects-dash = the rows are written to a file, and `-` is none
rejects-dash-hint = name one, such as --rejects rejects.csv
rejects-other-workbook = rows are written as .xlsx, .csv or .json, not as such a workbook
rejects-other-workbook-hint = name an .xlsx file
rejects-folder = it is a folder
rejects-not-ours = this file is there already, and it is no rejects file
rejects-not-ours-hint = name another file: this one would be lost
rejects-open = another program, such as Excel, has it open
rejects-open-hint = close it there, or name another file

text-and-others = { $count ->
    [one] { $names } and { $count } other
   *[other] { $names } and { $count } others
 }

advice-with-commands = { $what }:

column-line = line
column-file-line = file:line
column-id = id
column-lead = lead
column-state = state
column-sent = sent
column-destination = destination
column-reference = reference
column-message = message
column-contact = contact
column-created = created
column-ours = ours
column-about = about
column-run = run
column-started = started
column-command = command
column-exit = exit
column-outcome = what came of it
table-note = { $title }: { $text }
table-as-line = as line { $line }
table-as-id = as id { $id }
table-as-file = as { $place }

run-killed = killed: what it was sending is in doubt, what it had not sent yet is unsent
run-at-work = at work now
run-interrupted = interrupted; { $leads }
run-unfinished = could not finish; { $leads }
run-stopped = stopped by what is wrong for all; { $leads }
run-exit = exit { $exit }

summary-no-leads = no leads
summary-leads = { $count ->
    [one] { $count } lead: { $states }
   *[other] { $count } leads: { $states }
 }
summary-next = next:
summary-config = config { $config }
summary-recorded = config { $config } · recorded in { $ledger }
summary-recorded-first = config { $config } · recorded in { $ledger } (just created: leads sent by other means are unknown to it)

duration-seconds = { $seconds } s
duration-minutes = { $minutes } min { $seconds } s
duration-hours = { $hours } h { $minutes } min

progress-of = { $done }/{ $total }
progress-of-about = { $done } of about { $total }
progress-waiting = waiting
progress-reading = reading
progress-next = { $pace }, the next in { $left }
progress-about-seconds = about { $count } s
progress-about-minutes = about { $count } min
progress-about-hours = about { $count } h
progress-rate-second = at most { $count } a second
progress-rate-minute = at most { $count } a minute
progress-rate-hour = at most { $count } an hour
progress-rate-day = at most { $count } a day
progress-rate = at most { $count } in { $time }
progress-waits = { $why }: { $left }
progress-waits-until = { $why }: { $left }, until { $until }
progress-wait-asked = the partner asks to wait
progress-wait-quota = the partner allows no more for now
progress-wait-other-run = another run has the destination
progress-wait-decisions = nothing is decided yet, asked again later
progress-wait-pace = the pace of the destination
progress-wait-retry = one lead is tried again

lead-page-tried = tried
lead-page-never = never
lead-page-attempt = attempt { $number }
lead-page-retry = retry
lead-page-repeat = repeat
lead-page-find = find
lead-page-expire = expire
lead-page-reason = reason
lead-page-answer = answer
lead-page-sent = sent
lead-page-replied = replied
lead-page-unsent = unsent
lead-page-silent = silent

status-sent = sent
status-sent-counts = { $today } today, { $month } this month
status-in-all = in all
status-oldest-open = oldest open
status-none = none
status-last-success = last success
status-never = never
status-last-run = last run
status-to-do = to do
status-nothing = nothing
status-accepted = { $count } accepted
status-waiting = { $count } waiting
status-refused = { $count } refused
status-route = route { $name }
status-where = where
status-nowhere = nowhere
status-nothing-to-do = Nothing to do.

crash-apology = leadctl broke down. We are sorry: this is a fault of the program, not of yours
crash-report = The report is in { $path } (it holds no lead and no secret): please send it to whoever gave you leadctl.
crash-send-this = Please send this to whoever gave you leadctl:
crash-recorded = What is recorded is whole: no lead is lost, and none is sent twice. Leads that were on their way count as in doubt.
crash-hint = where everything stands, and what to do:

report-title-no-lead = No lead yet
report-title-days = { $first } to { $last }
report-title-period = { $first } to { $last }
report-dated-sent = By the day on which each lead was sent (or read, if never sent), in the time of { $zone }.
report-dated-decided = By the day on which the partner decided on each lead, in the time of { $zone }.
report-stood-at-end = As it stood at the end of { $day }.
report-stood-at = As it stood at { $day }, { $time }.
report-meaning = Accepted: the partner proved that it has the lead, or approved it later. In doubt: the partner may have it; such a lead is never billed.
report-unpriced-note = Accepted leads whose partner had no price for them, and which are in no amount: { $count }.

report-by-destination = destination
report-by-source = source
report-by-state = state
report-by-day = day
report-by-month = month
report-by-route = route
report-of-day = { $year }-{ $month }-{ $day }
report-of-month = { $year }-{ $month }
report-none = none
report-no = no { $by }
report-all = all

figure-read = read
figure-not-sent = not sent
figure-sent = sent
figure-accepted = accepted
figure-pending = pending
figure-in-doubt = in doubt
figure-rejected = rejected
figure-returned = returned
figure-duplicate = duplicate
figure-expired = expired
figure-billable = billable
figure-amount = amount
figure-cost = cost
figure-margin = margin
figure-accepted-of-sent = accepted of sent
figure-of-money = { $amount }
figure-in-line = { $count }
figure-of-money-in-line = { $sign }{ $whole }.{ $cents }

report-head-reason = reason
report-head-leads = leads
report-head-decided = decided
report-head-half = half within
report-head-ninth = 9 of 10 within
report-head-longest = longest
report-head-oldest = oldest

book-report = Report
book-days = Days
book-sources = Sources
book-refusals = Refusals
book-decisions = Decisions
book-open = Open
book-in-hours = { $name } (hours)
book-amount = #,##0.00
book-day = yyyy-mm-dd

lasted-below-second = < 1 s
lasted-seconds = { $time } s
lasted-minutes = { $time } min
lasted-hours = { $time } h
lasted-days = { $time } days

page-report = Leads report
page-nothing = Nothing to count
page-no-lead = No lead belongs to this period.
page-by = By { $by }
page-decisions = From sending to decision
page-none-decided = None was decided on later.
page-open = What is open
page-none-open = Nothing.
page-sources = Sources beside each other
page-figures = The figures
page-to-bill = To bill
page-billable = for { COUNT($count) } leads
page-accepted = Accepted
page-share-of-sent = { $share } of { COUNT($count) } sent
page-share-of-decided = { $share } of { COUNT($count) } decided
page-margin = Margin
page-less-cost = less { $cost } for the leads
page-still-open = Open
page-undecided = { COUNT($pending) } pending, { COUNT($doubts) } in doubt
page-whereabouts = Where { COUNT($count) } leads are
page-shares = The shares of the states, as told below
page-others = { $count } others
page-accepted-by-day = Accepted by day and destination
page-accepted-by-month = Accepted by month and destination
page-none-accepted = None was accepted.
page-as-table = The same as a table
page-refusals = Why leads were refused
page-none-refused = None was refused.
page-no-reason = no reason given
page-other-reasons = { $count } other reasons
page-part = { $name }: { $count }

evidence-kind = Consent and recipients
evidence-erased-person = A person whose data was erased
evidence-agreed = What they agreed to
evidence-no-proof = No proof of a consent is stored.
evidence-agreed-on = Agreed on { $at }
evidence-word = the person's word
evidence-where = where
evidence-partners-named = partners named
evidence-row = stood in
evidence-lead = lead
evidence-row-hash = SHA-256 of the row
evidence-wording-hash = SHA-256 of the wording
evidence-zone = Times are those of { $zone }.
evidence-own-zone = Times are those of this machine.
evidence-erased-recipients = { $count ->
    [one] The data of { $count } lead was erased. Who was sent the person is kept for { $time } after the last sending.
   *[other] The data of { $count } leads was erased. Who was sent the person is kept for { $time } after the last sending.
 }
evidence-erased-all = { $count ->
    [one] The data of { $count } lead was erased. The consent, and who was sent the person, are kept for { $time } after the last sending.
   *[other] The data of { $count } leads was erased. The consent, and who was sent the person, are kept for { $time } after the last sending.
 }
evidence-over = { $count ->
    [one] The data of { $count } lead was erased, and the last sending is more than { $time } ago: by then neither the consent nor who was sent the person is kept.
   *[other] The data of { $count } leads was erased, and the last sending is more than { $time } ago: by then neither the consent nor who was sent the person is kept.
 }
evidence-withdrawn = The consent was withdrawn on { $at }; leadctl read it on { $read_at }.
evidence-blocked = Blocked since { $at }: leadctl sends this person to nobody.
evidence-no-longer = No longer agreed
evidence-tell-partners = Each partner below was sent the person before. Tell each, by its reference, that the person may not be called any more, and that the data is to be erased.
evidence-noes-before = When they said no before
evidence-recipients = Who was sent this person
evidence-head-partner = partner
evidence-head-reference = reference
evidence-head-state = state
evidence-head-ask = whom to ask
evidence-head-sent = sent
evidence-head-decided = decided
evidence-head-lead = lead
evidence-no-partner = No partner.

### cli

page-title = { $title }:
page-usage = Usage
page-arguments = Arguments
page-options = Options
page-options-of-all = Options of every command
page-examples = Examples
page-command = COMMAND
page-default = default:
page-values = possible values:
page-values-listed = Possible values:
page-help = Print help (see more with '--help')
page-help-long = Print help (see a summary with '-h')
page-version = Print version
page-of-help = Print this message or the help of the given subcommand(s)
page-of-commands = Print help for the subcommand(s)

refused-error = error:
refused-tip = tip:
refused-more = For more information, try '{ $flag }'.
refused-unknown = unexpected argument '{ $argument }' found
refused-command = unrecognized subcommand '{ $command }'
refused-no-command = '{ $command }' requires a subcommand but one was not provided
    { "  [subcommands:" } { $all }]
refused-missing = the following required arguments were not provided:
refused-value-too-many = unexpected value '{ $value }' for '{ $argument }' found; no more were expected
refused-value-needed = a value is required for '{ $argument }' but none was supplied
refused-value = invalid value '{ $value }' for '{ $argument }'
refused-value-because = invalid value '{ $value }' for '{ $argument }': { $why }
refused-twice = the argument '{ $argument }' cannot be used multiple times
refused-with = the argument '{ $argument }' cannot be used with '{ $other }'
refused-with-several = the argument '{ $argument }' cannot be used with:
refused-renamed = what was `{ $old }` is written `{ $new }` now
refused-similar-command = a similar subcommand exists: '{ $command }'
refused-similar-commands = some similar subcommands exist: { $commands }
refused-similar-argument = a similar argument exists: '{ $argument }'
refused-similar-value = a similar value exists: '{ $value }'
refused-quoted = '{ $text }'
refused-as-value = to pass '{ $argument }' as a value, use '{ $whole }'
refused-dashes = subcommand '{ $command }' exists; to use it, remove the '{ $dashes }' before it
refused-elsewhere = '{ $option }' exists

typed-by = figures are grouped by what is about no person, and { $typed } is none of these: { $names }
typed-lines = write lines and ranges, as in 12,15-20
typed-number = write a whole number
typed-number-from = write a whole number from { $first } on
typed-number-between = write a whole number from { $first } to { $last }
typed-nothing = it must say something
typed-ending = name a file that ends in { $endings }
typed-delimiter = it must be one of , ; | or tab
typed-encoding = no such encoding; usual ones are utf-8, windows-1252, macintosh, cp850, utf-16le
typed-assignment = write FIELD=VALUE, as in program=12
typed-state-in-doubt = the partner may have these: ask there, then say of each what you heard (leadctl resolve ID --delivered or --not-received), or send one again by its number (leadctl resend ID --force --note "why")
typed-month = { $typed } is no month: write it as in 2026-11, november or "november 2026" (for other periods there are --since and --until)
typed-less-than-a-day = { $typed } is less than a day: write days, weeks, months or years, as in "13 months"
typed-months-or-minutes = { $typed } may be months or minutes: write "{ $number } months", or { $number }min
typed-no-date = { $typed } is no date: write a day (2026-11-22, 22/11/2026, yesterday), a month (november, 2026-11), or how long ago (7d, "13 months")

value-format-csv = Delimited text, whatever the delimiter
value-format-json = One object, several, an array, or an array under one key
value-format-jsonl = One object a line
value-format-xlsx = An Excel workbook, with macros or without
value-format-xls = A workbook of Excel 97 to 2003
value-format-xlsb = An Excel workbook in binary form
value-format-ods = A workbook of LibreOffice
value-format-html = Tables of a web page, as many programs write them and name them .xls; and the XML of Excel 2003
value-hidden-skip = They are left out
value-hidden-send = They are sent like the others
value-repair-none = Nothing: they are refused
value-repair-safe = What is certain
value-repair-all = What is only probable too: text read in the wrong encoding, HTML or prefixes that not all of a column has, a spreadsheet's errors
value-dated-sent = The day it was sent; one that was never sent, the day it was read
value-dated-decided = The day on which the partner decided
value-state-delivered = the partner proved that it has the lead
value-state-pending = received; the partner decides later
value-state-approved = the later decision: taken
value-state-expired = the later decision ran out
value-state-duplicate = the partner had this lead already
value-state-rejected = the partner refused it
value-state-returned = the partner gave it back later: `resolve` says so
value-state-invalid = it breaks the destination's rules; never sent
value-state-filtered = not for this destination: a test lead, or somebody who is blocked
value-state-held = not to be sent now: its destination is paused, closed at this hour, or has enough
value-state-failed = tried, and certainly not received
value-state-unsent = never tried: the run stopped first
value-state-in-doubt = it may have been received: nobody but the partner knows
value-state-skipped = the same lead as another one

### help

help-leadctl = Delivers leads to partners' APIs: nothing lost, nothing sent twice
    .config = The TOML file with your settings
    .config-long = [default: $LEADCTL_CONFIG, ./partners.toml, or partners.toml in the configuration folder]
    .ledger = The file in which is recorded what was sent
    .ledger-long = [default: $LEADCTL_LEDGER, `ledger` under [leadctl] in the configuration, or ledger.db in the data folder]
    .format = How results are printed
    .json = Short for --format json
    .quiet = Print only what needs a person and was not told by an earlier run
    .verbose = Tell on stderr what it is doing, an event a line, without anybody's data (LEADCTL_LOG=json writes these lines as JSON, without the flag too)
    .lang = The language to speak [default: `lang` under [leadctl] in the configuration, else yours]
    .no-progress = No progress line
    .color = When to colour; NO_COLOR is honoured
    .group-send = Send and follow up
    .group-look = Look
    .group-setup = Set up
    .group-keep = Keep
    .heading-global = Global options
    .heading-input = Input options
    .heading-new = Of a new partner
    .start =
        Start here:
          What is in this export?
            leadctl check export.csv
          Try it: a simulated partner, nothing leaves this machine
            leadctl send --to DEST --sandbox export.csv
          Write a partners.toml with your own settings, then deliver
            leadctl init DEST
            leadctl send --to DEST export.csv

        More:
            leadctl help send    all about one command, with examples
            leadctl --help       its files, its exit codes, every option
    .whole =
        Files:
          partners.toml, your settings: the first of --config FILE, $LEADCTL_CONFIG,
        { "  ./partners.toml" }, and leadctl/partners.toml in your configuration folder.
          It is laid over the partners that ship, so it holds only what differs.

          ledger.db, the record of what was sent: the first of --ledger FILE,
          $LEADCTL_LEDGER, `ledger` under [leadctl] in partners.toml, and
          leadctl/ledger.db in your data folder.

        Exit codes:
          0    all is well
          1    could not finish
          2    usage, configuration or credentials
          3    some leads invalid or rejected
          4    some in doubt: the partner may have them
          5    some failed or unsent, or another run holds the destination: run again
          130  interrupted

help-values =
    .file = FILE
    .dest = DEST
    .name = NAME
    .url = URL
    .where = WHERE
    .n = N
    .dir = DIR
    .month = MONTH
    .when = WHEN
    .field = FIELD
    .value = VALUE
    .day = DAY
    .format = FORMAT
    .what = WHAT
    .char = CHAR
    .which = WHICH
    .duration = DURATION
    .lines = LINES
    .text = TEXT
    .column = COLUMN
    .id = ID
    .state = STATE
    .person = PERSON
    .shell = SHELL
    .lang = LANG
    .color = COLOR
    .dated = DATED

help-shared = Words of several commands
    .input-format = The input's format [default: found from the file]
    .sheet = The sheet of a workbook
    .sheet-long = [default: those whose headers are known, else the first]
    .hidden = What becomes of a workbook's hidden and filtered rows, columns and sheets
    .hidden-long = [default: they stop the file]
    .header-row = The line on which the column names stand [default: found from the file]
    .delimiter = The character between cells: , ; tab or | [default: found from the file]
    .encoding = The text's encoding, as in windows-1252, macintosh, cp850 [default: found from the file]
    .defaults = Fill a blank field, for every lead: --default program=12
    .source = The source's name, kept with each lead [default: found from the headers]
    .repair = What is repaired of damaged values: nothing, what is certain, or what is probable too
    .empty-ok = An input without leads and without column names is no failed export
    .deadline = Stop after this long, as in 9m [default: never]
    .wait-lock = Wait this long for another run to the same destination [default: not at all]
    .accept-older-ledger = Go on, once, with a record that is older than what was sent
    .rejects = Write the invalid and rejected rows to this file, to be corrected
    .jobs = Leads sent at the same time [default: `jobs` of the destination, else 4]
    .ids = Leads, by their id (`history` shows it)
    .persons = E-mail addresses or phone numbers, or the ids of leads
    .to = The destination

help-send = Deliver leads to a partner
    .long = Reads an export (CSV, Excel, JSON), makes of each row what the partner takes, sends it and records what came of it. A lead that was sent before is skipped, so the same export may be sent again, and one in doubt is never sent again unasked.
    .to = The destination, or a route of several
    .files = The exports; `-` is standard input [default: standard input]
    .inbox = Send the files of this folder
    .inbox-long = The oldest first, once nobody writes them any more. Each is moved to DIR/done once its leads are on disk, or to DIR/failed with the reason.
    .dry-run = Show the exact requests, secrets hidden; nothing is sent or recorded
    .sandbox = Send to a fresh simulated partner on this machine; nothing is kept
    .limit = Send only the first N new leads; the rest stay unsent
    .lines = Only these lines of the input, as in 12,15-20
    .max-new = Send nothing if more than N leads are new
    .strict = Send nothing if one lead is invalid
    .rejects-long = In the input's own form, or as .xlsx, where numbers keep their zeros. Corrected, the file is sent like any other. A ' keeps a formula harmless, and is taken off again.
    .record-only = Record these leads as sent by other means, without sending
    .note = Why, for the record
    .accept-new-key = Accept that the destination's `key` changed since its leads were sent
    .example-sandbox = Try it: a simulated partner, nothing leaves this machine
    .example-dry-run = See the exact requests, none is sent
    .example-deliver = Deliver; what was sent before is skipped
    .example-rejects = Deliver, and keep the refused rows to correct in Excel
    .example-cron = For cron: say only what needs a person

help-follow = Ask partners about leads that are pending or in doubt
    .to = Only this destination
    .wait = Keep asking until all are decided, this long at most, as in 2m [default: ask once]
    .example-once = Ask every partner once
    .example-wait = Keep asking one of them, two minutes at most

help-resend = Send stored leads again, through today's table
    .to = The destination or route [default: all that have such leads]
    .state = All leads in these states, as in failed,unsent
    .force = Send what is in doubt, or what the partner had, on your word
    .note = Why that is safe, for the record
    .dry-run = Show the exact requests; nothing is sent
    .example-failed = What a partner that was down did not get
    .example-ids = Two leads, by their ids
    .example-force = One in doubt, which the partner says it never got

help-resolve = Say what a partner told you: doubts, decisions, returns
    .long = A lead in doubt may have been received. Nobody but the partner knows, and leadctl never guesses: ask, and say here what you heard. So for what a partner decides, or gives back, in a mail or a file. Whatever is said, the lead is never sent there again unasked, but one that they did not receive.
    .delivered = The partner has them
    .not-received = The partner does not have them
    .approved = The partner took them, after all
    .rejected = The partner refused them
    .returned = The partner gave them back, as with a wrong number
    .undo = The last word about them was wrong: it is taken back
    .from = A file (CSV, Excel…) with the columns outcome and id, reference, or email and phone
    .to = The destination whose answers the file holds
    .hidden = What becomes of a workbook's hidden and filtered rows and sheets
    .note = Who said so, or why, for the record
    .late = Returns too that come later than `returns_within` says
    .example-delivered = The partner has it
    .example-not-received = The partner does not have it: the next send sends it
    .example-returned = They were given back
    .example-from = What a partner's file says of many, in its column outcome
    .example-from-returned = A file in which all are returned
    .example-undo = That was a slip

help-amend = Change contacts that the partner has already
    .long = What a row leaves blank stays. A change is no new lead: running the same file again makes the same changes again, which harms nobody and ends those that failed or were left in doubt.
    .reference = The column with the partner's number of each contact
    .clear = Fields to empty where the row leaves them blank; a blank cell alone changes nothing
    .files = The files; `-` is standard input [default: standard input]
    .example-change = Change what the file names, by the partner's number of each contact
    .example-clear = Empty the phone where the file has none

help-status = Where each destination stands, and what to do
    .example-morning = What a morning starts with

help-history = What happened to each lead; with an ID, each attempt
    .id = One lead: every attempt
    .to = Only this destination or route
    .state = Only leads in these states, as in failed,unsent
    .since = From this time on: a day or a month, as in 2026-11-22, yesterday, november, or how long ago, as in 7d
    .until = Until the end of it
    .person = Only this person's leads: a name or a part of it, an e-mail address or a phone number
    .limit = So many at most [default: 50 on a terminal, else all]
    .runs = The runs instead: when each was, what it did and how it ended
    .columns = Each lead's own columns too, as its row had them: as CSV, an export for another destination
    .output = Of one person: write the page to show, with what they agreed to and who was sent them, to this .html file
    .example-in-doubt = What is in doubt, to ask the partner about
    .example-person = One person's leads
    .example-page = The page to show: what they agreed to, and who was sent them
    .example-id = Each attempt of one lead
    .example-day = A day's leads, for a spreadsheet
    .example-columns = What a partner has, with its references: an export for another destination

help-report = What each partner took in a month, and what that is worth
    .long = Every lead counts once, on the day it was sent (or read, if it was never sent), and each line sums to the leads read. What is in doubt is never billed. A purge changes none of the figures.
    .month = One month, as in 2026-11 or november
    .since = From this day on, as in 2026-11-22, yesterday, november [default: the first lead's]
    .until = Until this day, which is included [default: today]
    .by = What the figures are grouped by: destination, source, state, day, month, route, or a lead field that is about no person, as in program
    .dated = The day that a lead belongs to
    .as-of = As it stood at the end of this day, so that an old bill can be made again
    .output = Write it to this file instead: .html (a page to look at and print), .xlsx or .csv
    .example-month = What each partner took in November, and what that is worth
    .example-page = The same as a page to look at, to print and to mail
    .example-by = The same by source and programme, for a spreadsheet
    .example-decided = By the day on which the partners decided
    .example-as-of = November's bill as it stood on 5 December, whatever came since

help-list = The partner's own list, and which of it is ours
    .state = Only what is in this state, in the partner's word
    .since = Only what was created from this time on, as in 2026-11-01, november, 7d
    .defaults = Which list, where there are several: --default program=12
    .example-since = What the partner has since November

help-partners = The destinations; with one, what it takes of a lead
    .destination = The destination
    .toml = Its table, as yours is laid over what ships, each line with the file and line that it is from
    .fields = The lead fields, each with the column headers that give it
    .example-all = The destinations, and the tables that `init` can write
    .example-one = What one of them takes, under which column headers
    .example-toml = Its whole table, and the file and line that each word comes from
    .example-fields = The lead fields, for who writes a table

help-init = Write a partners.toml, or add a partner to yours
    .long = The file is the one that the next command reads: --config FILE, $LEADCTL_CONFIG, or partners.toml in this folder. On a terminal you are asked what the partner needs, and the answers are proven; elsewhere what you must fill in is written as comments. What stands in the file is left as it is, and a secret never stands in it.
    .destinations = The partners to write, as `leadctl partners` names them [default: you are asked; without a terminal, all that ship]
    .new = Start the table of a partner of your own
    .new-long = On a terminal you are asked, elsewhere the flags below say what it is sent.
    .from-curl = A curl command from the partner's page; `-` is standard input. Its secret is not kept
    .url = The address that leads are sent to
    .auth = Where its secret goes: bearer, "basic USER", "header NAME", "query NAME" or "body TARGET"
    .request = An example of a request's body: JSON, or a=b&c=d
    .answer = An example of an answer that says yes: its JSON, or all that `curl -i` shows
    .example-partner = A partner that `leadctl partners` names; a terminal asks what it needs
    .example-new = A partner of your own; a terminal asks
    .example-from-curl = The same from the curl command that its page shows, and an answer

help-check = Prove the configuration and judge leads; sends nothing
    .long = With a file alone: what is in it, which column is which lead field, and which destinations it would satisfy. With --to: each lead that this destination would refuse. Without a file: your configuration.
    .to = The destination or route [default: every one that you configured]
    .files = Exports to judge
    .online = Ask the partner too: one read that changes nothing proves address and key
    .example-export = What is in this export?
    .example-config = Is my partners.toml right?
    .example-to = Which leads would this partner refuse?
    .example-online = Are its address and my key right? (one read that changes nothing)

help-sandbox = Every destination, simulated on this machine
    .port = The port to listen on [default: a free one]
    .example-start = Simulated partners, and the TOML that points at them
    .example-send = In another terminal: send to them

help-partner-settings = A partner's own settings: see them, or change them
    .set = Change them to what this JSON file says, which has the shape of what is printed
    .yes = Don't ask: for scripts
    .example-keep = Keep them in a file
    .example-set = Change them: the difference is shown, and you are asked

help-schema = The JSON Schema of partners.toml, for editors
    .example-file = Beside your partners.toml, whose first line names it

help-completions = What completes commands, names and files on the Tab key
    .shell = The shell that asks for them
    .example-bash = bash: add this line to ~/.bashrc
    .example-zsh = zsh: add this line to ~/.zshrc
    .example-fish = fish: add this line to ~/.config/fish/config.fish
    .example-powershell = PowerShell: add this line to the file that $PROFILE names

help-man = The manual pages
    .output = Write a page for each command into this folder [default: print the first page]
    .example-read = Read the first page
    .example-write = Write one page a command, where `man leadctl-send` finds them

help-block = People who are never sent to anybody; alone: who they are
    .from = A list (CSV, Excel…) of addresses and numbers, or of their SHA-256; - for standard input
    .purge = Drop what is stored of them, and keep no more than hashes
    .note = Why, or who asked for it, for the record
    .example-person = Somebody who must not be sent to anybody
    .example-purge = The same, and drop what is stored of them
    .example-note = Why, for the record
    .example-list = A whole list, as CSV or a workbook
    .example-who = Who is blocked?

help-unblock = Lift that again
    .from = Everybody in this list of addresses and numbers, or of their SHA-256
    .example-person = They may be sent again
    .example-list = A whole list

help-purge = Drop personal data, keep what stops a second send
    .before = Leads last sent, or else read, before this time: a date, as in 2026-01-01, or how long ago, as in "13 months"
    .person = One person's leads, at every destination: an e-mail address, a phone number, a name, or the id of one of them
    .open = Those of before that date that are still open, too
    .forget = The hashes too: such a lead is new where it comes again
    .example-before = What is older than this date
    .example-person = One person, at every destination

help-backup = Copy the record of what was sent, and its key
    .file = The copy; its key is written beside it
    .example-copy = A copy that `leadctl restore` puts back

help-restore = Put such a copy and its key back in its place
    .file = The copy; its key lies beside it
    .example-lost = After a disk was lost

### session

configuration-built-in = built in
configuration-untrusted = the configuration { $path } was found here, and { $why }
configuration-untrusted-hint = it could send leads and secrets anywhere. Look at it; if it is right, name it: { $flag }
configuration-of-another-user = it belongs to another user
configuration-written-by-others = { $others } may write it
others-all = every user of this machine
others-group = another group of users
configuration-unread = the configuration { $path } can't be read: { $why }
configuration-not-there = check the name (--config or $LEADCTL_CONFIG), or let leadctl write one to start from:
    { $command }
configuration-empty = the configuration { $path } is empty: did the sandbox start?
configuration-empty-hint = without it, leads would go to the real partners; nothing was sent. Wait until `leadctl sandbox` says where it serves, or name another file with --config or $LEADCTL_CONFIG
configuration-unread-hint = name a TOML file with --config or $LEADCTL_CONFIG
configuration-not-utf8 = the configuration { $path } is not UTF-8
configuration-not-utf8-hint = save it as UTF-8
configuration-mistakes = { $count ->
    [one] the configuration has a mistake
   *[other] the configuration has { $count } mistakes
 }

ledger-nowhere = no folder is known in which to record what is sent
ledger-nowhere-hint = name a file with --ledger FILE

destination-is-route = { $name } is a route, and one destination is meant here
destination-is-route-hint = name one of these: { $names }
destination-unknown = there is no destination { $name }
destination-on-shelf = { $command } writes its table into yours
did-you-mean = did you mean { $near }?
destination-list = the destinations are: { $names }   ({ $command })
destination-without-key = { $destination } names no key: leadctl could not tell a lead that was sent already
destination-without-key-hint = add the lead fields that tell two leads apart: { $toml }
destination-moved = { $config } sends the leads of { $name } to { $ours }, not to { $theirs }
destination-without-base = { $name } has no address yet: `base` is missing
destination-without-base-hint = write it in your partners.toml:
    { $toml }
    ({ $command } writes the file)
destination-taken = { $who } is sending to { $name }: the leads of this run are stored, unsent (--wait-lock DURATION waits)
destination-waited-for = waiting: { $who } is sending to { $name }

run-other = another run
run-other-process = another run (process { $process })
run-other-since = another run (since { $since })
run-other-process-since = another run (process { $process }, since { $since })

doubts-of-earlier-run = an earlier run was stopped while it was sending: { $count ->
    [one] { COUNT($count) } lead is in doubt (id { $ids }) - { $command }
   *[other] { COUNT($count) } leads are in doubt (ids { $ids }) - { $command }
 }
unsent-of-earlier-run = { $count ->
    [one] { COUNT($count) } lead of a run that was cut short: stored, unsent - { $command }
   *[other] { COUNT($count) } leads of a run that was cut short: stored, unsent - { $command }
 }

secret-exposed = { $others } may read { $file }, which holds the secret of { $destination }: keep it for yourself - { $command }
secret-empty = the secret of { $name } is empty
secret-empty-hint = it belongs in { $place }, on the first line
secret-garbled = the secret of { $name } holds a character that no header can carry
secret-garbled-hint = it is kept in { $place }: copy it again
secret-unset = { $destination } needs a secret: the environment variable { $variable } is not set
secret-unset-hint = { $set }   (or try without any: { $command })
secret-no-text-in-variable = the environment variable { $variable } holds no readable text
secret-of-file = { $destination } keeps its secret in { $file }, which { $why }
secret-of-program = { $destination } asks `{ $program }` for its secret, which { $why }
secret-of-program-hint = run it by hand: does it wait for somebody to type a password?
secret-unstarted = can't be started: { $why }
secret-unread = can't be read: { $why }
secret-no-text = gives no readable text
secret-too-long = gives more than 64 kB: a secret is one line
secret-too-late = did not end in time (10 s at most, and no longer than --deadline)
secret-program-failed = { $destination } asks `{ $program }` for its secret, and it failed
secret-place-variable = the environment variable { $variable }
secret-place-file = the file { $file }
secret-place-program = what `{ $program }` prints

refresh-token-lost = { $destination } gave a new refresh token in place of the one in { $place }, which may be good for nothing now: ask the partner for another, and let it be kept where leadctl can write it: { $toml }
refresh-token-unwritten = { $destination } gave a new refresh token, which can't be written into { $place }: { $why }. The one that stands there may be good for nothing now: ask the partner for another

interrupts-unheard = Ctrl-C can't be heard: { $why }
log-not-understood = { $name } is { $value }, which is not understood
log-not-understood-hint = write { $name }=json, or leave it out
completions-unknown = { $shell } can't be completed
manual-unwritten = the pages can't be written into { $folder }: { $why }
manual-name = NAME
manual-synopsis = SYNOPSIS
manual-description = DESCRIPTION
manual-commands = SUBCOMMANDS
manual-extra = EXTRA
manual-version = VERSION

### sandbox

sandbox-no-destination = the sandbox has no destination of this name
sandbox-nothing-there = nothing is at this address
sandbox-no-json = the body is not JSON
sandbox-no-form = the body is no form
sandbox-no-object = the body is no object
sandbox-no-contact = no such contact
sandbox-no-lead = no such lead
sandbox-nobody = nobody of that name
sandbox-follow-unshown = no example shows what is answered about a lead
sandbox-find-unshown = no example shows what is answered about a person
sandbox-list-unshown = no example shows a page of the list

sandbox-lead-refused = this lead is refused
sandbox-no-valid-key = no valid key
sandbox-too-many-requests = too many requests
sandbox-quota-used-up = the quota is used up
sandbox-internal-error = internal error
sandbox-lead-known = this lead is already known

sandbox-body-list-of-one = the body must be a list of one object
sandbox-body-list = the body must be a list
sandbox-body-object = the body must be an object
sandbox-of-the-query = { $name } of the query { $wrong }
sandbox-must-be = must be { $constant }
sandbox-is-required = is required
sandbox-one-is-required = one of { $targets } is required
sandbox-no-hash = is no SHA-256
sandbox-not-accepted = is not one of the accepted values
sandbox-wrong-type = has the wrong type
sandbox-too-long = is too long
sandbox-no-match = does not match { $pattern }
sandbox-contains = must not contain { $refused }
sandbox-wrong-form = has the wrong form

sandbox-token-unknown = this token was not given here
sandbox-token-expired = this token has expired
sandbox-no-header = no credential in the header { $name }
sandbox-no-authorization = no credential in its header
sandbox-no-query = no credential in the query's { $name }
sandbox-no-target = no credential at { $target } of the body
sandbox-signature-late = the signature's moment is not now
sandbox-signature-wrong = the signature is not that of this body with the secret "{ $secret }"

sandbox-shows-timeout = the lead arrives, its answer is lost: it is in doubt
sandbox-shows-html = a web page instead of an answer: the lead is in doubt
sandbox-shows-duplicate = the partner already has this lead (where it tells so)
sandbox-shows-rejected = the partner refuses this lead
sandbox-shows-wait = too many requests: accepted at the second try
sandbox-shows-quota = the partner's quota is used up: the run stops
sandbox-shows-stop = the partner refuses the key: the run stops
sandbox-shows-error = the partner breaks down: the lead is in doubt
sandbox-shows-refused-later = the lead is refused later: see leadctl follow
sandbox-shows-expired = the lead's approval has run out: see leadctl follow
sandbox-shows-undecided = the lead stays undecided: see leadctl follow

sandbox-serves = the sandbox serves at { $origin } until Ctrl-C; nothing leaves this machine
sandbox-not-started = the sandbox can't start: { $why }
sandbox-port-taken = another program uses port { $port }
sandbox-port-reserved = port { $port } is reserved by this system
sandbox-another-port = name another port, above 1023, or leave out --port: a free one is found
sandbox-page-save = # Every destination, simulated on this machine. Save these lines as a file, and:
    #   leadctl --config FILE send --to DEST export.csv
    # Any secret will do (but signatures are made with this one):
sandbox-page-addresses = # E-mail addresses that show a state:
sandbox-page-ledger = # What is sent here was sent to nobody: it is recorded in a file of its own
    # (unless --ledger or LEADCTL_LEDGER names another).
sandbox-page-own = # in your own file:

### pipeline

answered-recorded = recorded as sent by other means: { $note }
answered-by-holder = { $who } sends it as it read it
answered-goes-first = held by an earlier run: it goes first
answered-same-line = the same lead as line { $line }
answered-same-line-of = the same lead as { $file } line { $line }
answered-in-flight = another run is sending it at this moment
answered-already = already { $state }
answered-already-since = already { $state } since { $day }
answered-with-reference = { $stands }, reference { $reference }
answered-resend = { $stands }; to send it all the same: { $command }

left-out-line = line { $line }: "{ $cells }"
left-out = { $count ->
    [one] { $file }: { $count } row is no lead, and left out ({ $examples })
   *[other] { $file }: { $count } rows are no lead, and left out ({ $examples })
 }

beyond-limit = beyond --limit: stored, not sent

default-unknown = --default { $field }=…: there is no lead field "{ $field }"
field-list-hint = { $command } lists the fields
standard-input = standard input

fresh-all-filtered = { $count ->
    [one] { $count } new lead is not for { $to }, and no other one came: if that is not meant, look at `only`, `max_age` and `exclusive` in its table: { $table }
   *[other] { $count } new leads are not for { $to }, and no other one came: if that is not meant, look at `only`, `max_age` and `exclusive` in its table: { $table }
 }

prepared-listed = blocked: this person stands in a list of those who are never to be sent
prepared-untouched = { $complaints } (not corrected yet)
prepared-untouched-short = not corrected yet: { $complaints }

dry-run-ready = ready
dry-run-end = dry run: { $ready } ready to be sent, nothing was sent
dry-run-end-others = { $others ->
    [one] dry run: { $ready } ready to be sent, nothing was sent; of the others, { $others } lead: { $states }
   *[other] dry run: { $ready } ready to be sent, nothing was sent; of the others, { $others } leads: { $states }
 }

remark-default = { $rows ->
    [one] { $rows } row without { $column }: { $value } used
   *[other] { $rows } rows without { $column }: { $value } used
 }
remark-repaired = { $rows ->
    [one] repaired in { $rows } row ({ $examples })
   *[other] repaired in { $rows } rows ({ $examples })
 }
remark-assumed = { $rows ->
    [one] taken for granted in { $rows } row ({ $examples })
   *[other] taken for granted in { $rows } rows ({ $examples })
 }
remark-passed-over = { $rows ->
    [one] not the only one in { $rows } row ({ $examples })
   *[other] not the only one in { $rows } rows ({ $examples })
 }
remark-doubt = { $rows ->
    [one] doubtful, but no reason to stop in { $rows } row ({ $examples })
   *[other] doubtful, but no reason to stop in { $rows } rows ({ $examples })
 }
remark-filtered = { $rows ->
    [one] filtered, to be sent to nobody, in { $rows } row ({ $examples })
   *[other] filtered, to be sent to nobody, in { $rows } rows ({ $examples })
 }
remark-refused = { $rows ->
    [one] refused in { $rows } row ({ $examples })
   *[other] refused in { $rows } rows ({ $examples })
 }
remark-missing = { $rows ->
    [one] missing in { $rows } row ({ $examples })
   *[other] missing in { $rows } rows ({ $examples })
 }
remark-unusable = { $rows ->
    [one] nothing that can be used in { $rows } row ({ $examples })
   *[other] nothing that can be used in { $rows } rows ({ $examples })
 }
remark-other-columns = other columns
remark-empty = is empty, but this destination needs it
remark-example = line { $line }: { $message }
remark-example-also = { $count ->
   *[other] line { $line }: { $message }; also line { $others }
 }

list-unreadable = the list of people who are not to be sent, { $list }, can't be read: { $why }
list-being-written = the list of people who are not to be sent, { $list }, is being written at this moment
list-unreadable-hint = name a file that can be read; nobody was blocked or freed
list-row-unreadable = a row of this list can't be read: { $fault }
list-row-unreadable-hint = put this row right; nobody was blocked or freed
list-names-nobody = the list of people who are not to be sent, { $list }, names nobody: no row of it holds an e-mail address, a phone number, or the SHA-256 of one
list-names-nobody-hint = an empty list is hardly what was meant; nobody was blocked or freed
list-refreshed = { $list }: { $contacts } blocked by it now ({ $added } more, { $removed } fewer than before)
list-needed-hint = nothing is sent without it, since it may name somebody who must not be: put it right, or take it out of block_files in your partners.toml
list-unread = { $count ->
    [one] { $list }: no address and no number can be read in { $count } row (line { $lines }): whoever stands there is not blocked
   *[other] { $list }: no address and no number can be read in { $count } rows (line { $lines }): whoever stands there is not blocked
 }
list-unread-freed = { $count ->
    [one] { $list }: no address and no number can be read in { $count } row (line { $lines }): whoever stands there is not freed
   *[other] { $list }: no address and no number can be read in { $count } rows (line { $lines }): whoever stands there is not freed
 }
list-contacts = { $count ->
    [one] { $count } address or number
   *[other] { $count } addresses and numbers
 }

ending-unwritten = the results could not be written: { $why }
ending-unwritten-hint = every outcome is recorded: { $command }
ending-interrupted = stopped by you; what is not done yet is stored
ending-stopped = the run stopped: { $why }
ending-then = { $what } - { $command }
ending-left-out = leads with { $values } were left out: { $why }
ending-paused = { $to } is paused (paused = true in its table): its leads are held, and the next send sends them first once that line is gone

next-held-by-run = leads are being sent at this moment, by { $who }: nothing to do about them until it is done, then { $status }
next-rehearsed = this was a rehearsal on this machine: nothing was sent, nothing is kept. For real
next-put-right = put right what the partner refuses for all, prove it
next-resend-refused = once the partner takes leads again, send those that it refused
next-write-rejects = write the rows to correct to a file, correct them there, send that file
next-correct = { $files ->
    [one] correct the rows in the file, then send it
   *[other] correct the rows in the files, then send them
 }
next-resend-rejected = what was refused before is sent all the same by
next-ask-again = the rest is not decided yet; ask again later
next-follow = the partner decides later; ask for its decisions
next-send-stored = send the leads that were stored
next-send-failed = send the leads that failed again
next-repeat = run the same command again: what is done twice harms nobody, and doubts end
next-correct-and-repeat = correct the invalid and rejected rows, then run the same command
next-find-doubts = leads in doubt are never sent again unasked. Look for them in the partner's list
next-repeat-doubts = leads in doubt are never sent again unasked. Where sending again is safe, this does it
next-resolve-doubts = leads in doubt are never sent again unasked. Ask the partner whether they arrived, then say so of each: --delivered or --not-received
next-resolve-doubts-by = leads in doubt are never sent again unasked. Find out whether they arrived ({ $ask }), then say so of each: --delivered or --not-received
next-held = the next send sends the leads that were held, or at once
next-held-nightly = the next send that the cap and the hours let through sends the leads that were held first; a line for every night
next-changes = changes of contacts are no leads: run their amend command with its file again

amend-not-declared = contacts can't be changed at { $to }: it declares no [{ $to }.amend]
amend-clear-needed = --clear { $name }: { $to } needs { $target }, it can't be emptied
amend-clear-unknown = --clear { $name }: { $to } is sent nothing of this name
columns-conflict-hint = { $command } shows what each column was taken for

run-stopping = stopping: the leads on their way are finished first, the others are stored (once more leaves at once)
run-held = stored, not sent: { $who } is sending to { $to }
run-reader-failed = leadctl failed while it read the input
run-no-thread = not so many leads can be sent at once here: { $why }
run-no-thread-hint = ask for fewer, such as --jobs 4

file-unknown-columns = no column of this file is known to { $to }, so no lead of it can be sent; it needs: { $needed }
file-unfilled = { $count ->
    [one] { $to } needs this of every lead, and no column or default gives it: { $needed }
   *[other] { $to } needs these of every lead, and no column or default gives them: { $needed }
 }
file-with-columns = { $file }, whose columns are: { $headers }
file-add-column = add a column for what is missing, or rename the one that holds it; the names that are accepted:
file-default-once = or, where one value holds for every lead of the file:
file-default-always = or, where it holds for every file, in partners.toml, below [{ $to }.defaults] (write that line too where it is not there):

rows-of-source = { $facts } · source { $source }
rows-nameless-column = column { $number } (such as "{ $value }")
rows-nameless = { $count ->
   *[other] { $file }: these columns have no header, so they are not sent to { $to }: { $columns }
 }
rows-short = { $count ->
    [one] { $file }: { $count } row leaves out cells at the end of the line (first in line { $line }): read as blank
   *[other] { $file }: { $count } rows leave out cells at the end of the line (first in line { $line }): read as blank
 }
rows-none-nor-names = { $file }: no leads in it, and no column names either: did the export fail? (--empty-ok says that this may be)
rows-none = { $file }: no leads in it
rows-none-of-lines = { $file }: no leads: --lines names no line of it that holds one
rows-encoding = { $file }: read as { $encoding }; --encoding overrules
rows-nuls = { $count ->
    [one] { $file }: { $count } byte at its end is nothing but NUL: check that nothing is missing after its last row
   *[other] { $file }: { $count } bytes at its end are nothing but NUL: check that nothing is missing after its last row
 }
rows-hidden = { $file }: hidden or filtered out, and left out: { $what }
rows-lost-sheets = { $file }: this workbook lists the sheet { $sheets }, but nothing of it is there: are leads missing?
rows-empty-sheet = { $file }: the sheet { $sheet } is empty; rows stand in { $others }: name one, --sheet { $first }
rows-other-sheets = { $count ->
    [one] { $file }: sheet { $sheets } is read; others are { $others } (--sheet NAME)
   *[other] { $file }: sheets { $sheets } are read; others are { $others } (--sheet NAME)
 }
rows-no-reference-column = { $file }: there is no column { $column }, which --ref names; the headers seen are: { $headers }
rows-columns-change-nothing = { $count ->
   *[other] { $file }: these columns change nothing at { $to }: { $columns }
 }
rows-columns-not-sent = { $count ->
   *[other] { $file }: these columns are not sent to { $to }: { $columns }
 }
rows-unfilled = { $count ->
   *[other] { $file }: no column fills these of { $to }: { $targets }
 }
rows-taken-from = { $field } is taken from "{ $given }", so "{ $header }" is not used
rows-taken-for-second = "{ $header }" is taken for a second one ({ $field })

rejects-not-json = --rejects { $rejects }: the rows of { $file } ({ $format }) are written back as CSV
rejects-changes = { $count ->
    [one] { $count } change of a contact is not in that file, which is to be sent as leads: correct the file that it came from and run the amend command again
   *[other] { $count } changes of contacts are not in that file, which is to be sent as leads: correct the file that it came from and run the amend command again
 }
rejects-several = rows under different columns stand in files of their own, so that each is read as it was
rejects-written = { $count ->
    [one] { $count } row to correct written to { $path }
   *[other] { $count } rows to correct written to { $path }
 }
rejects-written-of-workbook = { $count ->
    [one] { $count } row to correct written to { $path } as CSV (UTF-8, `;`); in an .xlsx file numbers keep their zeros
   *[other] { $count } rows to correct written to { $path } as CSV (UTF-8, `;`); in an .xlsx file numbers keep their zeros
 }
rejects-kept = the earlier { $path } is kept as { $kept }
rejects-changed = { $path } was changed since leadctl wrote it: with these changes it is kept as { $kept }; send that file too, if they were not sent yet

withdrawn-place = { $file } line { $line }
withdrawn-recipients = partners have somebody who took their consent back ({ $rows }), and must be told; which they are, by an address or a number:
withdrawn-unclear = { $count ->
    [one] { $count } row may take back a consent by which partners have the person, and can't be read as a no:
   *[other] { $count } rows may take back a consent by which partners have the person, and can't be read as a no:
 }
withdrawn-others = { $count ->
    [one] and { $count } other
   *[other] and { $count } others
 }
withdrawn-unclear-hint = Correct the word or the date there, or have partners.toml know them: a word in not = ["…"] of `given`, a date by at = { "{" } from = "…", reads = "%d/%m/%Y" { "}" }. Who wants no call any more is held back at once by:

### commands: send, resend, follow, routes

destination-told = { $name }: { $what }
send-no-file-sent = nothing was sent, of no file: one of them must be put right first
send-held-first = { $leads ->
    [one] a real run would send { $leads } lead that was held first: { $command }
   *[other] a real run would send { $leads } leads that were held first: { $command }
 }
send-same-lead-above = the same lead stands further up in the input

guard-not-sent = not sent ({ $option })
guard-nothing-sent = nothing is sent ({ $option }): { $why }
guard-would-send-nothing = a real run would send nothing ({ $option }): { $why }
guard-first-invalid = { $count } invalid, the first one is { $file } line { $line } ({ $why })
guard-advice-strict = correct the invalid rows, then send the file again (or without --strict)
guard-new-leads = { $count ->
    [one] { $count } lead is new
   *[other] { $count } leads are new
 }
guard-advice-max-new = look at the new leads (--dry-run), then send them with a higher --max-new

inbox-unusable = --inbox { $folder }: { $why }
inbox-unusable-hint = name the folder that the exports are put into
inbox-left-as-destination-is-taken = { $folder }: { $who } is sending to { $destination }, so its files are left for the next run (--wait-lock DURATION waits)
inbox-left-to-another-run = { $folder }: another run is taking its files, so its files are left for the next run (--wait-lock DURATION waits)
inbox-no-place-for-rejects = --rejects { $path }: in the inbox the next run would take these rows for an export
inbox-cant-move = files can't be moved there, so nothing was sent: { $why }
inbox-cant-move-hint = files are moved by renaming them: the folder must be a plain one, on the same disk as the inbox, and writable
inbox-link = it is a link, and only files are sent: another program could have it lead anywhere
inbox-link-hint = put the file itself into the inbox
inbox-written-to-while-read = { $file } was written to while it was read: the next run reads it again, and skips what was sent
inbox-failed-file =
    { $file } could not be used, or not to its end.

    Why: { $why }
inbox-failed-where = Where: { $place }
inbox-failed-to-do = What to do: { $hint }
inbox-failed-then =
    Then put it back into { $folder }: the next run takes it, and skips what was sent of it already.
    To look at it first:
    { $command }
inbox-file-not-moved = { $file } could not be moved: { $why }
inbox-files-done = { $count ->
    [one] { $count } file is in { $folder }
   *[other] { $count } files are in { $folder }
 }
inbox-files-failed = { $count ->
    [one] { $count } file is in { $folder }, with a .txt that says why
   *[other] { $count } files are in { $folder }, with a .txt that says why
 }
inbox-files-both = { $done }; { $failed }
inbox-no-folder = there is no such folder
inbox-is-no-folder = it is no folder
inbox-on-another-disk = it is on another disk

inbox-left-folder = it is a folder, and only the files of the inbox itself are read
inbox-left-unfinished = its name says that it is not whole yet
inbox-left-open = somebody has it open in a spreadsheet (or it crashed, and its ~ file is left)
inbox-left-not-plain = it is no plain file
inbox-left = { $path } is left where it is: { $why }
inbox-left-being-written = it is still being written

pipe-nothing-given = no leads: name a file, or pipe an export in
pipe-not-kept = standard input could not be kept on disk, so nothing was sent: { $why }
pipe-unread = nothing of the pipe was read or kept: put this right, then give the same export again
pipe-of-another-version = { $path } holds leads of an interrupted run that this version can't read
pipe-give-again = give that export again: { $command }
pipe-destination-gone = there is no such destination now
pipe-destination-gone-hint = if its table was renamed, write formerly = ["{ $name }"] in the new one: then the next run takes it in
pipe-left = an earlier run was stopped before it took in what a pipe gave it for "{ $destination }", and it is still kept in { $path }: { $why }. What to do: { $hint }. To throw it away: rm { $data } { $note }
pipe-taken-in = taken in from an interrupted run
pipe-cut-short = an earlier run was stopped while it still read from a pipe to { $destination }, which was cut short: give that export again (what was sent already is skipped) - { $command }
pipe-recorded = { $count ->
    [one] an earlier run was stopped before it recorded what a pipe gave it: { $count } lead is recorded now, as sent by other means ({ $note })
   *[other] an earlier run was stopped before it recorded what a pipe gave it: { $count } leads are recorded now, as sent by other means ({ $note })
 }
pipe-unsent = { $count ->
    [one] an earlier run was stopped before it sent what a pipe gave it: { $count } lead is stored, unsent - { $next }
   *[other] an earlier run was stopped before it sent what a pipe gave it: { $count } leads are stored, unsent - { $next }
 }
pipe-invalid = { $count ->
    [one] of what a pipe gave an earlier run, { $count } lead is invalid - { $command }
   *[other] of what a pipe gave an earlier run, { $count } leads are invalid - { $command }
 }
pipe-not-all-used = what the pipe gave could not all be used; it is kept in { $path }: put right what is wrong, send that file, then delete it - { $command }
pipe-kept-to-be-recorded = nothing was recorded; what the pipe gave is kept, and the next run records it
pipe-kept-unsent = nothing was sent; what the pipe gave is kept, and the next run takes it in as unsent

stored-kept-nothing = nothing of it was kept while its person was not to be sent: send its file again
stored-purged = its data was purged: there is nothing to send
file-written = written: { $path }

key-new-in-a-real-run = the leads that were sent have the old key until a real run gives them the new one: shown as ready here, they are skipped there
key-changed = the key of { $destination } was "{ $then }" when its leads were sent, and is "{ $now }" now: leads that were sent already could be sent again
key-changed-hint = put the old key back, or accept the new one: { $command }
key-with-numbers = { $fields }, numbers of { $country }
formerly-unknown-but-near = `formerly` of { $name } names "{ $former }", of which nothing is recorded (did you mean "{ $near }"?): what was sent under it elsewhere would be sent again
formerly-unknown = `formerly` of { $name } names "{ $former }", of which nothing is recorded: what was sent under it elsewhere would be sent again
formerly-carried-over = { $count ->
    [one] { $count } lead of "{ $former }" now with "{ $name }", as `formerly` says
   *[other] { $count } leads of "{ $former }" now with "{ $name }", as `formerly` says
 }
key-destination-is-taken = { $who } is sending to { $destination }: what its leads are known by can't change meanwhile
key-destination-is-taken-hint = run the same command again when it is done
key-is-new = the key of { $destination } is "{ $key }" from now on: { $changed } stored leads are recognised by it
key-is-new-but-kept = the key of { $destination } is "{ $key }" from now on: { $changed } stored leads are recognised by it; { $kept } keep their old key (their data was purged) and could be sent again
key-turned-out-the-same = { $leads ->
    [one] { $leads } lead turned out to be the same as another one, and never sent: skipped from now on, each says for which one - { $command }
   *[other] { $leads } leads turned out to be the same as another one, and never sent: skipped from now on, each says for which one - { $command }
 }

asking-address-lacks = the address of this call needs { $fields }, and no row is there to give it
asking-address-lacks-hint = write it under [{ $destination }.defaults], or give it here: { $command }
asking-nobody-has-it = no destination has any: docs/partners.md tells how a table says so
asking-these-have-it = { $count ->
   *[other] these have one: { $destinations }
 }

resend-no-lead-in-state = no lead is in such a state
resend-of-another = lead { $lead } belongs to { $other }, not to { $to }
resend-in-flight = it is being sent or asked about at this moment
resend-change = a change of a contact, no lead: run its amend command again
resend-same-as = the same lead as { $lead }, which is { $state }: it is not sent beside that one
resend-in-doubt = in doubt: the partner may have it. Sure that it has not? { $command }
resend-in-doubt-short = in doubt; if they surely lack it:
resend-already = already { $state }: it is not sent again. Sure that they lost it? { $command }
resend-already-short = already { $state }; if they lost it:

follow-stopping = stopping: what is being asked is finished first (once more leaves at once)
follow-destination-gone = { $leads ->
    [one] { $leads } lead of "{ $name }" still open, but no destination has this name now: if its table was renamed, write formerly = ["{ $name }"] in the new one
   *[other] { $leads } leads of "{ $name }" still open, but no destination has this name now: if its table was renamed, write formerly = ["{ $name }"] in the new one
 }
follow-cant-be-asked = { $leads ->
    [one] { $leads } lead is pending, but { $name } can't be asked: its table has no [{ $name }.follow]
   *[other] { $leads } leads are pending, but { $name } can't be asked: its table has no [{ $name }.follow]
 }
follow-no-question = it can't be asked about
follow-no-reference = not asked: the partner gave no number for it
follow-value-unknown = not asked: its { $name } was not recorded when it was sent
approvals-end-within-a-week = { $count } more approvals of { $name } end within a week
approval-ends = the approval of { $label } (id { $lead }, reference { $reference }) ends on { $when }
approval-ends-on-and-soon = { $day }, { $soon }
approval-of-somebody = a lead
approval-reference-unknown = unknown

doubt-ask-partner = ask the partner
doubt-for-a-person = { $known }; { $ask }, then: { $command } (or --not-received)
doubt-for-a-person-short = { $known }; what to do:
doubt-change = { $known }; a change of a contact, which may be made twice: run its amend command with its file again
doubt-purged = its data was purged, so it can't be looked for
doubt-not-to-be-searched = it lacks a value by which the partner's list could be searched
doubt-not-to-be-asked = it lacks a value by which the partner could be asked for it
doubt-destination-is-taken = not sent again now: another run is sending to { $name }
doubt-list-not-searched = the list could not be searched ({ $why })
doubt-found-but = found in the list as { $entry }, but { $why }
searched-list = searched the partner's list on { $at } ({ $besides }): { $result }
searched-one-page = its one page
searched-all-pages = all { $all } pages
searched-pages = { $read } of { $all } pages
searched-back-to = back to { $day }
searched-undated = { $count ->
    [one] { $count } entry without a date that can be read
   *[other] { $count } entries without a date that can be read
 }
searched-nothing-there = nothing in it
searched-found-nothing = not found, which proves nothing
searched-found-several = { $count } entries could be it
searched-found-shared = one entry could be it, or another lead in doubt

route-record-only = --record-only: { $route } is a route; which of its destinations has these leads?
route-record-only-hint = name that destination: { $command }
route-ends = where leads ended along { $route }
route-on-its-way = { $to }: being sent by another run at this moment
route-ended-after = { $to }: { $state } (before: { $before })
route-held = held everywhere: { $answers }
route-for-nobody = for nobody: { $answers }
route-taken-by-nobody = taken by nobody: { $answers }
route-answer = { $to } { $state }
route-answer-and-why = { $to } { $state }, { $why }
route-answers-between = { "; " }
route-advice-nobody = { $leads ->
    [one] { $leads } lead was taken by nobody: see why
   *[other] { $leads } leads were taken by nobody: see why
 }

### commands: look (status, history, report, list, partners)

partners-one = { $partners } shows what one takes and which columns it accepts
partners-shelf = { $init } writes the table of one that is none yet: { $names }
partners-new = { $init } starts the table of a partner of your own
partners-catalogue = catalogue
partners-takes-only = takes only
partners-takes = takes
partners-age = leads of { $age } at most
partners-cap = cap
partners-hours = hours
partners-exclusive = exclusive
partners-group = { $group }: a person goes there or to { $others }
partners-base = base
partners-no-base = base missing: write it in your partners.toml ({ $init })
partners-call = call
partners-paused = paused
partners-secret = secret
partners-secret-there = { $place } (there)
partners-secret-missing = { $place } (missing)
partners-secret-asked = { $place } (asked for when sending)
partners-no-secret = none
partners-pace = pace
partners-at-most = { $pace } at most
partners-no-key = no key yet: `leadctl send` asks for one
partners-key = { $count ->
   *[other] the same { $fields }: never sent twice
 }
partners-key-between = { " + " }
partners-same-lead = same lead
partners-again-after = again after
partners-returns-within = returns within
partners-repeat = repeat
partners-safe = safe after a lost answer
partners-safe-with = safe after a lost answer, with { $fields }
partners-needs-one-of = needs one of
partners-consent = consent
partners-default = default
partners-in-doubt = in doubt
partners-taken = Taken
partners-taken-if-there = Taken where it is there
partners-needed = Needed in every lead
partners-answers = What its answers mean
partners-sent = sent as { $target }
partners-sent-query = sent as { $name } of the query
partners-sent-header = sent as the header { $name }
partners-sent-address = { $target } of the address
partners-sent-label = { $sent }, "{ $label }"
partners-one-of = one of: { $values }
partners-default-value = { $value } where a row has none
partners-columns = columns: { $headers }

list-none = has no list that can be read
list-stopping = stopping after this page (once more leaves at once)
list-cut-short = the list of { $name } may not be whole: { $why }
list-read = { $entries ->
    [one] { $entries } entry
   *[other] { $entries } entries
 }, { $pages ->
    [one] { $pages } page
   *[other] { $pages } pages
 } read
list-no-word = { $option }: the entries of { $to }'s list have no { $word }
list-say-where = [{ $to }.list] says where it stands: { $word } = "/…"
partner-list-unread = the list could not be read: { $why }

rows-blocked = (blocked)
rows-purged = (purged)
rows-nothing-sent = nothing was sent yet: there is no record at { $path }
rows-no-such-lead-hint = { $command } lists them
rows-place = { $file }, line { $line }

status-kept-pipe = a pipe's leads could not be used, and are recorded nowhere else: put right what is wrong in the file, send it, then delete it - { $command }
status-no-destination = "{ $name }" is no destination any more: a table that took its place says formerly = ["{ $name }"]
status-correct = { $count ->
    [one] { $count } lead was refused or is invalid in the last 7 days: write the rows to a file, correct them there, send that file
   *[other] { $count } leads were refused or are invalid in the last 7 days: write the rows to a file, correct them there, send that file
 }
status-one-reference = { $leads } leads of several persons have the same reference { $reference }: ask the partner whether it has them all
status-more-references = { $others ->
    [one] { $leads } leads of several persons have the same reference { $reference }, and so it is with { $others } more reference: ask the partner whether it has them all
   *[other] { $leads } leads of several persons have the same reference { $reference }, and so it is with { $others } more references: ask the partner whether it has them all
 }
status-at-work = { $who } is at work
status-sending = { $count ->
    [one] { $who } is at work: { $count } lead is being sent now, and in doubt until it has the answer
   *[other] { $who } is at work: { $count } leads are being sent now, and in doubt until it has the answer
 }

history-nothing-to-correct = no file was written: none of these leads is invalid or rejected with its row still stored
history-no-lead = no lead matches
history-no-run = no run matches
history-columns-table = --columns all is for a file or a program, not for a table
history-more = … { $count } more (--limit N shows as many as you say)
history-title = lead { $id } · { $lead }
history-purged = (its data was purged)
history-offer = { $to } { $state } (lead { $id })
history-state = { $state }: { $message }
history-way = { $route }: { $offers }
history-label-state = state
history-label-route = route
history-label-email = e-mail
history-label-phone = phone
history-label-from = from
history-label-source = source
history-label-read = read
history-label-sent = sent
history-label-decided = decided
history-label-expires = expires
history-label-partner = partner
history-label-reference = reference
history-label-ask = whom to ask
history-settle = once the partner told you whether it has this lead
history-no-page = no lead of "{ $person }" is stored: no page was written
history-no-page-hint = whose data was purged is found by the address or the number alone

report-day-not-over = --as-of { $day }: that day is not over, and more may come: this can't be made again
report-file-refused = { $path } can't hold this report: { $why }
report-no-lead = no lead belongs to this period
report-unpriced = accepted leads without a price, which are in no amount: { $count }. `price` was not there yet when they were accepted, or no `when` of it holds
report-recorded = { $count ->
    [one] recorded as sent by other means (--record-only), and counted on the day of that: { $count } lead
   *[other] recorded as sent by other means (--record-only), and counted on the day of that: { $count } leads
 }
report-period-reversed = this period ends before it begins: from { $since } to { $until }
report-period-reversed-hint = both days are included
report-beyond-calendar = { $day } is beyond every calendar

### commands: set up (init, check, sandbox, partner-settings)

init-nothing-ships = the built-in catalogue can't be read
init-wrote = wrote { $path } for { $names }
init-schema = for an editor that knows the words: { $command }
init-next-fill-in = next: fill it in, then: { $check }
init-next-dry-run = next: see the exact requests of an export, none is sent:
init-next-put-right = next: put that right, then:
init-next = next: { $command }
init-left = still to be filled in, in the file: { $left }

init-file-opening = # What differs from the built-in catalogue of leadctl, and nothing else.
    # Take away the # of a line and write your own value between the quotes; remove
    # the tables of partners that you don't work with. Then: leadctl check
init-file-language = the language of every run, also of a scheduled one
init-file-unreadable = { $path } can't be read: { $why }
init-file-mistake = nothing was added to a file with a mistake in it: { $first }
init-file-put-right = put it right first: { $check }
init-file-has = [{ $name }] is in { $path } already, and is left as it is
init-file-other = edit it ({ $check } says what it still lacks), or write another file:
init-file-unsound = what would be written can't be read again, so nothing was: { $first }
init-file-no-folder = { $path } can't be written: its folder doesn't exist
init-file-make-folder = make the folder first, or name another place with --config FILE
init-file-unwritable = { $path } can't be written: { $why }

init-base = the address that leads are sent to
init-user = the user is yours to name
init-secret-outside = # The secret stays out of this file:  { $variable }
init-defaults = for every lead whose row says nothing else
init-field-set = set already; or a column "{ $column }"
init-field-needed = needed; or a column "{ $column }"
init-field = or a column "{ $column }"

init-ask = { $words }:
init-word = your { $word }
init-which-partner = Which partner? { $names }; or a name of your own for another one
init-did-you-mean = Did you mean { $near }?
init-another-name = { $partner } is in your file already. A name for another destination of the same partner (one per client, programme or category), or nothing to leave it
init-secret-where = Where is the secret of { $name } kept? It never stands in the file itself. One of:
init-secret-env = an environment variable (nothing typed means this one)
init-secret-file-typed = file PATH
init-secret-file = the first line of a file that only you may read
init-secret-command-typed = command WORDS
init-secret-command = what a program prints: a password manager, say
init-secret-place = env, file or command
init-secret-no-place = That is no place. If it was the secret: it was not kept.

init-curl-unusable = the curl command can't be used: { $why }
init-curl-whole = paste the whole command from the partner's page, from curl to its end
init-request-no-json = the example of a request's body is no JSON: { $why }
init-request-other = put it right, or take another example
init-no-name = "{ $name }" can't be a partner's name in the file
init-name-form = letters, digits, - and _ alone, as in my-crm
init-name-taken = there is a destination [{ $name }] already
init-name-other = choose another name, or look at it:
init-nothing-said = nothing says what this partner is sent
init-say-it = name a file with a curl command from its page (--from-curl FILE, - for standard input), or give --url, --auth, --request and --answer; on a terminal, leadctl asks
init-nothing-written = nothing was written: { $why }
init-unanswered = a question was left without an answer
init-terminal-unreadable = the terminal can't be read: { $why }
init-wrote-new = wrote [{ $name }] into { $path }
init-left-comments = still to be filled in, as comments in it: { $open }
init-secret-not-there = its secret is not in the file: { $variable }

init-ask-address = Its address for leads (https://…), or a curl command from its page
init-ask-credential = How does it know you? bearer, basic USER, header NAME, query NAME, body TARGET, or nothing
init-ask-request = An example of a request's body (JSON, or a=b&c=d); then an empty line
init-ask-answer = An example of an answer (its JSON, or all that curl -i shows); then an empty line
init-no-credential = write bearer, "basic USER", "header NAME", "query NAME" or "body TARGET", never the secret itself

curl-open-quote = a quote in it is not closed
curl-no-curl = it does not begin with curl
curl-no-address = it names no address
curl-upload = it uploads a file or a form in parts ({ $option }), which leadctl can't send
curl-body-in-file = its body stands in a file ({ $file }): put the text itself in its place

init-key = the fields that make a person's lead
init-fields = target = lead field: leadctl partners { $name }
init-base-shared = the origin that its addresses share
init-constant-or-field = a constant as in the example, or a lead field: "…"
init-one-is-enough = one of its kind is enough?

check-at = at { $name }:
check-along-route = to which destination each lead would go: { $dry_run }
check-configuration = { $whole } of { $all ->
    [one] { $all } destination
   *[other] { $all } destinations
 } ready to send, { $examples }; nothing was sent · config { $config }
check-examples = { $count ->
    [one] { $count } example proven
   *[other] { $count } examples proven
 }
check-next-init = next: { $init } writes a partners.toml with what you must fill in
check-nothing = nothing was sent or recorded
check-judged = { $count ->
    [one] { $count } lead
   *[other] { $count } leads
 }: { $ready } ready, { $invalid } invalid; nothing was sent or recorded
check-judged-filtered = { $count ->
    [one] { $count } lead
   *[other] { $count } leads
 }: { $ready } ready, { $invalid } invalid, { $filtered } filtered; nothing was sent or recorded
check-next-correct = next: correct these rows, or send the others: { $send }

check-next-rows = next: { $check } shows each row that is not ready
check-next-columns = next: { $partners } shows the columns that a destination accepts
check-standard-input = standard input
check-rows = { $count ->
    [one] { $count } row
   *[other] { $count } rows
 }
check-recognised = recognised: { $about } (source { $name })
check-other-sheets = other sheets, not read: { $others } (--sheet NAME)
check-first-lead = The first lead (line { $line }), as understood
check-destinations = Destinations
check-before-sending = Before you send
check-encoding = the encoding is taken for { $encoding }: --encoding overrules
check-more-damage = and there is damage in other columns
check-unused = { $count ->
   *[other] nobody is sent these columns: { $columns }
 }
check-unfilled = { $count ->
   *[other] no column fills these of { $name }: { $fields }
 }
check-nothing-wrong = nothing to put right
check-columns = Columns
check-column-for = for { $names }
check-column-unused = not used
check-column-empty = (empty)
check-file-refused = this file would be refused
check-no-row-ready = no row is ready
check-all-rows-ready = { $ready ->
    [one] the row is ready
   *[other] all { $ready } rows are ready
 }
check-rows-ready = { $ready } of { $rows } rows ready
check-missing = nothing gives { $fields }
check-more = and more:

check-state-ok = ok
check-state-wrong = wrong
check-state-incomplete = incomplete
check-state-refused = refused
check-state-unproven = unproven
check-of = { $what }: { $told }
check-secret-missing = the secret is missing: it belongs in { $place }
check-secret-write = write it there, on the first line
check-secret-command = the secret is { $place }; it is asked for when sending
check-certificate-theirs = it is asked for from who runs the partner's server
check-certificate-ours = the partner knows the certificate, and its key was made with it
check-no-success = no rule says how a success is recognised: every lead stays in doubt. Add one to [{ $name }.send] with then = "delivered"
check-from-rows = each row must give { $fields }, since no default does
check-no-example-success = no example shows a success: an answer { $status } without a word would be read as { $would_be }. Write the partner's own answer as one: [[{ $name }.examples]] with means = "delivered"
check-no-example-duplicate = no example shows a duplicate: an answer { $status } without a word would be read as { $would_be }. Write the partner's own answer as one: [[{ $name }.examples]] with means = "duplicate"
check-no-example-refusal = no example shows a refusal: an answer { $status } without a word would be read as { $would_be }. Write the partner's own answer as one: [[{ $name }.examples]] with means = "rejected"
check-example = the example "{ $about }"
check-example-status = the example with status { $status }
check-example-correct = correct the example, or the rules of [{ $name }.{ $call }]
check-example-inherited = it is inherited: give [{ $name }] its own `examples`, or remove them with examples = false
check-example-means = must be read as { $means }, but is read as { $read }
check-unreachable = unreachable
check-example-reference = its reference must be "{ $reference }", but "{ $read }" is read
check-example-no-reference = its reference must be "{ $reference }", but none is read
check-example-message = its message must contain "{ $message }", but "{ $read }" is read
check-example-no-date = `{ $word }` finds "{ $at }", which is no date that can be read, as 2027-01-31, 2027-01-31 10:00:00 and 31/01/2027 are

check-not-asked = not asked: { $why }
check-nothing-to-ask = nothing can be asked without sending a lead, so address and key are not proven
check-answered = { $base } answered, address and credentials are right
check-mandatory = a contact must have { $all } there
check-mandatory-unread = what a contact must have there may not be read with these credentials, which sending doesn't need
check-mandatory-unsent = no field is sent as { $unsent }: add it to [{ $name }.fields], or every lead is refused
check-lacking = { $file }: { $count ->
    [one] 1 lead lacks
   *[other] { $count } leads lack
 } { $target }, which { $name } makes mandatory: line { $lines }
check-lacking-column = { $file }: { $count ->
    [one] 1 lead lacks
   *[other] { $count } leads lack
 } { $target } (column { $column }), which { $name } makes mandatory: line { $lines }

settings-none = declares no settings of its own
settings-file-no-json = this file is no JSON: a comma, a quote or a bracket is wrong near here
nothing-changed = nothing was changed
settings-answer-begins = what came begins with "{ $text }"
settings-answer-empty = the answer is empty
settings-answer-other = { $name } answered { $status }, but not with its settings: { $came }
settings-address = is its address right? [{ $name }] has base = "{ $base }"
settings-file-wrong = { $path } is wrong, and nothing was changed
settings-start-from = start from what stands there: { $look } > settings.json
settings-same = nothing to change: the settings are as this file says
settings-no-terminal = nothing was changed: there is no terminal to ask you at
settings-sure = sure? { $sure }
settings-question = Change this at { $name }? [y/N]
settings-not-kept = { $name } answered { $status } to the change, but read again it is not so
settings-unknown = { $name } can't be asked whether it was changed ({ $why })
settings-look = it may or may not be changed; look: { $look }
settings-left = not changed:
settings-again = run the same command again: what is done twice harms nobody
settings-changed = changed at { $name }
settings-changed-after-all = changed at { $name } all the same: read again, it is so
settings-no-object = the file holds no object between { "{" } and { "}" }
settings-is-missing = { $place } is missing
settings-must-be = { $place } must be { $kind }
settings-no-number = { $name } must be a number
settings-too-small = { $name } is { $number }, but must be more than { $other }
settings-too-big = { $name } is { $number }, but must be less than { $below }
settings-entry-without = { $name } has no `{ $by }`
settings-entry-twice = { $name } stands twice
settings-entry-unknown = { $name } is no entry that the partner has
settings-member-missing = { $name }: `{ $member }` is missing; an entry is sent whole, or not at all
settings-member-flag = { $name }: `{ $member }` must be true or false
settings-not-there = not there
settings-not-sent = not sent
settings-difference = { $at }: { $from } → { $to }

### commands: keep (resolve, amend, block, purge, backup, restore)

resolve-placed-twice = lead { $lead } is { $state } at { $destination }, and { $other_state } at { $other_destination } too (lead { $other }): one of the two must give it back
resolve-in-flight-hint = wait until that run is done; nothing was changed
resolve-lists-leads = this lists the leads
resolve-late-hint = if the partner may return it all the same
resolve-undo-hint = if it was returned by mistake
resolve-lists-doubts = this lists the doubts
resolve-shows-history = this shows what happened
resolve-nothing-new = nothing new: it is { $state } already
resolve-told = { $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
 }: { $said } recorded, { $nothing_new } known already, { $not_done } not done
resolve-silent-rows = { $rows ->
    [one] { $rows } further row gives no outcome
   *[other] { $rows } further rows give no outcome
 }
resolve-file-late-hint = if the partner may return what is too late all the same:
resolve-file-hint = put these rows right, or say them one by one; what is recorded stays so:
resolve-unknown = no lead here is known by that
resolve-contradicted = no lead fits all of the row: { $leads } differs in its destination, reference, e-mail or phone
resolve-ambiguous = it may be any of these leads: { $leads }

answers-contradict = lead { $lead } is there twice: it is { $one } in line { $line }, and { $other } in line { $other_line }
answers-contradict-hint = keep the line that is right; nothing was changed
answers-empty = is empty
answers-row-hint = put the row right, or take it out; nothing was changed
answers-row-unreadable = this row can't be read: { $why }
answers-word-unknown = { $column } is "{ $cell }": it must be { $accepted }
answers-outcomes = delivered, not received, approved, rejected or returned (livré, non reçu, validé, refusé, retourné)
answers-yes-or-no = yes or no
answers-no-id = "{ $id }" is no lead's id
answers-row-of-whom = this row doesn't say which lead is meant
answers-lack-lead = needs a column that says which lead is meant: id, reference, or email and phone; it has { $columns }
answers-destination = name the destination whose answers these are
answers-destination-hint =
    only leadctl's own ids say it by themselves
    { $command }
answers-lack-outcome = needs the column outcome (or received: yes or no); it has { $columns }
answers-lack-outcome-hint = or say the same of all its rows, as with --returned
answers-said-twice = its column { $column } says what became of each lead, and so does the command
answers-said-twice-hint = leave out one of them; nothing was changed

backup-written = the record of what was sent was copied to { $file }, its key to { $file }.key: keep both together (leadctl --ledger { $typed } status reads them)
restored = { $file } is the record of what was sent now, at { $path }
restore-kept-aside = what was there is kept as { $files }
restore-is-older = what was sent after the copy was made is unknown to it: record that first (leadctl send --record-only --note …), then send with --accept-older-ledger, once

amend-again-then = run the same command again then
amend-no-changes = no changes: name a file, or pipe one in

purge-future = { $day } is still to come: nothing was erased
purge-future-hint = write a day that has passed, or how old leads are: --before "13 months"
purge-before = personal data dropped from { $count ->
    [one] { $count } lead
   *[other] { $count } leads
 } of before { $day }; { $kept }
purge-before-open = personal data dropped from { $count ->
    [one] { $count } lead
   *[other] { $count } leads
 } of before { $day } ({ $open } of them still open); { $kept }
purge-left = { $count ->
    [one] { $count } lead
   *[other] { $count } leads
 } of that time left alone: pending, in doubt, held, failed or unsent - { $command }
purge-blocked = what was typed of { $count ->
    [one] { $count } person who is blocked
   *[other] { $count } people who are blocked
 } is dropped too: hashes alone keep these people from being sent
purge-proofs-kept = of { $count ->
    [one] { $count } lead
   *[other] { $count } leads
 } what the person agreed to and who was sent them is kept, until { $keep } after the last sending (keep_proof); to show it:
purge-proofs-dropped = the proof of consent of { $count ->
    [one] { $count } lead
   *[other] { $count } leads
 } was kept for { $keep } after the last sending, and is gone now
purge-forgotten = their hashes are gone too: where they come again, they are sent again
purge-known = they are still never sent twice
purge-person-unknown = nothing is stored of this person
purge-person-unsent = personal data dropped from { $count ->
    [one] { $count } lead
   *[other] { $count } leads
 }; no partner was sent any
purge-person-sent = personal data dropped from { $count ->
    [one] { $count } lead
   *[other] { $count } leads
 }; ask the partners above to erase the { $told } that they were sent, by their references
purge-being-sent = { $count ->
    [one] { $count } lead is
   *[other] { $count } leads are
 } being sent at this moment: purge again when that run is done
purge-pipe-kept = rows that a pipe gave are still kept in { $path }, and may hold what was purged: look there, and delete the file once its leads are sent, or those rows from it ({ $command })
purge-file-written = { $path } was written by leadctl and may hold what was purged: delete it, or make it anew

block-done = { $who } is never sent again, whatever export it comes in: { $contacts }
block-list-done = { $list } blocks { $contacts }, whatever export they come in ({ $new } of them new)
block-whoever = whoever stands in { $list }
unblock-by-hand = { $who }: { $contacts } not blocked by hand any more
unblock-nobody = { $who } was not blocked
unblock-done = { $who } may be sent again: { $contacts }
unblock-filtered = leads that were filtered for it are sent when their file is read again
unblock-still = { $who } stays blocked by { $list }, which is read at each run (block_files): take the row out there
unblock-still-some = some of them stay blocked by { $list }, which is read at each run (block_files): take their rows out there
block-nobody = nobody is blocked ({ $block })
block-list-unread = { $list } (block_files) was not read yet as it is now: the next run reads it before it sends
block-column-blocked = blocked
block-column-contacts = contacts
block-column-leads = leads
block-column-who = who
block-column-note = note
block-list-each-run = list { $name }, read at each run
block-list = list { $name }

person-nobody = "{ $text }" names nobody
person-as-in = as in jean.dupont@example.fr, "06 39 98 00 01", "Jean Dupont", or a lead's id
person-no-contact = "{ $text }" gives no e-mail address and no phone number, and many share a name
person-name-a-contact = name an address or a number, or the id of one of their leads
person-lead = { $label }, { $file } line { $line }:
person-several = "{ $text }" stands in the rows of { $count } persons: nothing was done
person-which = name the one who is meant by an address, a number, or a lead's id:
person-french-number = { $text } is taken for a French number: one of another country is found with its country's code, as in --person +32…

### commands: notify

notify-address-missing = { "[" }leadctl.notify] { $word }: the address is missing: it belongs in { $place }
notify-what-is-new = what is new
notify-posted-again = the next run posts the same again
notify-failed = notify, { $word }: { $why }
notify-metrics-not-written = { $path } can't be written: { $why }
notify-no-address = what is kept as its address is none that may be called (https://…)
notify-refused = answered { $status }, so it was not taken
notify-no-answer = no answer in time (10 s)
notify-command-not-run = `{ $command }` can't be run: { $why }
notify-command-failed = `{ $command }` failed
notify-command-endless = `{ $command }` did not end in time (10 s)

notify-text =
    leadctl
    { $news }
    What to do:
    { $command }
notify-leads = { $to }: { $leads } ({ $ids })
notify-stop-not-begun = a run could not begin; nothing was sent
notify-stop-wrong = the run stopped: the partner refuses every lead (its key, its rights or its address)
notify-stop-unreachable = the run stopped: the partner can't be reached
notify-stop-quota = the run stopped: the partner takes no more for now
notify-stop-doubts = the run stopped: too many leads in a row ended in doubt
notify-stop-refusals = the run stopped: too many leads in a row were refused in the same way
notify-stop-ledger = the run stopped: what it does can't be recorded (is the disk full?)

### errors

error-label = error:
hint-label = hint:
warning-label = warning:

io-open-elsewhere = another program, such as Excel, has it open: close it there
io-not-found = there is no such file
io-no-folder = its folder does not exist
io-no-folder-hint = make the folder, or name a file in another one
io-permission = permission denied
io-folder = it is a folder, not a file
io-full = the disk is full
