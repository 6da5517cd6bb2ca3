//! `#[derive(S3Table)]`.

use syn::ext::IdentExt;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Fields, Meta, parse_quote};

use super::attr::{self, unknown};
use super::serde;
use crate::errors::Errors;
use crate::model::{Compression, Field, FieldSettings, Layout, Row, Spanned, snake_case};

const ON_STRUCT: [&str; 6] = ["table", "layout", "compress", "handle", "index", "crate"];
const ON_FIELD: [&str; 11] = [
    "key",
    "width",
    "ordered",
    "descending",
    "packed",
    "rename",
    "plural",
    "index",
    "data",
    "bytes",
    "text",
];

/// The row that a struct says; none if not even a stub can stand for it.
pub(crate) fn row(input: &DeriveInput, errors: &mut Errors) -> Option<Row> {
    let fields = named_fields(input, errors);
    if !input.generics.params.is_empty() {
        errors.push_over(
            &input.generics.params,
            "a table's row can't be generic: its key columns and their stored form must be known; \
             write one struct for each table",
        );
    }
    let mut row = Row {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        is_struct: fields.is_some(),
        runtime: parse_quote!(::s3aads),
        table: Spanned {
            value: snake_case(&input.ident.unraw().to_string()),
            span: input.ident.span(),
        },
        layout: Layout::default(),
        compress: None,
        handle: None,
        indexes: Vec::new(),
        fields: Vec::new(),
        serde: serde::settings(&input.attrs, errors),
    };
    struct_settings(input, &mut row, errors);
    for syn_field in fields.into_iter().flatten() {
        if let Some(ident) = &syn_field.ident {
            row.fields.push(Field {
                ident: ident.clone(),
                ty: syn_field.ty.clone(),
                settings: field_settings(syn_field, errors),
                serde: serde::settings(&syn_field.attrs, errors),
                docs: docs(&syn_field.attrs),
            });
        }
    }
    input.generics.params.is_empty().then_some(row)
}

fn named_fields<'a>(
    input: &'a DeriveInput,
    errors: &mut Errors,
) -> Option<impl Iterator<Item = &'a syn::Field> + use<'a>> {
    let (at, what) = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(_) | Fields::Unit => return Some(data.fields.iter()),
            Fields::Unnamed(fields) => (fields.span(), "a tuple struct"),
        },
        Data::Enum(data) => (data.enum_token.span, "an enum"),
        Data::Union(data) => (data.union_token.span, "a union"),
    };
    errors.push(
        at,
        format!("{what} can't be a table's row: its columns have no names; use a struct with named fields"),
    );
    None
}

fn struct_settings(input: &DeriveInput, row: &mut Row, errors: &mut Errors) {
    for setting in attr::settings(&input.attrs, errors).settings {
        match &*setting.name() {
            "table" => {
                if let Some(table) = setting.text(errors) {
                    row.table = table;
                }
            }
            "layout" => {
                if let Some(layout) = setting.text(errors) {
                    match &*layout.value {
                        "plain" => row.layout = Layout::Plain,
                        "hive" => row.layout = Layout::Hive,
                        other => errors.push(
                            layout.span,
                            format!("unknown layout {other:?}: it is \"plain\" or \"hive\""),
                        ),
                    }
                }
            }
            "compress" => {
                if let Some(compression) = setting.text(errors) {
                    match &*compression.value {
                        "gzip" => {
                            row.compress = Some(Spanned {
                                value: Compression::Gzip,
                                span: compression.span,
                            });
                        }
                        other => errors.push(
                            compression.span,
                            format!("unknown compression {other:?}: it is \"gzip\""),
                        ),
                    }
                }
            }
            "handle" => row.handle = setting.ident(errors),
            "index" => row.indexes.extend(setting.index(errors)),
            "crate" => {
                if let Some(path) = setting.path(errors) {
                    row.runtime = path;
                }
            }
            name if ON_FIELD.contains(&name) => errors.push(
                setting.span(),
                format!("`{name}` is a setting of fields; write it above the field that it is for"),
            ),
            _ => unknown(&setting, "a struct", &ON_STRUCT, errors),
        }
    }
}

fn field_settings(field: &syn::Field, errors: &mut Errors) -> FieldSettings {
    let mut read = FieldSettings::default();
    let settings = attr::settings(&field.attrs, errors);
    read.is_damaged = settings.is_damaged;
    for setting in settings.settings {
        match &*setting.name() {
            "key" => read.key = setting.flag(errors),
            "width" => read.width = setting.width(errors),
            "ordered" => read.ordered = setting.flag(errors),
            "descending" => read.descending = setting.flag(errors),
            "packed" => read.packed = setting.flag(errors),
            "rename" => read.rename = setting.text(errors),
            "plural" => read.plural = setting.ident(errors),
            "index" => read.index = setting.flag(errors),
            "data" => read.data = setting.flag(errors),
            "bytes" => read.bytes = setting.flag(errors),
            "text" => read.text = setting.flag(errors),
            name => {
                read.is_damaged = true;
                if ON_STRUCT.contains(&name) {
                    errors.push(
                        setting.span(),
                        format!("`{name}` is a setting of the struct; write it above the struct"),
                    );
                } else {
                    unknown(&setting, "a field", &ON_FIELD, errors);
                }
            }
        }
    }
    read
}

/// The comments; not settings of the documentation, as `#[doc(hidden)]` is.
fn docs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs
        .iter()
        .filter(|attr| matches!(&attr.meta, Meta::NameValue(pair) if pair.path.is_ident("doc")))
        .cloned()
        .collect()
}
