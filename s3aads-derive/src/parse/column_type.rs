//! `#[derive(KeyColumn)]`.

use syn::ext::IdentExt;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DataEnum, DeriveInput, Fields, Ident, parse_quote};

use super::attr::{self, unknown};
use crate::errors::Errors;
use crate::model::{ColumnType, Shape, Spanned, Variant, snake_case};

/// The key column that a type says; none if not even a stub can stand for it.
pub(crate) fn column_type(input: &DeriveInput, errors: &mut Errors) -> Option<ColumnType> {
    if !input.generics.params.is_empty() {
        errors.push_over(
            &input.generics.params,
            "a key column's type can't be generic: its stored form must be known",
        );
    }
    let mut column = ColumnType {
        ident: input.ident.clone(),
        runtime: parse_quote!(::s3aads),
        shape: shape(input, errors),
    };
    for setting in attr::settings(&input.attrs, errors).settings {
        match &*setting.name() {
            "crate" => {
                if let Some(path) = setting.path(errors) {
                    column.runtime = path;
                }
            }
            "ord" => {
                let span = setting.flag(errors);
                match (&mut column.shape, span) {
                    (Shape::Newtype { ord, .. }, Some(_)) => *ord = true,
                    (Shape::Enum(_), Some(span)) => errors.push(
                        span,
                        "`ord` is for newtypes: ranges of an enum are in the order of its own `Ord`",
                    ),
                    _ => {}
                }
            }
            _ => unknown(&setting, "a key column's type", &["crate", "ord"], errors),
        }
    }
    input.generics.params.is_empty().then_some(column)
}

fn shape(input: &DeriveInput, errors: &mut Errors) -> Shape {
    let (at, what) = match &input.data {
        Data::Enum(data) => return Shape::Enum(variants(data, errors)),
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) => {
                let mut fields = fields.unnamed.iter();
                if let (Some(only), None) = (fields.next(), fields.next()) {
                    no_settings(&only.attrs, "a newtype's field", errors);
                    let ty = Box::new(only.ty.clone());
                    return Shape::Newtype { ty, ord: false };
                }
                (data.fields.span(), "a tuple struct of several fields")
            }
            Fields::Named(fields) => (fields.span(), "a struct with named fields"),
            Fields::Unit => (input.ident.span(), "a struct without fields"),
        },
        Data::Union(data) => (data.union_token.span, "a union"),
    };
    errors.push(
        at,
        format!(
            "{what} can't be a key column: a column is one text; use a newtype (`struct {}(u64);`) \
             or an enum without fields",
            input.ident
        ),
    );
    Shape::Unsupported
}

fn variants(data: &DataEnum, errors: &mut Errors) -> Vec<Variant> {
    data.variants
        .iter()
        .map(|variant| {
            if !matches!(variant.fields, Fields::Unit) {
                errors.push(
                    variant.fields.span(),
                    "a key column's variant can't have fields: it is stored as its name",
                );
            }
            Variant {
                ident: variant.ident.clone(),
                stored_name: variant_name(&variant.ident, &variant.attrs, errors),
            }
        })
        .collect()
}

fn variant_name(ident: &Ident, attrs: &[Attribute], errors: &mut Errors) -> Spanned<String> {
    let mut name = Spanned {
        value: snake_case(&ident.unraw().to_string()),
        span: ident.span(),
    };
    for setting in attr::settings(attrs, errors).settings {
        match &*setting.name() {
            "rename" => {
                if let Some(rename) = setting.text(errors) {
                    name = rename;
                }
            }
            _ => unknown(&setting, "a variant", &["rename"], errors),
        }
    }
    name
}

fn no_settings(attrs: &[Attribute], place: &str, errors: &mut Errors) {
    for setting in attr::settings(attrs, errors).settings {
        errors.push(setting.span(), format!("{place} takes no settings"));
    }
}
