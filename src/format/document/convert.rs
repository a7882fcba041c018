//! The chapter on what `mistnet convert` can make besides.

use super::table::push_columns;
use crate::columns::SideTable;
use crate::model::spec::Profile;

/// The whole chapter.
pub(super) fn push(text: &mut String) {
    text.push_str(OPTIONS);
    text.push_str(RETWEETS);
    text.push_str(TABLES);
    for table in SideTable::ALL.into_iter().filter(|table| *table != SideTable::Referenced) {
        text.push_str(&["\n#### `", table.name(), "`\n\n"].concat());
        push_columns(text, table.columns(Profile::Full));
    }
}

const OPTIONS: &str = "
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
From Text/CSV, with the comma as delimiter and UTF-8. What a spreadsheet saves has lost the marks. \
With `--newlines escape` as well, take off the marks first.
";

const RETWEETS: &str = "
### `--merge-retweets`: retweets with the content of the retweeted post

X cuts the text of a retweet at 140 characters, and its hashtags, mentions and links with it. With this \
option, a retweet has from the retweeted post, if that came along:

* text, note, `display_text_range` and entities (so hashtags, mentions, links, and all columns that are \
made of them);
* attachments and `media_metadata` (so media and polls), topics, and counts, each if the post has any.

Everything else stays the retweet\'s: id, author, time, language, references. This is what `twarc2 csv \
--merge-retweets` does, whose users have it by default; it does not take `note`, \
`display_text_range` and `media_metadata`, and keeps the retweet\'s entities if the post has none. The \
profile `twarc` merges always and in twarc-csv\'s way; there the option concerns only the side tables. JSON \
Lines have the retweeted post in each retweet, so the option is refused.
";

const TABLES: &str = "
### `--tables`: tables beside the rows

`--tables users,hashtags` makes, beside `posts.csv`, `posts.users.csv` and `posts.hashtags.csv`: each in \
the format of the output and with its options, and all of them appear when all are complete.

| table | a row is |
|---|---|
| `users` | an account that came along: an author, somebody who is mentioned or replied to |
| `referenced` | a post that came along because others reply to it, quote or retweet it |
| `media` | a photo, video or GIF that came along |
| `hashtags`, `mentions`, `urls` | one place in a post that is a row of the output |

Of objects with one id the first that came along counts, also where posts that were there before are \
left out; what has no id of X's form is there whenever it came. Their numbers are those of the moment \
at which that page was fetched. `referenced` has the columns of the output, under the same names. The \
columns of the others, whatever the profile, are below; `extra` is as in the profile `full`. In JSON \
Lines, each row is an object with the columns that have a value (`referenced`: as in the output).

Places are those of the post's own text, and of a long post, which X cuts there, also those of its note \
that are beyond. Positions are code points of that text as X sends it, HTML entities and all.
";
