//! The chapter on what `mistnet convert` can make besides.

pub(super) const OPTIONS: &str = "
## Options of `mistnet convert`

Without them a file has, byte for byte, what is described above.

### `--newlines`: line breaks inside texts of CSV

Line breaks are LF, CR and both together: these end rows. U+2028 and the like end no row in any reader \
of CSV that we know, and stay.

| value | a line break is | to undo it |
|---|---|---|
| `keep` | as it is, inside quotes | |
| `escape` | `\\n` for LF, `\\r` for CR, two characters each; a backslash is `\\\\` | replace, from left to right, `\\n`, `\\r` and `\\\\` |
| `space` | a space | can't be undone |

With the last two, every row is a line. Only columns of the type text are concerned: JSON has no line \
breaks. The profile `twarc` has a way of its own (see there), and is refused together with them.

### `--excel`: CSV for spreadsheets

A spreadsheet takes cells for numbers, dates and formulas: ids lose their last digits, `Mar 20` becomes \
a day, and somebody may have posted `=HYPERLINK(…)` for it to run \
([OWASP](https://owasp.org/www-community/attacks/CSV_Injection)). With `--excel`:

| what | is written | to undo it |
|---|---|---|
| the file | with a byte order mark (UTF-8) before the header | read as `utf-8-sig` |
| the end of a row | CR LF | |
| an id | `=\"2062875508879110287\"`, of which spreadsheets show the digits, as a text | take off `=\"` and `\"` |
| a text of up to 64 bytes that could be a number, a date or a truth value: it has a digit and nothing but letters, digits, spaces, signs of currencies and `.,:/+-%()`, or is `true` or `false` | the same way: `=\"Mar 20\"` | the same way |
| any other text that begins (after spaces) with `=`, `+`, `-`, `@`, tab, CR, LF or NUL, with one of the former in full width, or with `'`; a longer number | with `'` before it, which is to be seen | take off one `'` |
| a cell of more than 32,767 characters (of UTF-16), the most that Excel takes | cut, and with `… [cut: 41234 characters]` at its end; the summary counts such cells | convert without `--excel` |

In quotes, a quote inside a cell is doubled as always: the first id of a file is `\"=\"\"2062875508879110287\"\"\"`. \
Whole numbers, truth values, times and JSON stay as they are; JSON begins with a bracket or a quote. A \
sheet of Excel has 1,048,576 rows and leaves out the others; the summary says so. Where spreadsheets \
expect semicolons (in Germany, for example), don't open the file by a double click, but import it: Data, \
From Text/CSV, with the comma as delimiter and UTF-8. What a spreadsheet saves has lost the marks.
";
