"""The bench's leads: synthetic, told apart by a number, and the bodies and
curl files made of them. Phone numbers are of the ranges kept for fiction."""

import json
import zipfile
from xml.sax.saxutils import escape

HEADER = ("Espace client;Programme;Civilité;Nom;Prénom;E-mail;Téléphone;Téléphone 2;"
          "Adresse;Code postal;Ville;Pays;Commentaire;Date de création")
RANGES = ["06 39 98", "01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49"]
# A third of the numbers: overseas as they are dialled there, foreign with their code.
ELSEWHERE = ["0692 12 {} {}", "0690 00 {} {}", "+44 7700 90{}{}", "0032 470 12 {} {}", "+49 1512 345{}{}"]
OVERSEAS = {"0262": "+262", "0263": "+262", "0692": "+262", "0693": "+262", "0269": "+262", "0639": "+262",
            "0590": "+590", "0690": "+590", "0691": "+590", "0594": "+594", "0694": "+594",
            "0596": "+596", "0696": "+596", "0697": "+596"}
LAST = ["Martin", "Lefèvre", "Nguyen", "D'Almeida", "Garçon", "Petit", "Müller", "Bénard"]
FIRST = ["Léa", "Hugo", "Chloé", "Jean-Noël", "Inès", "Paul", "Zoé"]
CITIES = [("69003", "Lyon"), ("01000", "Bourg-en-Bresse"), ("75011", "Paris"),
          ("13002", "Marseille"), ("06000", "Nice")]
COMMENTS = ["Cherche un T3 avec balcon", "", "À rappeler après 18 h", "Budget 250 000 €, prêt accordé"]


def phone(number):
    digits = f"{number % 10_000:04d}"
    if number % 3:
        return f"{RANGES[number % 6]} {digits[:2]} {digits[2:]}"
    return ELSEWHERE[number % 5].format(digits[:2], digits[2:])


def row(number):
    """The cells of lead `number`, in the header's order."""
    last, first = LAST[number % len(LAST)], FIRST[number % len(FIRST)]
    zip_code, city = CITIES[number % len(CITIES)]
    return ["demo", "12", "Mme" if number % 2 else "M.", last, first,
            f"lead{number}@example.fr", phone(number), "",
            f"{number % 200} rue de la République", zip_code, city, "France",
            COMMENTS[number % len(COMMENTS)], "2026-11-22 10:00:00"]


def write_csv(path, count, first=0):
    with open(path, "w", encoding="utf-8") as out:
        out.write(HEADER + "\n")
        for number in range(first, first + count):
            out.write(";".join(row(number)) + "\n")


def write_jsonl(path, count, first=0):
    names = HEADER.split(";")
    with open(path, "w", encoding="utf-8") as out:
        for number in range(first, first + count):
            out.write(json.dumps(dict(zip(names, row(number))), ensure_ascii=False) + "\n")


def write_xlsx(path, count):
    """A workbook as Excel writes it: each text stands once in a table that the
    cells share, and most texts are of one row."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    link = '<Relationship Id="{}" Type="' + office + '/{}" Target="{}"/>'
    texts = {}

    def line(number, cells):
        indexes = (texts.setdefault(cell, len(texts)) for cell in cells)
        inside = "".join(f'<c t="s"><v>{index}</v></c>' for index in indexes)
        return f'<row r="{number}">{inside}</row>'

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr("_rels/.rels", links.format(link.format("r1", "officeDocument", "xl/workbook.xml")))
        book.writestr("xl/workbook.xml", f'<workbook {main} xmlns:r="{office}"><sheets>'
                      '<sheet name="Leads" sheetId="1" r:id="r1"/></sheets></workbook>')
        book.writestr("xl/_rels/workbook.xml.rels", links.format(
            link.format("r1", "worksheet", "worksheets/sheet1.xml") + link.format("r2", "sharedStrings", "sharedStrings.xml")))
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as out:
            out.write(f"<worksheet {main}><sheetData>{line(1, HEADER.split(';'))}".encode())
            for number in range(count):
                cells = row(number)
                for own in [3, 4, 8, 12]:
                    cells[own] += f" {number}"
                out.write(line(number + 2, cells).encode())
            out.write(b"</sheetData></worksheet>")
        with book.open("xl/sharedStrings.xml", "w", force_zip64=True) as out:
            out.write(f"<sst {main}>".encode())
            for text in texts:
                out.write(f"<si><t>{escape(text)}</t></si>".encode())
            out.write(b"</sst>")


def international(written):
    """E.164, as a script's author would make it."""
    digits = "".join(c for c in written if c.isdigit() or c == "+")
    if digits.startswith("+"):
        return digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    return OVERSEAS.get(digits[:4], "+33") + digits[1:]


def body(cells):
    """What the partner is sent, as `leadctl` maps it."""
    number = international(cells[6])
    fields = {"title": "ms" if cells[2] == "Mme" else "mr", "name": cells[3], "firstname": cells[4],
              "email1": cells[5], "phone1": number, "city": cells[10], "zipcode": cells[9],
              "country": "FR", "address1": cells[8], "comment": cells[12]}
    return json.dumps({k: v for k, v in fields.items() if v}, ensure_ascii=False, separators=(",", ":"))


def write_bodies(path, count):
    with open(path, "w", encoding="utf-8") as out:
        for number in range(count):
            out.write(body(row(number)) + "\n")


def write_curl(path, count, port):
    """A curl config: one transfer a lead, bodies in it."""
    url = f"http://127.0.0.1:{port}/v1/demo/programs/12/registrations"
    with open(path, "w", encoding="utf-8") as out:
        for number in range(count):
            data = body(row(number)).replace("\\", "\\\\").replace('"', '\\"')
            out.write("next\n" if number else "")
            out.write(f'url = "{url}"\noutput = "/dev/null"\nheader = "X-API-Key: bench"\n'
                      f'header = "Content-Type: application/json"\ndata-binary = "{data}"\n')
