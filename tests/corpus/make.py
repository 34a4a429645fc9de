#!/usr/bin/env python3
"""Writes the files here that no text editor writes: workbooks, archives, pages.

Needs openpyxl, xlwt and odfpy. Run it in this folder.
"""

import datetime
import gzip
import io
import zipfile

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

HEADER = ["Nom", "E-mail", "Téléphone", "Code postal", "Date"]
DAY = datetime.date(2026, 11, 22)
# As people type them: a number without its zero, with spaces, from abroad.
TYPED = [
    ["Martin", "lea@example.fr", 639980043, 1000, DAY],
    ["Petit", "zoe@example.fr", "06 39 98 00 44", "69003", "22/11/2026"],
    ["L’Hôte", "ana@example.fr", "+33 6 39 98 00 45", 75001, DAY],
]


def save(name, *sheets):
    """Each sheet: its title, its rows, and what is done with it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows, change in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        change(sheet)
    book.save(name)


def parts(name, change):
    """The same workbook with its parts changed."""
    archive = zipfile.ZipFile(name)
    texts = {part: archive.read(part) for part in archive.namelist()}
    change(texts)
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as other:
        for part, text in texts.items():
            other.writestr(part, text)


def zeros(sheet):
    for cell in sheet["D"][1:]:
        cell.number_format = "00000"
    for cell in sheet["E"][1:]:
        cell.number_format = "dd/mm/yyyy"


def filtered(sheet):
    zeros(sheet)
    sheet.auto_filter.ref = "A1:E4"
    sheet.auto_filter.add_filter_column(0, ["Petit"])
    sheet.row_dimensions[2].hidden = True
    sheet.row_dimensions[4].hidden = True


def hide_column(sheet):
    zeros(sheet)
    sheet.column_dimensions["C"].hidden = True
    sheet.column_dimensions["K"].hidden = True


def hide(sheet):
    sheet.sheet_state = "hidden"


def workbooks():
    rows = [HEADER, *TYPED]
    save("workbooks/typed.xlsx", ("Feuil1", rows, zeros))
    for name in ["filtered", "filtered-skip", "filtered-send"]:
        save(f"workbooks/{name}.xlsx", ("Leads", rows, filtered))
    save("workbooks/hidden-column.xlsx", ("Leads", rows, hide_column))
    notes = [["Lisez-moi"], ["Ce fichier vient du salon."]]
    other = [["E-mail", "Nom"], ["paul@example.fr", "Leroy"]]
    save(
        "workbooks/lisez-moi.xlsx",
        ("Lisez-moi", notes, lambda sheet: None),
        ("Leads", rows, zeros),
        ("Salon", other, lambda sheet: None),
    )
    save("workbooks/hidden-sheet.xlsx", ("Leads", rows, zeros), ("Archive", other, hide))

    save("workbooks/utf-16.xlsx", ("Leads", rows, zeros))

    def wide(texts):
        for part in texts:
            text = texts[part].decode()
            start = '<?xml version="1.0" encoding="UTF-16"?>'
            text = start + text.split("?>", 1)[-1] if text.startswith("<?xml") else start + text
            texts[part] = text.encode("utf-16")

    parts("workbooks/utf-16.xlsx", wide)

    save("workbooks/styles.xlsx", ("Leads", rows, zeros))

    def odd(texts):
        part = "xl/worksheets/sheet1.xml"
        text = texts[part].decode()
        text = text.replace('<c r="A2"', '<c r="A2" s=""').replace('<c r="A3"', '<c r="A3" s="999"')
        texts[part] = text.encode()

    parts("workbooks/styles.xlsx", odd)

    save("workbooks/lost-sheet.xlsx", ("Leads", rows, zeros), ("Salon", other, lambda sheet: None))
    parts("workbooks/lost-sheet.xlsx", lambda texts: texts.pop("xl/worksheets/sheet2.xml"))

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Feuil1")
    date = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            is_date = isinstance(value, datetime.date)
            sheet.write(at, column, value, *([date] if is_date else []))
    book.save("workbooks/typed.xls")

    book = OpenDocumentSpreadsheet()
    table = Table(name="Feuille1")
    for row in rows:
        line = TableRow()
        for value in row:
            if isinstance(value, datetime.date):
                cell = TableCell(valuetype="date", datevalue=value.isoformat())
                cell.addElement(P(text=value.strftime("%d/%m/%Y")))
            elif isinstance(value, int):
                cell = TableCell(valuetype="float", value=value)
                cell.addElement(P(text=str(value)))
            else:
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=value))
            line.addElement(cell)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    book.save("workbooks/typed.ods")


CSV = "Nom;E-mail;Téléphone\r\nMartin;lea@example.fr;0639980043\r\n"


def archive(name, files):
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as other:
        for part, content in files.items():
            other.writestr(part, content)


def packed():
    with open("packed/leads.csv.gz", "wb") as file:
        file.write(gzip.compress(CSV.encode("cp1252"), mtime=0))
    inside = io.BytesIO()
    with open("workbooks/typed.xlsx", "rb") as book:
        inside = book.read()
    own = {"__MACOSX/._leads.csv": b"\0\1", "LISEZ-MOI.txt": "Bonjour", "export/": ""}
    archive("packed/one.zip", {**own, "export/leads.csv": CSV.encode()})
    archive("packed/workbook.zip", {"leads.xlsx": inside})
    archive("packed/several.zip", {"a.csv": CSV, "b/$(id) 2.csv": CSV, "notes.txt": "x"})
    archive("packed/none.zip", {"photo.jpg": "x"})
    with open("packed/cut.csv.gz", "wb") as file:
        file.write(gzip.compress(CSV.encode() * 50, mtime=0)[:-12])


PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel">
<head><meta http-equiv="Content-Type" content="text/html; charset={charset}">
<style>td {{mso-number-format:"\\@"}}</style></head>
<body><table border=0><tr><td><img src="logo.png">Export du 22/11/2026</td></tr></table>
<table border="1"><thead><tr><th>Nom</th><th>E-mail</th><th>T&eacute;l&eacute;phone</th>
<th colspan="2">Code postal</th><th>Commentaire</th></tr></thead>
<tr><td>L&#039;Hôte</td><td><a href="mailto:lea@example.fr">lea@example.fr</a></td>
<td>0639980043</td><td>01000</td><td></td><td>Rappeler<br>apr&egrave;s 18&nbsp;h</td></tr>
<tr><td>  Petit
   Martin </td><td>zoe@example.fr<td>0639980044<td>69003<td><td>
</table></body></html>
"""

XML = """<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
 <Worksheet ss:Name="Leads"><Table>
  <Row><Cell><Data ss:Type="String">Nom</Data></Cell><Cell><Data ss:Type="String">E-mail</Data></Cell>
   <Cell><Data ss:Type="String">Code postal</Data></Cell></Row>
  <Row><Cell><Data ss:Type="String">L’Hôte &amp; fils</Data></Cell>
   <Cell ss:Index="3"><Data ss:Type="String">01000</Data></Cell></Row>
  <Row ss:Index="5"><Cell><Data ss:Type="String">Petit</Data></Cell>
   <Cell><Data ss:Type="String">zoe@example.fr</Data></Cell></Row>
 </Table></Worksheet>
</Workbook>
"""


def pages():
    for name, charset in [("utf-8", "utf-8"), ("latin", "iso-8859-1")]:
        text = PAGE.format(charset=charset)
        with open(f"pages/{name}.xls", "wb") as file:
            file.write(text.encode("cp1252" if charset != "utf-8" else "utf-8"))
    with open("pages/excel-2003.xls", "w") as file:
        file.write(XML)
    with open("pages/login.xls", "w") as file:
        file.write("<!DOCTYPE html><html><form>Mot de passe</form></html>\n")


def strangers():
    archive("strangers/leads.docx", {"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"})
    archive("strangers/leads.numbers", {"Index/Document.iwa": "x", "preview.jpg": "x"})
    for name, start in [
        ("leads.pdf", b"%PDF-1.7\n"),
        ("leads.csv.png", b"\x89PNG\r\n\x1a\n"),
        ("leads.7z", b"7z\xbc\xaf\x27\x1c"),
    ]:
        with open(f"strangers/{name}", "wb") as file:
            file.write(start + b"\0" * 40)


workbooks()
packed()
pages()
strangers()
