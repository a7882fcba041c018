//! The plain page at `/`: every collection, what it does, what it cost, where its files are.
//!
//! It works without scripts, and everything that a user supplied is escaped, by type: only
//! [`Text`] gets into the page.

use std::fmt::{self, Write};

use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

use super::Face;
use super::collections::{found, reason};
use super::files;
use super::input::Parameters;
use super::problem::Problem;
use super::types::Links;
use crate::model::CollectionId;
use crate::model::overview::Overview;
use crate::model::state::State as Doing;
use crate::store::StoreError;
use crate::store::layout::single_file;

/// Collections on one page.
const ON_A_PAGE: usize = 50;

const HEAD: &str = concat!(
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
    "<title>mistnet</title>\n<link rel=\"stylesheet\" href=\"/page.css\">\n</head>\n<body>\n",
    "<header><h1>mistnet</h1><nav><a href=\"/docs/\">API</a> <a href=\"/readyz\">health</a>",
    "</nav></header>\n<main>\n",
);

const TABLE: &str = "<table>\n<thead><tr><th>Collection</th><th>Query</th><th>State</th>\
     <th class=\"n\">Rows</th><th class=\"n\">Cost</th><th>Files</th></tr></thead>\n<tbody>\n";

const NOTHING: &str = "<p>No collection yet. Start one:</p>\n<pre>curl -X POST \
     http://127.0.0.1:8889/search/ -d '{\"hashtag\":\"#rustlang\"}'</pre>\n\
     <p>or try it out in the <a href=\"/docs/\">API's pages</a>.</p>\n";

const STYLE: &str = include_str!("page.css");

/// A text that a user may have supplied, escaped when it is shown.
struct Text<T>(T);

impl<T: fmt::Display> fmt::Display for Text<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.to_string().chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// The page.
pub(super) async fn page(
    State(face): State<Face>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Html<String>, Problem> {
    let parameters = Parameters::new(query, &["after"])?;
    let found = found(&face, parameters.get("after"), ON_A_PAGE).await?;
    let mut html = String::from(HEAD);
    if found.read.is_empty() {
        html.push_str(NOTHING);
    } else {
        html.push_str(TABLE);
        for (id, read) in &found.read {
            // Writing to a text does not fail.
            let _ = row(&mut html, id, read);
        }
        html.push_str("</tbody>\n</table>\n");
    }
    if let Some(next) = &found.next {
        let _ = writeln!(html, "<p><a href=\"/?after={}\">Older collections</a></p>", Text(next));
    }
    html.push_str("</main>\n</body>\n</html>\n");
    Ok(Html(html))
}

/// The page's style sheet.
pub(super) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

fn row(
    html: &mut String,
    id: &CollectionId,
    read: &Result<Option<Overview>, StoreError>,
) -> fmt::Result {
    match read {
        Ok(Some(overview)) => collection(html, overview),
        Ok(None) => Ok(()),
        Err(error) => writeln!(
            html,
            "<tr><td>{}</td><td colspan=\"5\" class=\"trouble\">can't be read: {}</td></tr>",
            Text(id),
            Text(reason(id, error)),
        ),
    }
}

fn collection(html: &mut String, overview: &Overview) -> fmt::Result {
    let links = Links::of(&overview.collection);
    write!(html, "<tr><td><a href=\"{}\">{}</a>", links.collection, Text(&overview.collection))?;
    write!(html, "<br><time>{}</time></td>", overview.created_at.strftime("%Y-%m-%d %H:%M UTC"))?;
    write!(html, "<td>{}<br>{}</td>", Text(&overview.spec.query), window(overview))?;
    doing(html, overview)?;
    write!(html, "<td class=\"n\">{}</td>", overview.rows)?;
    write!(html, "<td class=\"n\">{}</td>", cost(overview))?;
    write!(html, "<td><a href=\"{}/files\">list</a>", links.collection)?;
    if overview.state == Doing::Complete && overview.spec.single_file {
        for format in &overview.spec.formats {
            let name = single_file(*format);
            let url = files::url(&overview.collection, &name);
            write!(html, " <a href=\"{}\">{}</a>", Text(url), Text(name))?;
        }
    }
    html.push_str("</td></tr>\n");
    Ok(())
}

/// The first and the last day of the window.
fn window(overview: &Overview) -> String {
    let window = overview.spec.window;
    let day = |time: jiff::Timestamp| time.strftime("%Y-%m-%d").to_string();
    let last = window.end.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(window.end);
    format!("<small>{} to {}</small>", day(window.start), day(last))
}

fn doing(html: &mut String, overview: &Overview) -> fmt::Result {
    let state = overview.state.name();
    write!(html, "<td><span class=\"state {state}\">{state}</span>")?;
    if let Some(waiting) = &overview.waiting {
        let until = waiting.until.strftime("%H:%M:%S UTC");
        write!(html, "<p>until {until}: {}</p>", Text(&waiting.reason))?;
    }
    if let Some(trouble) = &overview.trouble {
        write!(html, "<p class=\"trouble\">{}</p>", Text(&trouble.detail))?;
        write!(html, "<p>{}</p>", Text(&trouble.hint))?;
    }
    html.push_str("</td>");
    Ok(())
}

fn cost(overview: &Overview) -> String {
    match overview.max_cost_usd {
        Some(budget) => format!("{} of {budget}", overview.cost_usd),
        None => overview.cost_usd.to_string(),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn markup_in_a_text_is_shown_not_obeyed() {
        let hostile = "<script>alert('x')</script>&\"";
        let shown = Text(hostile).to_string();
        assert_eq!(shown, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;");
    }
}
