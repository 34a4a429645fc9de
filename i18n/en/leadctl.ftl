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

