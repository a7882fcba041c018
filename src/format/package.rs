//! `datapackage.json`: what a dataset holds, for programs (Frictionless Data Package 2.0,
//! datapackage.org, read 2026-11-22).

use jiff::Timestamp;
use serde_json::{Value, json};

use super::formats;
use super::kind::{Description, Format, Table};
use crate::columns::{self, CellType, Column};
use crate::model::record::StoredFile;
use crate::model::spec::{Columns, Dialect};

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
    pub columns: Columns,
    /// Its files: the merged one first, if there is one, then the parts.
    pub files: &'a [StoredFile],
}

/// The content of `datapackage.json`.
///
/// A schema stands with the first CSV and the first Parquet file only: all have the same columns,
/// and a dataset may have thousands of parts. The standard's only type of a resource is `table`,
/// which is a table of text cells (its JSON schema, profile 2.0, allows no other). So files of the
/// other formats have no type, but checksum and size (the schema of Parquet tells what the columns
/// mean; their types are in the file itself). Their formats have names other than the files'
/// endings: of what is called `jsonl` or `parquet`, Frictionless 5.21 assumes that it is a table of
/// the columns in the schema and, finding others, calls the package invalid.
pub fn data_package(package: &Package<'_>) -> Value {
    let is_first = |at: usize, file: &StoredFile| {
        package.files.iter().position(|other| other.format == file.format) == Some(at)
    };
    let resource = |(at, file)| resource(file, package.columns, is_first(at, file));
    let resources: Vec<Value> = package.files.iter().enumerate().map(resource).collect();
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": package.name,
        "title": package.title,
        "created": package.created.to_string(),
        "resources": resources,
    })
}

fn resource(file: &StoredFile, columns: Columns, is_first: bool) -> Value {
    let mut resource = json!({
        "name": resource_name(file),
        "path": file.path,
        "bytes": file.bytes,
        "hash": format!("sha256:{}", file.sha256),
        "rowCount": file.rows,
    });
    let Some(fields) = resource.as_object_mut() else { return resource };
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    let media_type = file.format.media_type();
    put("mediatype", media_type.split(';').next().unwrap_or(media_type).into());
    let Some(description) = formats::find(file.format).map(Format::description) else {
        return resource;
    };
    let Description { format, encoding, compression, table } = description;
    put("format", format.into());
    let known = [("encoding", encoding), ("compression", compression)];
    for (name, value) in known.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        put(name, value.into());
    }
    match table {
        Table::Typed if is_first => put("schema", schema(columns)),
        Table::Text { dialect } if is_first => {
            put("schema", schema(columns));
            put("type", "table".into());
            put("dialect", dialect());
        }
        Table::No | Table::Typed | Table::Text { .. } => {}
    }
    resource
}

/// The name of the file, because names of resources are unique; of CSV without its ending.
fn resource_name(file: &StoredFile) -> String {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    name.strip_suffix(".csv").unwrap_or(name).to_ascii_lowercase()
}

fn schema(columns: Columns) -> Value {
    let fields: Vec<Value> = columns::of(columns).map(field).collect();
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

const fn field_type(kind: CellType) -> &'static str {
    match kind {
        CellType::Text | CellType::Id => "string",
        CellType::Integer => "integer",
        CellType::Boolean => "boolean",
        CellType::DateTime => "datetime",
        CellType::List => "array",
        CellType::Object => "object",
        CellType::Json => "any",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::spec::{FileFormat, Profile};

    fn package(profile: Profile) -> Value {
        let file = |path: &str| StoredFile {
            container: None,
            path: path.to_owned(),
            format: *FileFormat::ALL
                .iter()
                .find(|f| path.ends_with(&format!(".{}", f.name())))
                .unwrap(),
            rows: 3,
            bytes: 99,
            sha256: "ab".repeat(32),
        };
        data_package(&Package {
            name: "20261122-rustlang-k3v9x2m7qa",
            title: "Posts with #rustlang",
            created: Timestamp::UNIX_EPOCH,
            columns: profile.into(),
            files: &[
                file("tweets.csv"),
                file("tweets.jsonl.gz"),
                file("tweets.parquet"),
                file("parts/part-000000.csv"),
                file("parts/part-000000.jsonl.gz"),
                file("parts/part-000000.parquet"),
            ],
        })
    }

    #[test]
    fn a_package_lists_files_and_columns() {
        let mut package = package(Profile::Original);
        let fields = package["resources"][0]["schema"]["fields"].take();
        assert_eq!(fields.as_array().unwrap().len(), 25);
        assert_eq!(package["resources"][2]["schema"]["fields"].take(), fields);
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
