//! Which types the columns have.
//!
//! | kind | type |
//! |---|---|
//! | text | `STRING` |
//! | id | `STRING`, and beside it `<name>_u64` as `INTEGER(64, unsigned)` |
//! | integer | `INT64` |
//! | boolean | `BOOLEAN` |
//! | datetime | `TIMESTAMP(microseconds, UTC)` |
//! | JSON list of texts | `LIST` of `STRING` |
//! | other JSON | `STRING` |
//!
//! Every column is optional. JSON is no `JSON`, because polars 2.1.0 reads that as bytes (tried
//! 2026-11-23), and DuckDB takes `STRING` as JSON where it is used so. Sources:
//! github.com/apache/parquet-format, `LogicalTypes.md` and `Encodings.md`; held by the readers of
//! `tests/witness/formats.py`.

use std::sync::Arc;

use parquet::basic::{
    Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel,
};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor, Type, TypePtr};

use crate::columns::{CellType, Column};

/// What files say that wrote them. It is part of the bytes of every file: the number changes when
/// other bytes are written for the same rows, and not with each version of the program.
const CREATED_BY: &str = "mistnet version 1";

/// How hard zstd tries; see `store::page`.
const ZSTD_LEVEL: i32 = 1;

/// The schema of a table's files, and how its columns are written.
#[derive(Debug)]
pub(super) struct Schema {
    descriptor: SchemaDescriptor,
    plain: WriterPropertiesPtr,
    dictionary: WriterPropertiesPtr,
}

impl Schema {
    pub(super) fn of(name: &str, columns: &[&'static Column]) -> Result<Arc<Self>, ParquetError> {
        let mut fields = Vec::new();
        for column in columns {
            push_fields(&mut fields, column)?;
        }
        let root = Type::group_type_builder(name).with_fields(fields).build()?;
        let descriptor = SchemaDescriptor::new(Arc::new(root));
        let plain = properties(&descriptor, false)?;
        let dictionary = properties(&descriptor, true)?;
        Ok(Arc::new(Self { descriptor, plain, dictionary }))
    }

    pub(super) fn root(&self) -> TypePtr {
        self.descriptor.root_schema_ptr()
    }

    /// The columns as they are stored, in order.
    pub(super) fn leaves(&self) -> impl Iterator<Item = &ColumnDescPtr> {
        self.descriptor.columns().iter()
    }

    /// How the file is written, and columns without a dictionary.
    pub(super) fn properties(&self) -> WriterPropertiesPtr {
        Arc::clone(&self.plain)
    }

    /// How columns with a dictionary are written.
    pub(super) fn with_dictionary(&self) -> WriterPropertiesPtr {
        Arc::clone(&self.dictionary)
    }
}

/// The name of an id as a number.
pub(super) fn number_of(name: &str) -> String {
    format!("{name}_u64")
}

fn push_fields(fields: &mut Vec<TypePtr>, column: &Column) -> Result<(), ParquetError> {
    let name = column.name;
    let field = match column.kind {
        CellType::List if column.of_texts => list(name)?,
        CellType::Text | CellType::Id | CellType::List | CellType::Object | CellType::Json => {
            text(name)?
        }
        CellType::Integer => primitive(name, Physical::INT64, None)?,
        CellType::Boolean => primitive(name, Physical::BOOLEAN, None)?,
        CellType::DateTime => {
            let utc = LogicalType::timestamp(true, TimeUnit::MICROS);
            primitive(name, Physical::INT64, Some(utc))?
        }
    };
    fields.push(field);
    if column.kind == CellType::Id {
        let unsigned = LogicalType::integer(64, false);
        fields.push(primitive(&number_of(name), Physical::INT64, Some(unsigned))?);
    }
    Ok(())
}

fn text(name: &str) -> Result<TypePtr, ParquetError> {
    primitive(name, Physical::BYTE_ARRAY, Some(LogicalType::String))
}

fn primitive(
    name: &str,
    physical: Physical,
    logical: Option<LogicalType>,
) -> Result<TypePtr, ParquetError> {
    let builder = Type::primitive_type_builder(name, physical).with_logical_type(logical);
    builder.with_repetition(Repetition::OPTIONAL).build().map(Arc::new)
}

/// The three levels that `LogicalTypes.md` asks for, under the names that it asks for.
fn list(name: &str) -> Result<TypePtr, ParquetError> {
    let list = Type::group_type_builder("list").with_fields(vec![text("element")?]);
    let list = list.with_repetition(Repetition::REPEATED).build()?;
    let outer = Type::group_type_builder(name).with_fields(vec![Arc::new(list)]);
    let outer = outer.with_logical_type(Some(LogicalType::List));
    outer.with_repetition(Repetition::OPTIONAL).build().map(Arc::new)
}

fn properties(
    descriptor: &SchemaDescriptor,
    dictionary: bool,
) -> Result<WriterPropertiesPtr, ParquetError> {
    let mut builder = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_dictionary_enabled(dictionary)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true);
    for leaf in descriptor.columns() {
        if leaf.physical_type() == Physical::INT64 {
            builder = builder
                .set_column_encoding(leaf.path().clone(), Encoding::DELTA_BINARY_PACKED)
                .set_column_statistics_enabled(leaf.path().clone(), EnabledStatistics::Chunk);
        }
    }
    Ok(Arc::new(builder.build()))
}
