//! The fields that are stored in the body, and what serde is told about them.

use syn::spanned::Spanned as _;
use syn::{GenericArgument, PathArguments, Type};

use crate::errors::{Errors, list};
use crate::model::{Field, Row, SerdeSetting, ungrouped};

/// Settings by which serde turns a struct as a whole into another value. A row's key columns are
/// not in its body, so there is no such whole.
const OF_WHOLE_STRUCTS: [&str; 5] = ["from", "try_from", "into", "remote", "transparent"];

pub(crate) fn check(row: &Row, errors: &mut Errors) {
    for setting in &row.serde {
        let name = &*setting.name;
        if OF_WHOLE_STRUCTS.contains(&name) {
            errors.push(
                setting.meta.span(),
                format!(
                    "serde's `{name}` can't apply to a table's row: the key columns are stored in \
                     the path and not in the body; convert a field by `#[serde(with = \"...\")]`"
                ),
            );
        }
    }
    let marked: Vec<_> = row.others().filter_map(mark).collect();
    if marked.is_empty() && !has(&row.serde, "default") {
        row.others().for_each(|field| unreadable(field, errors));
    }
    for field in row.others() {
        several_marks(field, errors);
        borrowed(field, errors);
    }
    let Some((first, flag, _)) = marked.first() else {
        return;
    };
    for (field, other, at) in marked.iter().skip(1) {
        errors.push(
            *at,
            format!(
                "`{}` can't be `{other}`: `{}` is `{flag}`, that is, the whole body; remove both to \
                 store them as one JSON object",
                field.ident, first.ident
            ),
        );
    }
    for field in row.others() {
        if mark(field).is_none() && !field.settings.is_damaged {
            errors.push(
                field.ident.span(),
                format!(
                    "`{}` would not be stored: `{}` is `{flag}`, that is, the whole body; make \
                     `{}` a key column, or remove `{flag}` to store both as one JSON object",
                    field.ident, first.ident, field.ident
                ),
            );
        }
    }
}

/// A row is read from bytes that are gone when it is handed over.
fn borrowed(field: &Field, errors: &mut Errors) {
    if has(&field.serde, "skip")
        || has(&field.serde, "deserialize_with")
        || has(&field.serde, "with")
    {
        return;
    }
    if let Some(reference) = first_reference(&field.ty) {
        errors.push_over(
            reference,
            format!(
                "`{}` can't borrow: a row owns what it is read from the store; use an owned type, such \
                 as `String` for `&str` or `Vec<T>` for `&[T]`",
                field.ident
            ),
        );
    }
}

/// A reference in a type or its parameters.
fn first_reference(ty: &Type) -> Option<&Type> {
    let ty = ungrouped(ty);
    match ty {
        Type::Reference(_) => Some(ty),
        Type::Path(path) => path.path.segments.iter().find_map(|segment| {
            let PathArguments::AngleBracketed(inner) = &segment.arguments else {
                return None;
            };
            inner.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => first_reference(ty),
                _ => None,
            })
        }),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(first_reference),
        Type::Array(array) => first_reference(&array.elem),
        _ => None,
    }
}

/// A field that is left out of a body is read only if it has a default.
fn unreadable(field: &Field, errors: &mut Errors) {
    let skip = "skip_serializing_if";
    let Some(setting) = field.serde.iter().find(|setting| setting.name == skip) else {
        return;
    };
    let read = ["default", "skip", "skip_deserializing", "flatten"];
    // serde takes a missing `Option` for `None`, unless it is read by a function.
    let by_function = ["with", "deserialize_with"]
        .iter()
        .any(|name| has(&field.serde, name));
    if read.iter().any(|name| has(&field.serde, name)) || is_option(&field.ty) && !by_function {
        return;
    }
    errors.push(
        setting.meta.span(),
        format!(
            "a row whose `{}` is left out could not be read back; add `#[serde(default)]` to it",
            field.ident
        ),
    );
}

fn is_option(ty: &Type) -> bool {
    matches!(ungrouped(ty), Type::Path(path) if path.path.segments.last().is_some_and(|s| s.ident == "Option"))
}

fn has(settings: &[SerdeSetting], name: &str) -> bool {
    settings.iter().any(|setting| setting.name == name)
}

/// The flag that makes a field the whole body.
fn mark(field: &Field) -> Option<(&Field, &'static str, proc_macro2::Span)> {
    let settings = &field.settings;
    let (flag, at) = [
        ("data", settings.data),
        ("bytes", settings.bytes),
        ("text", settings.text),
    ]
    .into_iter()
    .find_map(|(flag, at)| at.map(|at| (flag, at)))?;
    Some((field, flag, at))
}

fn several_marks(field: &Field, errors: &mut Errors) {
    let settings = &field.settings;
    let marks: Vec<_> = [
        ("data", settings.data),
        ("bytes", settings.bytes),
        ("text", settings.text),
    ]
    .into_iter()
    .filter_map(|(flag, at)| at.map(|at| (format!("`{flag}`"), at)))
    .collect();
    if let [_, (_, at), ..] = &*marks {
        let flags: Vec<_> = marks.iter().map(|(flag, _)| flag.clone()).collect();
        errors.push(
            *at,
            format!(
                "`{}` can't be {} at once: a body has one format; keep one of them",
                field.ident,
                list(&flags, "and")
            ),
        );
    }
}
