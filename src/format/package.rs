//! `datapackage.json`: what a dataset holds, for programs (Frictionless Data Package 2.0,
//! datapackage.org, read 2026-11-22).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::cell::Kind;
use super::columns::{self, Column};
use crate::model::record::StoredFile;
use crate::model::spec::{Dialect, FileFormat, Profile};

/// What a data package tells beside its files.
#[derive(Debug, Clone, Copy)]
pub struct Package<'a> {
    /// The collection's id.
    pub name: &'a str,
    /// One line for people.
    pub title: &'a str,
    /// When the dataset was complete.
    pub created: Timestamp,
    /// Which columns its files have.
    pub profile: Profile,
    /// Its files: the merged one first, if there is one, then the parts.
    pub files: &'a [StoredFile],
}

/// The content of `datapackage.json`.
///
/// The schema stands with the first file only: all have the same columns, and a dataset may have
/// thousands of parts.
pub fn data_package(package: &Package<'_>) -> Value {
    let resources: Vec<Value> = package
        .files
        .iter()
        .enumerate()
        .map(|(at, file)| resource(file, (at == 0).then_some(package.profile)))
        .collect();
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": package.name,
        "title": package.title,
        "created": package.created.to_string(),
        "resources": resources,
    })
}

fn resource(file: &StoredFile, schema_of: Option<Profile>) -> Value {
    let mut resource = json!({
        "name": resource_name(&file.path),
        "path": file.path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.bytes,
        "hash": format!("sha256:{}", file.sha256),
        "rowCount": file.rows,
    });
    let FileFormat::Csv = file.format;
    if let (Some(profile), Some(fields)) = (schema_of, resource.as_object_mut()) {
        fields.insert("schema".to_owned(), schema(profile));
        fields.insert("type".to_owned(), "table".into());
        fields.insert("dialect".to_owned(), json!({ "delimiter": ",", "lineTerminator": "\n" }));
    }
    resource
}

/// The path without folder and ending: unique, because names of files are.
fn resource_name(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split('.').next().unwrap_or(name).to_ascii_lowercase()
}

fn schema(profile: Profile) -> Value {
    let fields: Vec<Value> = columns::of(profile).map(field).collect();
    json!({ "fields": fields, "missingValues": [""], "primaryKey": ["id"] })
}

fn field(column: &Column) -> Value {
    let mut field = json!({
        "name": column.name,
        "type": field_type(column.kind),
        "description": column.meaning,
        "source": column.source(Dialect::Tweet),
    });
    if let (Some(unit), Some(fields)) = (column.unit, field.as_object_mut()) {
        fields.insert("unit".to_owned(), unit.into());
    }
    field
}

const fn field_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Id => "string",
        Kind::Integer => "integer",
        Kind::Boolean => "boolean",
        Kind::DateTime => "datetime",
        Kind::List => "array",
        Kind::Object => "object",
        Kind::Json => "any",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(profile: Profile) -> Value {
        let file = |path: &str| StoredFile {
            container: None,
            path: path.to_owned(),
            format: FileFormat::Csv,
            rows: 3,
            bytes: 99,
            sha256: "ab".repeat(32),
        };
        data_package(&Package {
            name: "20261122-rustlang-k3v9x2m7qa",
            title: "Posts with #rustlang",
            created: Timestamp::UNIX_EPOCH,
            profile,
            files: &[file("tweets.csv"), file("parts/part-000000.csv")],
        })
    }

    #[test]
    fn a_package_lists_files_and_columns() {
        let mut package = package(Profile::Original);
        let fields = package["resources"][0]["schema"]["fields"].take();
        assert_eq!(fields.as_array().unwrap().len(), 25);
        insta::assert_json_snapshot!("package_column", fields[10]);
        insta::assert_json_snapshot!("package_without_columns", package);
    }

    #[test]
    fn ids_are_strings_in_every_schema() {
        let package = package(Profile::Full);
        let fields = package["resources"][0]["schema"]["fields"].as_array().unwrap();
        let wrong =
            |f: &&Value| f["name"].as_str().unwrap().ends_with("_id") && f["type"] != "string";
        assert!(fields.iter().find(wrong).is_none());
    }
}
